import type { ConformanceCase } from '../case.js'
import { holds, refused, rejects, same } from '../expect.js'
import type { Harness } from '../harness.js'

/** Everywhere that can be written; by promotion where pending is native, else by a new version. */
const onHistory = {
  needs: { writable: true, versionOrder: ['total', 'partial'] },
  otherwise: async (h: Harness) => {
    if (h.capabilities.writable) return onNamed.run(h)
    await refused((each) => each.store.put(each.name(), each.value()))(h)
  },
} as const

const onNamed = {
  needs: { writable: true },
  otherwise: refused((h) => h.store.put(h.name(), h.value())),
  async run(h: Harness) {
    const { name, versions, values } = await h.history(3)
    const { version } = await h.store.rollback(name, { to: versions[0], ifCurrent: versions[2] })
    const secret = await h.store.get(name)
    holds(secret, values[0] ?? '')
    same(secret.version, version, 'the current version')
  },
} as const

export const rollbackCases: readonly ConformanceCase[] = [
  {
    id: 'rollback/to-version',
    title: 'rollback to a version makes its value current and gives the version that is current now',
    ...onNamed,
  },
  {
    id: 'rollback/previous',
    title: 'rollback without a version makes the previous value current',
    ...onHistory,
    async run(h) {
      const { name, versions, values } = await h.history(2)
      const { version } = await h.store.rollback(name, { ifCurrent: versions[1] })
      const secret = await h.store.get(name)
      holds(secret, values[0] ?? '')
      same(secret.version, version, 'the current version')
    },
  },
  {
    id: 'rollback/without-fence',
    title: 'rollback without ifCurrent works once',
    ...onHistory,
    async run(h) {
      const { name, values } = await h.history(2)
      await h.store.rollback(name)
      holds(await h.store.get(name), values[0] ?? '')
    },
  },
  {
    id: 'rollback/repeatable',
    title: 'rollback with ifCurrent may be repeated: the second time is success and moves nothing',
    ...onHistory,
    async run(h) {
      const { name, versions, values } = await h.history(2)
      const first = await h.store.rollback(name, { ifCurrent: versions[1] })
      await h.nextSecond()
      const second = await h.store.rollback(name, { ifCurrent: versions[1] })
      same(second, first, 'the result of the repeat')
      holds(await h.store.get(name), values[0] ?? '')
    },
  },
  {
    id: 'rollback/moved-on',
    title: 'rollback with an ifCurrent that is no longer current is CONFLICT, and current stays',
    ...onHistory,
    async run(h) {
      const { name, versions, values } = await h.history(3)
      await rejects(() => h.store.rollback(name, { ifCurrent: versions[1] }), 'CONFLICT')
      holds(await h.store.get(name), values[2] ?? '')
    },
  },
  {
    id: 'rollback/same-value',
    title:
      'rollback to the version that is current, or on a store without promotion to its value, moves nothing',
    ...onNamed,
    async run(h) {
      const { name, versions } = await h.history(2)
      const current = versions[1]
      same(await h.store.rollback(name, { to: current }), { version: current }, 'the result')
      same((await h.store.get(name)).version, current, 'the current version')
    },
  },
  {
    id: 'rollback/no-previous',
    title: 'rollback of a secret with one version is NOT_FOUND, and the value stays',
    ...onHistory,
    async run(h) {
      const value = h.value()
      const { name } = await h.given(value)
      await rejects(() => h.store.rollback(name), 'NOT_FOUND')
      holds(await h.store.get(name), value)
    },
  },
  {
    id: 'rollback/missing',
    title: 'rollback of a missing secret, or to a missing version, is NOT_FOUND',
    ...onNamed,
    async run(h) {
      await rejects(() => h.store.rollback(h.name(), { to: 'v1' }), 'NOT_FOUND')
      const { name } = await h.given()
      const to = '00000000-0000-0000-0000-00000000dead'
      await rejects(() => h.store.rollback(name, { to }), 'NOT_FOUND')
    },
  },
  {
    id: 'rollback/kind',
    title: 'rollback brings back bytes as bytes',
    ...onNamed,
    async run(h) {
      const bytes = Uint8Array.of(0, 255, 13, 10)
      const { name, version } = await h.given(bytes)
      await h.nextSecond()
      await h.store.put(name, h.value())
      await h.store.rollback(name, { to: version })
      const secret = await h.store.get(name)
      holds(secret, bytes)
      same(secret.kind, 'binary', 'the kind')
    },
  },
]
