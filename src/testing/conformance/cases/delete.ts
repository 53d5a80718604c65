import type { DeleteOptions } from '../../../store.js'
import type { ConformanceCase } from '../case.js'
import { check, collect, holds, mistakes, refused, rejects, same } from '../expect.js'

const onTrash = {
  needs: { writable: true, deleteRecoverable: true },
  otherwise: refused((h) => h.store.delete(h.name())),
} as const

const onPurge = {
  needs: { writable: true, purge: true },
  otherwise: refused((h) => h.store.delete(h.name(), { purge: true })),
} as const

export const deleteCases: readonly ConformanceCase[] = [
  {
    id: 'delete/recoverable',
    title:
      'a deleted secret is PENDING_DELETION for get and find, and if describe says until when it can be restored, it says as delete did',
    ...onTrash,
    async run(h) {
      const { name, version } = await h.given()
      const { recoverableUntil } = await h.store.delete(name)
      await rejects(() => h.store.get(name), 'PENDING_DELETION')
      await rejects(() => h.store.find(name), 'PENDING_DELETION')
      await rejects(() => h.store.get(name, { version }), 'PENDING_DELETION')
      const info = await h.store.describe(name)
      same(info.state, 'deleted', 'the described state')
      if (recoverableUntil === undefined) return
      check(recoverableUntil.getTime() > h.now(), 'recoverableUntil lies in the past')
      if (info.recoverableUntil === undefined) return
      same(info.recoverableUntil, recoverableUntil, 'the described recoverableUntil')
    },
  },
  {
    id: 'delete/no-trash-says-purge',
    title: 'where there is no trash a plain delete is UNSUPPORTED, deletes nothing, and says to pass purge',
    needs: { writable: true, deleteRecoverable: true },
    async run(h) {
      const { name } = await h.given()
      await h.store.delete(name)
      await h.store.restore(name)
    },
    async otherwise(h) {
      await onTrash.otherwise(h)
      const value = h.value()
      const { name } = await h.given(value)
      const error = await rejects(() => h.store.delete(name), 'UNSUPPORTED')
      check(!h.capabilities.writable || error.message.includes('purge'), `no word of purge: ${error.message}`)
      holds(await h.store.get(name), value)
    },
  },
  {
    id: 'delete/put-on-deleted',
    title:
      'a put on a name in the trash is PENDING_DELETION, whatever its preconditions; nothing is purged for it',
    ...onTrash,
    async run(h) {
      const value = h.value()
      const { name, version } = await h.given(value)
      await h.store.delete(name)
      await rejects(() => h.store.put(name, h.value()), 'PENDING_DELETION')
      if (h.capabilities.putIfAbsent !== 'none') {
        await rejects(() => h.store.put(name, h.value(), { ifAbsent: true }), 'PENDING_DELETION')
      }
      if (h.capabilities.putIfVersion !== 'none') {
        await rejects(() => h.store.put(name, h.value(), { ifVersion: version }), 'PENDING_DELETION')
      }
      await h.store.restore(name)
      holds(await h.store.get(name), value)
    },
  },
  {
    id: 'delete/on-deleted-restore',
    title: 'onDeleted restore takes the secret out of the trash and stores the value as a new version',
    ...onTrash,
    async run(h) {
      const [old, value] = [h.value(), h.value()]
      const { name, version } = await h.given(old)
      await h.store.delete(name)
      await h.nextSecond()
      const stored = await h.store.put(name, value, { onDeleted: 'restore' })
      holds(await h.store.get(name), value)
      holds(await h.store.get(name, { version }), old, 'the value of the old version')
      same((await h.store.get(name)).version, stored.version, 'the current version')
      same((await h.store.describe(name)).state, 'active', 'the state')
    },
  },
  {
    id: 'delete/twice',
    title: 'deleting what is deleted already is PENDING_DELETION',
    ...onTrash,
    async run(h) {
      const { name } = await h.given()
      await h.store.delete(name)
      await rejects(() => h.store.delete(name), 'PENDING_DELETION')
    },
  },
  {
    id: 'delete/window-ends',
    title: 'after its window a deleted secret is gone: NOT_FOUND, and the name is free',
    ...onTrash,
    uses: ['clock'],
    async run(h) {
      const { name } = await h.given()
      const { recoverableUntil } = await h.store.delete(name)
      if (recoverableUntil === undefined) return
      await h.advance(recoverableUntil.getTime() - h.now() + 1_000)
      await rejects(() => h.store.get(name), 'NOT_FOUND')
      await rejects(() => h.store.restore(name), 'NOT_FOUND')
      const value = h.value()
      await h.store.put(name, value)
      holds(await h.store.get(name), value)
    },
  },
  {
    id: 'delete/only-that-one',
    title: 'deleting a secret leaves those beside and below its name',
    ...onTrash,
    async run(h) {
      const { name } = await h.given()
      const value = h.value()
      for (const other of [`${name}/below`, `${name}-beside`]) await h.store.put(other, value)
      await h.store.delete(name)
      for (const other of [`${name}/below`, `${name}-beside`]) holds(await h.store.get(other), value)
    },
  },
  {
    id: 'delete/purge',
    title: 'purge deletes for good: NOT_FOUND, nothing to restore, and the name is free at once',
    ...onPurge,
    async run(h) {
      const { name, versions } = await h.history(2)
      const result = await h.store.delete(name, { purge: true })
      same(result.recoverableUntil, undefined, 'recoverableUntil of a purge')
      await rejects(() => h.store.get(name), 'NOT_FOUND')
      same(await h.store.find(name), undefined, 'find')
      const value = h.value()
      const { version } = await h.store.put(name, value)
      holds(await h.store.get(name), value)
      same(
        (await collect(h.store.versions(name))).map((info) => info.version),
        [version],
        'the versions',
      )
      const old = versions.find((each) => each !== version) ?? ''
      await rejects(() => h.store.get(name, { version: old }), 'NOT_FOUND')
    },
  },
  {
    id: 'delete/purge-of-deleted',
    title: 'purge also empties the trash of a name',
    needs: { writable: true, purge: true, deleteRecoverable: true },
    otherwise: refused((h) =>
      h.store.delete(h.name(), { purge: h.capabilities.deleteRecoverable || !h.capabilities.writable }),
    ),
    async run(h) {
      const { name } = await h.given()
      await h.store.delete(name)
      await h.store.delete(name, { purge: true })
      await rejects(() => h.store.get(name), 'NOT_FOUND')
      await rejects(() => h.store.restore(name), 'NOT_FOUND')
      await rejects(() => h.store.describe(name), 'NOT_FOUND')
    },
  },
  {
    id: 'delete/wrong-options',
    title: 'purge that is no boolean is a TypeError that names the field, and deletes nothing',
    needs: [
      { writable: true, purge: true },
      { writable: true, deleteRecoverable: true },
    ],
    otherwise: refused((h) => h.store.delete(h.name(), { purge: true })),
    async run(h) {
      const value = h.value()
      const { name } = await h.given(value)
      await mistakes(() => h.store.delete(name, { purge: 'yes' } as unknown as DeleteOptions), 'purge')
      holds(await h.store.get(name), value)
    },
  },
]
