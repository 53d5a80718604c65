import { randomUUID } from 'node:crypto'
import type { ConformanceCase } from '../case.js'
import { check, collect, holds, mistakes, race, refused, rejects, same } from '../expect.js'
import type { Harness } from '../harness.js'

const onPending = {
  needs: { writable: true, pending: 'native' },
  otherwise: refused((h) => h.store.promote(h.name(), 'v1')),
} as const

const onDisable = {
  needs: { writable: true, pending: 'native', versionDisable: true },
  otherwise: refused((h) =>
    h.capabilities.pending === 'native'
      ? h.store.setVersionState(h.name(), 'v1', 'disabled')
      : h.store.promote(h.name(), 'v1'),
  ),
} as const

async function staged(h: Harness) {
  const [old, value] = [h.value(), h.value()]
  const { name, version } = await h.given(old)
  await h.nextSecond()
  const pending = (await h.store.put(name, value, { stage: 'pending' })).version
  return { name, old, value, version, pending }
}

async function previousIs(h: Harness, name: string, version: string, value: string): Promise<void> {
  if (h.capabilities.versionOrder === 'none') return
  const previous = await h.store.get(name, { stage: 'previous' })
  holds(previous, value, 'the previous value')
  same(previous.version, version, 'the previous version')
}

export const promoteCases: readonly ConformanceCase[] = [
  {
    id: 'promote/pending-becomes-current',
    title: 'promote makes the pending version current and the old one previous, and takes pending off it',
    ...onPending,
    async run(h) {
      const { name, old, value, version, pending } = await staged(h)
      const result = await h.store.promote(name, pending, { ifCurrent: version })
      same(result, { version: pending, previous: version }, 'the result')
      holds(await h.store.get(name), value, 'the current value')
      await previousIs(h, name, version, old)
      same((await h.store.describe(name)).pending, undefined, 'what is pending')
      await rejects(() => h.store.get(name, { stage: 'pending' }), 'NOT_FOUND')
    },
  },
  {
    id: 'promote/already-current',
    title:
      'promoting what is current is success, also when the same fenced call is repeated, and moves nothing',
    ...onPending,
    async run(h) {
      const { name, old, version, pending } = await staged(h)
      await h.store.promote(name, pending, { ifCurrent: version })
      same((await h.store.promote(name, pending, { ifCurrent: version })).version, pending, 'the repeat')
      same((await h.store.promote(name, pending)).version, pending, 'the repeat without a fence')
      await previousIs(h, name, version, old)
    },
  },
  {
    id: 'promote/fenced',
    title: 'promote with an ifCurrent that is no longer current is CONFLICT, and nothing moves',
    ...onPending,
    async run(h) {
      const { name, versions, values } = await h.history(2)
      await h.nextSecond()
      const { version } = await h.store.put(name, h.value(), { stage: 'pending' })
      await rejects(() => h.store.promote(name, version, { ifCurrent: versions[0] }), 'CONFLICT')
      holds(await h.store.get(name), values[1] ?? '', 'the current value')
      same((await h.store.describe(name)).pending, version, 'what is pending')
    },
  },
  {
    id: 'promote/older-version',
    title: 'any enabled version can be promoted: an older one becomes current again',
    ...onPending,
    async run(h) {
      const { name, versions, values } = await h.history(3)
      const result = await h.store.promote(name, versions[0] ?? '', { ifCurrent: versions[2] })
      same(result, { version: versions[0], previous: versions[2] }, 'the result')
      holds(await h.store.get(name), values[0] ?? '', 'the current value')
      await previousIs(h, name, versions[2] ?? '', values[2] ?? '')
      same((await collect(h.store.versions(name))).length, 3, 'the number of versions')
    },
  },
  {
    id: 'promote/race',
    title: 'of many promotions with the same ifCurrent exactly one wins; the others get CONFLICT',
    ...onPending,
    async run(h) {
      const { name, versions } = await h.history(6)
      const current = versions[5]
      const calls = versions.slice(0, 5).map((to) => h.store.promote(name, to, { ifCurrent: current }))
      const { won, lost } = await race(calls)
      same(won.length, 1, 'the number of winners')
      same([...new Set(lost)], ['CONFLICT'], 'what losers get')
      same((await h.store.get(name)).version, versions[won[0] ?? -1], 'the current version')
    },
  },
  {
    id: 'promote/missing-version',
    title: 'promoting a version that does not exist is NOT_FOUND, and current stays',
    ...onPending,
    async run(h) {
      const value = h.value()
      const { name } = await h.given(value)
      await rejects(() => h.store.promote(name, randomUUID()), 'NOT_FOUND')
      holds(await h.store.get(name), value)
    },
  },
  {
    id: 'promote/disabled',
    title: 'promoting a disabled version is DISABLED, and current stays',
    ...onDisable,
    async run(h) {
      const { name, versions, values } = await h.history(2)
      await h.store.setVersionState(name, versions[0] ?? '', 'disabled')
      await rejects(() => h.store.promote(name, versions[0] ?? ''), 'DISABLED')
      holds(await h.store.get(name), values[1] ?? '')
    },
  },
  {
    id: 'promote/other-pending-stays',
    title: 'promoting another version leaves what is pending readable by its version',
    ...onPending,
    async run(h) {
      const { name, versions } = await h.history(2)
      await h.nextSecond()
      const value = h.value()
      const { version } = await h.store.put(name, value, { stage: 'pending' })
      await h.store.promote(name, versions[0] ?? '')
      holds(await h.store.get(name, { version }), value)
    },
  },
  {
    id: 'promote/wrong-options',
    title: 'a version or ifCurrent that is no id is a TypeError that names the field',
    ...onPending,
    async run(h) {
      const { name, version } = await h.given()
      for (const wrong of ['', 'a b', 12 as unknown as string]) {
        await mistakes(() => h.store.promote(name, wrong), 'version')
        await mistakes(() => h.store.promote(name, version, { ifCurrent: wrong }), 'ifCurrent')
      }
    },
  },
  {
    id: 'promote/lost-reply',
    title: 'a promotion whose answer is lost says that its outcome is unknown, and may be repeated',
    ...onPending,
    uses: ['reply-lost'],
    async run(h) {
      const { name, value, version, pending } = await staged(h)
      h.inject('reply-lost')
      const error = await rejects(
        () => h.store.promote(name, pending, { ifCurrent: version }),
        ['UNAVAILABLE', 'TIMEOUT'],
      )
      h.mend()
      check(error.outcomeUnknown, 'outcomeUnknown is false')
      same((await h.store.promote(name, pending, { ifCurrent: version })).version, pending, 'the repeat')
      holds(await h.store.get(name), value)
    },
  },
]
