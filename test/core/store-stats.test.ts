import { cache, createStore } from 'strongroom'
import { memory } from 'strongroom/memory'
import { describe, expect, it } from 'vitest'
import { fakeTiming } from '../support/fake-timing.js'
import { collect, failure, stub } from './stub-provider.js'

describe('stats', () => {
  it('are empty at first', () => {
    const { store } = stub()
    expect(store.stats()).toEqual({ calls: {}, requests: {}, hits: 0, staleReads: 0, estimatedCostUsd: 0 })
  })

  it('count calls by operation and outcome, hits apart from what was sent', async () => {
    const provider = memory({ seed: { a: '1' }, limits: { pricePer10kReads: 0.05 } })
    const store = createStore({ provider, layers: [cache()] })
    for (let turn = 0; turn < 5; turn += 1) await store.get('a')
    await failure(store.get('b'))
    await store.find('b')
    await store.put('a', '2')
    await store.get('a')
    await collect(store.list())
    await failure(store.get('/bad'))
    await expect(store.get(1 as never)).rejects.toThrow(TypeError)
    const stats = store.stats()
    expect(stats.calls).toEqual({
      get: { ok: 6, NOT_FOUND: 2, INVALID_NAME: 1, TYPE_ERROR: 1 },
      put: { ok: 1 },
      listPage: { ok: 1 },
    })
    expect(stats.requests).toEqual({ get: 3, put: 1, listPage: 1 })
    expect(stats).toMatchObject({ hits: 4, staleReads: 0 })
    expect(stats.estimatedCostUsd).toBeCloseTo((4 * 0.05) / 10_000, 12)
    expect(Object.isFrozen(stats) && Object.isFrozen(stats.calls) && Object.isFrozen(stats.calls.get)).toBe(
      true,
    )
  })

  it('count what was served stale', async () => {
    const timing = fakeTiming()
    const { now, random, after } = timing
    const { provider } = stub()
    let down = false
    const shaky = {
      ...provider,
      classify: () => ({ code: 'UNAVAILABLE' as const }),
      operations: {
        ...provider.operations,
        get: async (...args: Parameters<typeof provider.operations.get>) => {
          if (down) throw new Error('down')
          return provider.operations.get(...args)
        },
      },
    }
    const store = createStore({ provider: shaky, layers: [cache({ ttlMs: 1_000 })], now, random, after })
    await store.get('db')
    down = true
    await timing.advance(60_000)
    expect((await store.get('db')).stale).toBe(true)
    await failure(store.get('other'))
    expect(store.stats()).toMatchObject({
      calls: { get: { ok: 2, UNAVAILABLE: 1 } },
      requests: { get: 3 },
      staleReads: 1,
    })
  })

  it('count no request for what is refused before the wire', async () => {
    const { store } = stub({ capabilities: { writable: false } })
    expect((await failure(store.put('db', 'x'))).code).toBe('UNSUPPORTED')
    expect(store.stats()).toMatchObject({ calls: { put: { UNSUPPORTED: 1 } }, requests: {} })
  })
})
