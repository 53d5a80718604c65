import { SecretError, type SecretStore } from 'strongroom'
import { memory } from 'strongroom/memory'
import { refusal, type SecretProvider } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { createStore } from '../../src/create-store.js'
import { type DefaultLayersOptions, defaultLayers } from '../../src/layers/index.js'
import { type FakeTiming, fakeTiming, settle } from '../support/fake-timing.js'

/** What an app feels in its first hour and on its worst night, with the layers that everybody has. */
interface App {
  readonly store: SecretStore
  readonly timing: FakeTiming
  /** Reads that were sent. */
  readonly reads: () => number
  readonly breakDown: () => void
}

function app(options: DefaultLayersOptions = {}): App {
  const timing = fakeTiming()
  const inner = memory({ seed: { db: 'current value' } })
  let isDown = false
  let reads = 0
  const get: SecretProvider['operations']['get'] = async (input, context) => {
    reads += 1
    await undefined
    if (isDown) throw refusal('UNAVAILABLE', 'connection refused')
    return inner.operations.get(input, context)
  }
  const provider = { ...inner, operations: { ...inner.operations, get } }
  const { now, uptime, random, after } = timing
  const store = createStore({ provider, layers: defaultLayers(options), now, uptime, random, after })
  const breakDown = (): void => {
    isDown = true
  }
  return { store, timing, reads: () => reads, breakDown }
}

const codeOf = async (read: Promise<unknown>): Promise<unknown> => {
  const [result] = await Promise.allSettled([read])
  return result.status === 'rejected' && SecretError.is(result.reason) ? result.reason.code : 'no error'
}

describe('the first hour, and the worst night', () => {
  it('a rotation handler that asks for the pending value gets it, also while the current one is cached', async () => {
    const { store } = app()
    await store.get('db')
    const { version } = await store.put('db', 'pending value', { stage: 'pending' })
    expect((await store.get('db')).value).toBe('current value')
    expect((await store.get('db', { stage: 'pending' })).value).toBe('pending value')
    expect((await store.get('db', { version })).value).toBe('pending value')
    expect((await store.get('db')).value).toBe('current value')
    await store.promote('db', version)
    expect(store.peek('db')).toBeUndefined()
    expect((await store.get('db')).value).toBe('pending value')
  })

  it('a thousand concurrent cold reads are one request', async () => {
    const { store, reads } = app()
    const secrets = await Promise.all(Array.from({ length: 1_000 }, () => store.get('db')))
    expect([reads(), new Set(secrets).size]).toEqual([1, 1])
  })

  it('a thousand concurrent cold reads are one request also when it fails, and so are the thousand after them', async () => {
    const { store, reads, breakDown } = app({ retry: { attempts: 1 } })
    breakDown()
    for (let round = 0; round < 2; round += 1) {
      const codes = await Promise.all(Array.from({ length: 1_000 }, () => codeOf(store.get('db'))))
      expect([reads(), ...new Set(codes)]).toEqual([1, 'UNAVAILABLE'])
    }
  })

  it('a read survives the backend, says that it is stale, and asks no more than it must', async () => {
    const { store, timing, reads, breakDown } = app()
    const before = await store.get('db')
    breakDown()
    await timing.advance(700_000)
    const outage = store.get('db')
    await timing.advance(100)
    expect(await outage).toMatchObject({ stale: true, version: before.version })
    const sent = reads()
    for (let n = 0; n < 100; n += 1) expect((await store.get('db')).stale).toBe(true)
    expect(reads() - sent).toBeLessThanOrEqual(1)
  })

  it('what is stale is served for an hour and not longer, however often it is read', async () => {
    const { store, timing, breakDown } = app()
    await store.get('db')
    breakDown()
    let servedMs = 0
    for (let ms = 0; ms < 7_200_000; ms += 60_000) {
      await timing.advance(59_000)
      const read = codeOf(store.get('db'))
      await timing.advance(1_000)
      if ((await read) === 'no error') servedMs = ms + 60_000
    }
    expect(servedMs).toBe(3_600_000)
  })

  it('a prefetch that fails ends no process', async () => {
    const rejections: unknown[] = []
    const listener = (reason: unknown): void => void rejections.push(reason)
    process.on('unhandledRejection', listener)
    const { store, breakDown } = app({ retry: { attempts: 1 } })
    breakDown()
    const warm = store.prefetch(['db', 'other'])
    await settle()
    await settle()
    expect(rejections).toEqual([])
    expect(await codeOf(warm)).toBe('UNAVAILABLE')
    process.off('unhandledRejection', listener)
  })

  it('a refresh in the background that fails ends no process', async () => {
    const rejections: unknown[] = []
    const listener = (reason: unknown): void => void rejections.push(reason)
    process.on('unhandledRejection', listener)
    const { store, timing, breakDown } = app()
    await store.get('db')
    breakDown()
    await timing.advance(400_000)
    expect((await store.get('db')).value).toBe('current value')
    await timing.advance(10_000)
    expect(rejections).toEqual([])
    process.off('unhandledRejection', listener)
  })
})
