import { channel } from 'node:diagnostics_channel'
import { type AuditEntry, createStore, defaultLayers, type Layer, type SecretStore } from 'strongroom'
import { memory } from 'strongroom/memory'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ageClockOf } from '../../src/layers/cache/clock.js'
import { systemTiming } from '../../src/timing.js'
import { atEndOfTurn, endTurn, turn } from '../../src/turn.js'
import { settle } from '../support/fake-timing.js'

const opened: SecretStore[] = []
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(opened.splice(0).map((store) => store.close()))
})

function open(outermost: readonly Layer[] = []): { store: SecretStore; entries: AuditEntry[] } {
  const entries: AuditEntry[] = []
  const inner = defaultLayers({ audit: { record: (entry) => void entries.push(entry) } })
  const provider = memory({ seed: { db: 'x', json: { user: 'a' } } })
  const store = createStore({ provider, layers: [...outermost, ...inner] })
  opened.push(store)
  return { store, entries }
}

describe('a cached read', () => {
  it('is one promise of one secret', async () => {
    const { store } = open()
    const first = await store.get('db')
    const read = store.get('db')
    expect(store.get('db')).toBe(read)
    expect(store.get('db', {})).toBe(read)
    expect(store.get('db', { stage: undefined, signal: undefined })).toBe(read)
    expect(await read).toBe(first)
    expect(store.peek('db')).toBe(first)
  })

  it.each([
    { stage: 'current' },
    { maxAgeMs: 60_000 },
    { deadlineMs: 1_000 },
    { signal: new AbortController().signal },
  ] as const)('with %o is a call', async (options) => {
    const { store } = open()
    await store.get('db')
    expect(store.get('db', options)).not.toBe(store.get('db'))
  })

  it.each<[unknown]>([[null], [{ stages: undefined }], [{ constructor: undefined }], ['current']])(
    'refuses the options %o',
    async (options) => {
      const { store } = open()
      await store.get('db')
      await expect(store.get('db', options as never)).rejects.toThrow(TypeError)
    },
  )

  it('is a call where a layer outside the cache wants to see it; a peek is none', async () => {
    const seen: string[] = []
    const watching: Layer = {
      name: 'watching',
      wrap: (next) => (call) => {
        seen.push(call.operation)
        return next(call)
      },
    }
    const { store } = open([watching])
    for (let n = 0; n < 3; n += 1) await store.get('db')
    expect(seen).toEqual(['get', 'get', 'get'])
    expect(store.peek('db')?.value).toBe('x')
    expect(seen).toHaveLength(3)
  })

  it('is no call for a layer that takes part', async () => {
    const counted: number[] = []
    const counting: Layer = {
      name: 'counting',
      wrap: (next, env) => {
        env.onHit(({ grant, count }) => ({
          grant,
          count: (times) => {
            count(times)
            counted.push(times)
          },
        }))
        return next
      },
    }
    const { store } = open([counting])
    for (let n = 0; n < 4; n += 1) await store.get('db')
    store.peek('db')
    await settle()
    expect(counted).toEqual([4])
  })

  it('is counted by audit and statistics, by the end of the turn and when they are looked at', async () => {
    const { store, entries } = open()
    for (let n = 0; n < 5_001; n += 1) await store.get('db')
    expect(store.stats()).toMatchObject({ hits: 5_000, calls: { get: { ok: 5_001 } } })
    store.peek('db')
    await store.close()
    expect(entries.map(({ source, count }) => [source, count])).toEqual([
      ['provider', 1],
      ['cache', 5_001],
    ])
  })

  it('is told to whoever listens, one by one, at once', async () => {
    const { store } = open()
    await store.get('db')
    await store.get('db')
    const heard: unknown[] = []
    const listener = (message: unknown): void => void heard.push(message)
    await settle()
    channel('strongroom:call:end').subscribe(listener)
    const read = store.get('db')
    expect(heard).toMatchObject([{ secret: 'db', source: 'cache', code: 'ok', attempts: 0 }])
    await read
    channel('strongroom:call:end').unsubscribe(listener)
  })

  it('is gone with a write, in the same turn', async () => {
    const { store } = open()
    await store.get('db')
    store.peek('db')
    await store.put('db', 'y')
    expect(store.peek('db')).toBeUndefined()
    expect((await store.get('db')).value).toBe('y')
  })

  it('is gone at the end of the store', async () => {
    const { store } = open()
    await store.get('db')
    store.peek('db')
    const closing = store.close()
    expect(store.peek('db')).toBeUndefined()
    await expect(store.get('db')).rejects.toMatchObject({ code: 'CLOSED' })
    await closing
  })

  it('sees a clock that a test has set, within the turn', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { store } = open()
    await store.get('db')
    expect(store.peek('db')).toBeDefined()
    vi.setSystemTime(Date.now() + 3_600_000)
    expect(store.peek('db')).toBeUndefined()
  })
})

describe('the clock of ages', () => {
  it('stands still within a turn, but not for ever', () => {
    let uptime = 0
    const clock = ageClockOf({ ...systemTiming, uptime: () => uptime })
    const first = clock.coarse()
    uptime += 1_000
    expect(clock.coarse()).toBe(first)
    for (let n = 0; n < 256; n += 1) clock.coarse()
    expect(clock.coarse()).toBeGreaterThanOrEqual(first + 1_000)
    uptime += 1_000
    endTurn()
    expect(clock.coarse()).toBeGreaterThanOrEqual(first + 2_000)
  })

  it('is never behind what was read exactly', () => {
    let uptime = 0
    const clock = ageClockOf({ ...systemTiming, uptime: () => uptime })
    clock.coarse()
    uptime += 5
    expect(clock.now()).toBe(clock.coarse())
  })

  it('takes the rounding of the wall clock for no time at all', () => {
    let [wall, uptime] = [0, 0]
    const clock = ageClockOf({ ...systemTiming, now: () => Math.floor(wall), uptime: () => uptime })
    const begun = clock.now()
    for (let n = 0; n < 10_000; n += 1) {
      wall += 0.37
      uptime += 0.37
      clock.now()
    }
    expect(clock.now() - begun).toBeGreaterThanOrEqual(3_699)
    expect(clock.now() - begun).toBeLessThan(3_702)
  })
})

describe('a turn', () => {
  it('ends by itself, and does what was left for its end, once', async () => {
    const { id } = turn
    let runs = 0
    atEndOfTurn(() => {
      runs += 1
    })
    await undefined
    expect([runs, turn.id]).toEqual([0, id])
    await settle()
    await settle()
    expect(runs).toBe(1)
    expect(turn.id).toBeGreaterThan(id)
  })
})
