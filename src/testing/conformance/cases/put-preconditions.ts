import { randomUUID } from 'node:crypto'
import type { ConformanceCase } from '../case.js'
import { check, collect, holds, race, refused, rejects, same } from '../expect.js'
import type { Harness } from '../harness.js'

const onIfVersion = {
  needs: { writable: true, putIfVersion: ['atomic', 'checked'] },
  otherwise: refused((h) => h.store.put(h.name(), h.value(), { ifVersion: 'v1' })),
} as const

const onIfAbsent = {
  needs: { writable: true, putIfAbsent: ['atomic', 'checked'] },
  otherwise: refused((h) => h.store.put(h.name(), h.value(), { ifAbsent: true })),
} as const

const onPendingIfAbsent = {
  needs: { writable: true, pending: 'native', putIfAbsent: ['atomic', 'checked'] },
  otherwise: refused((h) => h.store.put(h.name(), h.value(), { ifAbsent: true, stage: 'pending' })),
} as const

const onIdempotency = {
  needs: { writable: true, putIdempotent: true },
  otherwise: refused((h) => h.store.put(h.name(), h.value(), { idempotencyKey: randomUUID() })),
} as const

const racers = 30

/** Where a fence is only checked, several may pass; nobody is told that it lost and yet wins the end. */
async function oneWinner(h: Harness, fence: 'atomic' | 'checked' | 'none', calls: Racers): Promise<void> {
  const { won, lost } = await race(Array.from({ length: racers }, (_, index) => calls.put(index)))
  const allowed = fence === 'atomic' ? won.length === 1 : won.length >= 1
  check(allowed, `${won.length} of ${racers} writers won; the losers got ${[...new Set(lost)].join(', ')}`)
  const strangers = lost.filter((code) => code !== calls.loserGets)
  check(strangers.length === 0, `losers got ${[...new Set(strangers)].join(', ')}, not ${calls.loserGets}`)
  const final = await h.store.get(calls.name)
  check(
    won.some((index) => calls.values[index] === final.value),
    'what is current is no winner’s value',
  )
}

interface Racers {
  readonly name: string
  readonly values: readonly string[]
  readonly loserGets: string
  readonly put: (index: number) => Promise<unknown>
}

