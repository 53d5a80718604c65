import { memory } from 'strongroom/memory'
import { describe, expect, it } from 'vitest'
import { createStore } from '../../src/create-store.js'
import { checkOrder, layerOrder } from '../../src/layer.js'
import { defaultLayers } from '../../src/layers/index.js'
import { fakeTiming } from '../support/fake-timing.js'
import { failed, record, rejection, rig } from './support.js'

const names = (layers: ReturnType<typeof defaultLayers>): string[] => layers.map(({ name }) => name)

describe('defaultLayers', () => {
  it('are these, in an order that is safe', () => {
    expect(names(defaultLayers())).toEqual([
      'telemetry',
      'deadline',
      'cache',
      'retry',
      'rate-limit',
      'timeout',
    ])
    expect(() => checkOrder(defaultLayers())).not.toThrow()
  })

  it('take in what is asked for, in its place', () => {
    const asked = defaultLayers({ audit: { record: () => {} }, policy: { rules: [] }, readOnly: true })
    expect(names(asked)).toEqual(layerOrder)
    expect(names(defaultLayers({ readOnly: false }))).not.toContain('read-only')
  })

  it('hand each layer its options', () => {
    expect(() => defaultLayers({ deadline: { defaultMs: 0 } })).toThrow('deadline: defaultMs')
    expect(() => defaultLayers({ cache: { ttlMs: -1 } })).toThrow('cache: ttlMs')
    expect(() => defaultLayers({ retry: { attempts: 0 } })).toThrow('retry: attempts')
    expect(() => defaultLayers({ rateLimit: { share: 0 } })).toThrow('rateLimit: share')
    expect(() => defaultLayers({ timeout: { readMs: 0 } })).toThrow('timeout: readMs')
    expect(() => defaultLayers({ audit: { record: () => {}, maxWaiting: 0 } })).toThrow('audit: maxWaiting')
    expect(() => defaultLayers({ policy: { rules: [{ effect: 'deny', names: [] }] } })).toThrow(
      'rules[0].names',
    )
  })

  it('make a store that survives an outage, and counts its attempts once', async () => {
    const replies = [failed('UNAVAILABLE'), failed('UNAVAILABLE'), record('v1')]
    const backend = rig(defaultLayers(), { reply: (_, n) => replies[n - 1] ?? failed('UNAVAILABLE') })
    const first = backend.send('get')
    await backend.timing.advance(1_000)
    expect((await first.output).version).toBe('v1')
    expect(first.trail).toEqual({ source: 'provider', attempts: 3 })
    await backend.timing.advance(600_000)
    const stale = backend.send('get')
    await backend.timing.advance(1_000)
    expect((await stale.output).version).toBe('v1')
    expect(stale.trail).toEqual({ source: 'stale', attempts: 3 })
    const lost = backend.send('get', { name: 'other' })
    await backend.timing.advance(1_000)
    expect(await rejection(lost.output)).toMatchObject({ code: 'UNAVAILABLE', attempts: 3, retryable: false })
    await backend.close()
    expect(backend.timing.pending()).toBe(0)
  })

  it('work over a provider: one shared secret, seen anew after a put', async () => {
    const timing = fakeTiming()
    const { now, random, after } = timing
    const store = createStore({ provider: memory({ seed: { stripe: 'one' } }), now, random, after })
    const [first, second] = await Promise.all([store.get('stripe'), store.get('stripe')])
    expect(first).toBe(second)
    expect(store.peek('stripe')).toBe(first)
    await store.put('stripe', 'two')
    expect(store.peek('stripe')).toBeUndefined()
    expect((await store.get('stripe')).value).toBe('two')
    expect(await store.find('nothing')).toBeUndefined()
    expect(timing.pending()).toBe(0)
    await store.close()
  })
})
