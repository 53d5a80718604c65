import type { ConformanceCase } from '../case.js'
import { check, collect, holds, refused, rejects, same } from '../expect.js'

const onPending = {
  needs: { writable: true, pending: 'native' },
  otherwise: refused((h) => h.store.put(h.name(), h.value(), { stage: 'pending' })),
} as const

export const pendingCases: readonly ConformanceCase[] = [
  {
    id: 'pending/invisible',
    title: 'a pending value is not seen by plain readers, current or newest-enabled',
    ...onPending,
    async run(h) {
      const value = h.value()
      const { name, version } = await h.given(value)
      await h.store.put(name, h.value(), { stage: 'pending' })
      holds(await h.store.get(name), value)
      const newest = await h.store.get(name, { stage: 'newest-enabled' })
      same(newest.version, version, 'the newest enabled version')
      same((await h.store.describe(name)).current?.version, version, 'the described current version')
    },
  },
  {
    id: 'pending/readable',
    title: 'a pending value is read by its stage and by its version, and says its stage',
    ...onPending,
    async run(h) {
      const { name } = await h.given()
      const value = h.value()
      const { version } = await h.store.put(name, value, { stage: 'pending' })
      for (const secret of [
        await h.store.get(name, { stage: 'pending' }),
        await h.store.get(name, { version }),
      ]) {
        holds(secret, value)
        same(secret.version, version, 'the version')
        same(secret.stages, ['pending'], 'the stages')
      }
      same((await h.store.describe(name)).pending, version, 'what describe says is pending')
      const infos = await collect(h.store.versions(name))
      const pending = infos.filter(({ stages }) => stages.includes('pending'))
      same(
        pending.map((info) => info.version),
        [version],
        'the pending versions of the history',
      )
    },
  },
  {
    id: 'pending/none',
    title: 'where nothing is pending stage pending is NOT_FOUND and describe says nothing',
    ...onPending,
    async run(h) {
      const { name } = await h.given()
      await rejects(() => h.store.get(name, { stage: 'pending' }), 'NOT_FOUND')
      same((await h.store.describe(name)).pending, undefined, 'what is pending')
    },
  },
  {
    id: 'pending/stage-unsupported',
    title: 'stage pending can be read where pending is native; elsewhere it is UNSUPPORTED before the wire',
    needs: { pending: 'native' },
    otherwise: refused((h) => h.store.get(h.name(), { stage: 'pending' })),
    async run(h) {
      await rejects(() => h.store.get(h.name(), { stage: 'pending' }), 'NOT_FOUND')
    },
  },
  {
    id: 'pending/replaced',
    title: 'a later pending put takes the place of the first',
    ...onPending,
    async run(h) {
      const { name } = await h.given()
      const [first, value] = [await h.store.put(name, h.value(), { stage: 'pending' }), h.value()]
      await h.nextSecond()
      const second = await h.store.put(name, value, { stage: 'pending' })
      check(first.version !== second.version, 'both puts gave the same version')
      holds(await h.store.get(name, { stage: 'pending' }), value)
      same((await h.store.describe(name)).pending, second.version, 'what is pending')
    },
  },
  {
    id: 'pending/first-ever',
    title:
      'a pending value may be the first of its name, with nothing current; or it is CONFLICT, and nothing is there',
    ...onPending,
    async run(h) {
      const [name, value] = [h.name(), h.value()]
      const first = h.store.put(name, value, { stage: 'pending' })
      const [settled] = await Promise.allSettled([first])
      await rejects(() => h.store.get(name), 'NOT_FOUND')
      if (settled.status === 'rejected') {
        await rejects(() => first, 'CONFLICT')
        await rejects(() => h.store.describe(name), 'NOT_FOUND')
        return
      }
      const { version } = settled.value
      holds(await h.store.get(name, { stage: 'pending' }), value)
      const { current, pending } = await h.store.describe(name)
      same({ current, pending }, { current: undefined, pending: version }, 'describe')
      await h.store.promote(name, version)
      holds(await h.store.get(name), value)
    },
  },
  {
    id: 'pending/keeps-tags',
    title: 'a pending put keeps the tags of the secret',
    needs: { writable: true, pending: 'native', tagScope: ['secret', 'version'] },
    otherwise: refused((h) => h.store.put(h.name(), h.value(), { stage: 'pending', tags: { team: 'red' } })),
    async run(h) {
      const { name } = await h.given(h.value(), { tags: { team: 'red' } })
      const { version } = await h.store.put(name, h.value(), { stage: 'pending' })
      same((await h.store.describe(name)).tags, { team: 'red' }, 'the tags while it is pending')
      await h.store.promote(name, version)
      same((await h.store.describe(name)).tags, { team: 'red' }, 'the tags after the promotion')
    },
  },
]
