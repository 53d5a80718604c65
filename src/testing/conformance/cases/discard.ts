import { randomUUID } from 'node:crypto'
import type { ConformanceCase } from '../case.js'
import { holds, mistakes, refused, rejects, same } from '../expect.js'

const onPending = {
  needs: { writable: true, pending: 'native' },
  otherwise: refused((h) => h.store.discard(h.name(), 'v1')),
} as const

export const discardCases: readonly ConformanceCase[] = [
  {
    id: 'discard/pending',
    title: 'discard drops the pending version: nothing is pending, current stays, another can be put',
    ...onPending,
    async run(h) {
      const value = h.value()
      const { name } = await h.given(value)
      const { version } = await h.store.put(name, h.value(), { stage: 'pending' })
      same(await h.store.discard(name, version), undefined, 'the result')
      await rejects(() => h.store.get(name, { stage: 'pending' }), 'NOT_FOUND')
      same((await h.store.describe(name)).pending, undefined, 'what is pending')
      holds(await h.store.get(name), value, 'the current value')
      const next = h.value()
      await h.store.put(name, next, { stage: 'pending' })
      holds(await h.store.get(name, { stage: 'pending' }), next, 'the next pending value')
    },
  },
  {
    id: 'discard/not-pending',
    title: 'discarding a version that is current or old is CONFLICT, and it stays',
    ...onPending,
    async run(h) {
      const { name, versions, values } = await h.history(2)
      for (const [index, version] of versions.entries()) {
        await rejects(() => h.store.discard(name, version), 'CONFLICT')
        holds(await h.store.get(name, { version }), values[index] ?? '')
      }
    },
  },
  {
    id: 'discard/promoted',
    title: 'discarding a version that was promoted meanwhile is CONFLICT, and it stays current',
    ...onPending,
    async run(h) {
      const { name } = await h.given()
      const value = h.value()
      const { version } = await h.store.put(name, value, { stage: 'pending' })
      await h.store.promote(name, version)
      await rejects(() => h.store.discard(name, version), 'CONFLICT')
      holds(await h.store.get(name), value)
    },
  },
  {
    id: 'discard/missing-version',
    title:
      'discarding a version that does not exist is NOT_FOUND, or CONFLICT where none can be told from an old one',
    ...onPending,
    async run(h) {
      const { name } = await h.given()
      await rejects(() => h.store.discard(name, randomUUID()), ['NOT_FOUND', 'CONFLICT'])
    },
  },
  {
    id: 'discard/wrong-version',
    title: 'a version that is no id is a TypeError that names the field',
    ...onPending,
    async run(h) {
      await mistakes(() => h.store.discard(h.name(), 'a b'), 'version')
    },
  },
]
