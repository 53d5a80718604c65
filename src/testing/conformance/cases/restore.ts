import type { ConformanceCase } from '../case.js'
import { collect, holds, refused, same, sameMembers } from '../expect.js'

const onTrash = {
  needs: { writable: true, deleteRecoverable: true },
  otherwise: refused((h) => h.store.restore(h.name())),
} as const

export const restoreCases: readonly ConformanceCase[] = [
  {
    id: 'restore/everything',
    title: 'restore brings back the value, the version, the stages and the history',
    ...onTrash,
    async run(h) {
      const { name, versions, values } = await h.history(2)
      await h.store.delete(name)
      same(await h.store.restore(name), undefined, 'the result')
      const secret = await h.store.get(name)
      holds(secret, values[1] ?? '')
      same(secret.version, versions[1], 'the version')
      sameMembers(
        (await collect(h.store.versions(name))).map(({ version }) => version),
        versions,
        'the versions',
      )
      holds(await h.store.get(name, { version: versions[0] }), values[0] ?? '', 'the older value')
      const info = await h.store.describe(name)
      same([info.state, info.recoverableUntil], ['active', undefined], 'the described state')
    },
  },
  {
    id: 'restore/tags',
    title: 'restore brings back the tags',
    needs: { writable: true, deleteRecoverable: true, tagScope: ['secret', 'version'] },
    otherwise: refused((h) =>
      h.capabilities.deleteRecoverable
        ? h.store.put(h.name(), h.value(), { tags: { team: 'red' } })
        : h.store.restore(h.name()),
    ),
    async run(h) {
      const { name } = await h.given(h.value(), { tags: { team: 'red' } })
      await h.store.delete(name)
      await h.store.restore(name)
      same((await h.store.describe(name)).tags, { team: 'red' }, 'the tags')
    },
  },
  {
    id: 'restore/writable-again',
    title: 'a restored secret is written to like any other, and can be deleted again',
    ...onTrash,
    async run(h) {
      const { name } = await h.given()
      await h.store.delete(name)
      await h.store.restore(name)
      const value = h.value()
      await h.nextSecond()
      await h.store.put(name, value)
      holds(await h.store.get(name), value)
      await h.store.delete(name)
      await h.store.restore(name)
      holds(await h.store.get(name), value)
    },
  },
  {
    id: 'restore/not-deleted',
    title:
      'restoring what is not deleted changes nothing and is no error (the contract is silent; a repeat must not fail)',
    ...onTrash,
    async run(h) {
      const value = h.value()
      const { name, version } = await h.given(value)
      await h.store.restore(name)
      const secret = await h.store.get(name)
      holds(secret, value)
      same(secret.version, version, 'the version')
    },
  },
]