export const putPreconditionCases: readonly ConformanceCase[] = [
  {
    id: 'put/if-version',
    title: 'ifVersion stores when that version is current',
    ...onIfVersion,
    async run(h) {
      const { name, version } = await h.given()
      const value = h.value()
      await h.nextSecond()
      const stored = await h.store.put(name, value, { ifVersion: version })
      const secret = await h.store.get(name)
      holds(secret, value)
      same(secret.version, stored.version, 'the current version')
    },
  },
  {
    id: 'put/if-version-stale',
    title: 'ifVersion of a version that is no longer current is CONFLICT, and nothing is stored',
    ...onIfVersion,
    async run(h) {
      const { name, versions, values } = await h.history(2)
      await rejects(() => h.store.put(name, h.value(), { ifVersion: versions[0] }), 'CONFLICT')
      holds(await h.store.get(name), values[1] ?? '')
      const current = (await collect(h.store.versions(name))).filter(({ stages }) =>
        stages.includes('current'),
      )
      same(
        current.map(({ version }) => version),
        [versions[1]],
        'the current versions',
      )
    },
  },
  {
    id: 'put/if-version-missing',
    title: 'ifVersion under a name without any version is CONFLICT, and the name stays absent',
    ...onIfVersion,
    async run(h) {
      const name = h.name()
      await rejects(() => h.store.put(name, h.value(), { ifVersion: randomUUID() }), 'CONFLICT')
      same(await h.store.find(name), undefined, 'find')
    },
  },
  {
    id: 'put/if-version-race',
    title: `of ${racers} writers with the same ifVersion one wins where it is atomic; the others get CONFLICT`,
    ...onIfVersion,
    async run(h) {
      const { name, version } = await h.given()
      const values = Array.from({ length: racers }, h.value)
      await oneWinner(h, h.capabilities.putIfVersion, {
        name,
        values,
        loserGets: 'CONFLICT',
        put: (index) => h.store.put(name, values[index] ?? '', { ifVersion: version }),
      })
    },
  },
  {
    id: 'put/if-version-chain',
    title: 'two writers that read, add and write with ifVersion until they succeed lose no update',
    needs: { writable: true, putIfVersion: 'atomic' },
    otherwise: async (h) => {
      if (h.capabilities.putIfVersion === 'none' || !h.capabilities.writable) return onIfVersion.otherwise(h)
      const { name, version } = await h.given()
      await h.store.put(name, h.value(), { ifVersion: version })
    },
    async run(h) {
      const { name } = await h.given('0')
      const add = async (store: typeof h.store): Promise<void> => {
        for (let tries = 0; tries < 50; tries += 1) {
          const seen = await store.get(name)
          const next = String(Number(seen.text()) + 1)
          const { lost } = await race([store.put(name, next, { ifVersion: seen.version })])
          if (lost.length === 0) return
          same(lost, ['CONFLICT'], 'what a loser gets')
        }
        check(false, 'a writer lost 50 times in a row')
      }
      const [left, right] = [h.store, h.open()]
      await Promise.all([add(left), add(right), add(left), add(right)])
      same((await h.store.get(name)).text(), '4', 'the sum')
    },
  },
  {
    id: 'put/if-absent',
    title:
      'ifAbsent stores under a name without versions, and is ALREADY_EXISTS under one that has a version',
    ...onIfAbsent,
    async run(h) {
      const [name, value] = [h.name(), h.value()]
      await h.store.put(name, value, { ifAbsent: true })
      await rejects(() => h.store.put(name, h.value(), { ifAbsent: true }), 'ALREADY_EXISTS')
      holds(await h.store.get(name), value)
      same((await collect(h.store.versions(name))).length, 1, 'the number of versions')
    },
  },
  {
    id: 'put/if-absent-race',
    title: `of ${racers} writers with ifAbsent one wins where it is atomic; the others get ALREADY_EXISTS`,
    ...onIfAbsent,
    async run(h) {
      const name = h.name()
      const values = Array.from({ length: racers }, h.value)
      await oneWinner(h, h.capabilities.putIfAbsent, {
        name,
        values,
        loserGets: 'ALREADY_EXISTS',
        put: (index) => h.store.put(name, values[index] ?? '', { ifAbsent: true }),
      })
    },
  },
  {
    id: 'put/if-absent-without-version',
    title: 'a name without any version counts as absent, also when something was pending under it once',
    ...onPendingIfAbsent,
    async run(h) {
      const [name, value] = [h.name(), h.value()]
      const pending = h.store.put(name, h.value(), { stage: 'pending' })
      const [first] = await Promise.allSettled([pending])
      if (first.status === 'fulfilled') await h.store.discard(name, first.value.version)
      else await rejects(() => pending, 'CONFLICT')
      await h.store.put(name, value, { ifAbsent: true })
      holds(await h.store.get(name), value)
    },
  },
  {
    id: 'put/if-absent-pending',
    title: 'ifAbsent with stage pending means that no version is pending: a second one is ALREADY_EXISTS',
    ...onPendingIfAbsent,
    async run(h) {
      const { name } = await h.given()
      const value = h.value()
      const first = await h.store.put(name, value, { ifAbsent: true, stage: 'pending' })
      const again = () => h.store.put(name, h.value(), { ifAbsent: true, stage: 'pending' })
      await rejects(again, 'ALREADY_EXISTS')
      holds(await h.store.get(name, { stage: 'pending' }), value, 'the pending value')
      await h.store.promote(name, first.version)
      await again()
    },
  },
  {
    id: 'put/if-version-pending',
    title: 'ifVersion fences a pending put too, and current does not move',
    needs: { writable: true, pending: 'native', putIfVersion: ['atomic', 'checked'] },
    otherwise: refused((h) => h.store.put(h.name(), h.value(), { ifVersion: 'v1', stage: 'pending' })),
    async run(h) {
      const { name, versions, values } = await h.history(2)
      const stale = { ifVersion: versions[0], stage: 'pending' } as const
      await rejects(() => h.store.put(name, h.value(), stale), 'CONFLICT')
      same((await h.store.describe(name)).pending, undefined, 'what is pending after a conflict')
      const value = h.value()
      const { version } = await h.store.put(name, value, { ...stale, ifVersion: versions[1] })
      same((await h.store.describe(name)).pending, version, 'what is pending')
      holds(await h.store.get(name), values[1] ?? '', 'the current value')
    },
  },
  {
    id: 'put/idempotent-repeat',
    title: 'the same key and the same value: success, the same version, and nothing new',
    ...onIdempotency,
    async run(h) {
      const [name, value, idempotencyKey] = [h.name(), h.value(), randomUUID()]
      const first = await h.store.put(name, value, { idempotencyKey })
      const second = await h.store.put(name, value, { idempotencyKey })
      same(second.version, first.version, 'the version of the repeat')
      same((await collect(h.store.versions(name))).length, 1, 'the number of versions')
    },
  },
  {
    id: 'put/idempotent-other-value',
    title: 'the same key and another value: ALREADY_EXISTS with the version, and the value stays',
    ...onIdempotency,
    async run(h) {
      const [name, value, idempotencyKey] = [h.name(), h.value(), randomUUID()]
      const { version } = await h.store.put(name, value, { idempotencyKey })
      const error = await rejects(() => h.store.put(name, h.value(), { idempotencyKey }), 'ALREADY_EXISTS')
      same(error.version, version, 'the version in the error')
      holds(await h.store.get(name), value)
    },
  },
  {
    id: 'put/idempotency-key-is-version',
    title: 'a key of 32 to 64 letters, digits and hyphens is the version’s id; any other is hashed into one',
    ...onIdempotency,
    async run(h) {
      const { name } = await h.given()
      for (const key of [randomUUID(), 'k'.repeat(32), 'K-9'.repeat(21).padEnd(64, 'z')]) {
        same((await h.store.put(name, h.value(), { idempotencyKey: key })).version, key, 'the version')
      }
      for (const key of ['order 66', 'k'.repeat(31), 'k'.repeat(65), 'ünïcödé/with.signs_and_length_of_32']) {
        const value = h.value()
        const { version } = await h.store.put(name, value, { idempotencyKey: key })
        check(version !== key, `the key ${key} was used as it is`)
        same((await h.store.put(name, value, { idempotencyKey: key })).version, version, 'the repeat')
      }
    },
  },
  {
    id: 'put/idempotent-after-newer',
    title: 'a repeat that comes after a newer put succeeds and does not become current again',
    ...onIdempotency,
    async run(h) {
      const [name, value, newer, idempotencyKey] = [h.name(), h.value(), h.value(), randomUUID()]
      const first = await h.store.put(name, value, { idempotencyKey })
      await h.store.put(name, newer)
      const late = await h.store.put(name, value, { idempotencyKey })
      same(late.version, first.version, 'the version of the repeat')
      holds(await h.store.get(name), newer, 'the current value')
    },
  },
  {
    id: 'put/idempotent-lost-reply',
    title: 'a put with a key whose answer was lost may be repeated, and there is one version',
    ...onIdempotency,
    uses: ['reply-lost'],
    async run(h) {
      const { name } = await h.given()
      const [value, idempotencyKey] = [h.value(), randomUUID()]
      h.inject('reply-lost')
      await rejects(() => h.store.put(name, value, { idempotencyKey }), ['UNAVAILABLE', 'TIMEOUT'])
      h.mend()
      const { version } = await h.store.put(name, value, { idempotencyKey })
      holds(await h.store.get(name), value)
      same((await h.store.get(name)).version, version, 'the current version')
      same((await collect(h.store.versions(name))).length, 2, 'the number of versions')
    },
  },
]
