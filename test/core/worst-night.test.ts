import { createStore, defaultLayers, type SecretStore } from 'strongroom'
import { memory } from 'strongroom/memory'
import { type ErrorCode, type ProviderOperations, refusal } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { type FakeTiming, fakeTiming, settle } from '../support/fake-timing.js'
import { failure } from './stub-provider.js'

interface Rig {
  readonly store: SecretStore
  readonly timing: FakeTiming
  /** What the backend answers every read with from now on; `undefined` for the truth. */
  readonly backend: { says: ErrorCode | undefined }
}

function rig(): Rig {
  const timing = fakeTiming()
  const { now, uptime, random, after } = timing
  const provider = memory({ seed: { stripe: 'sk_1' } })
  const backend: Rig['backend'] = { says: undefined }
  const get: ProviderOperations['get'] = async (...args) => {
    if (backend.says !== undefined) throw refusal(backend.says, 'as the test says')
    return provider.operations.get(...args)
  }
  const operations = { ...provider.operations, get }
  const layers = defaultLayers({ cache: { ttlMs: 300_000 } })
  const store = createStore({ provider: { ...provider, operations }, layers, now, uptime, random, after })
  return { store, timing, backend }
}

const minute = 60_000

/** A read, with as much time as its retries want. */
async function reading(own: Rig, read: () => Promise<unknown>): Promise<unknown> {
  const done = read().catch((error: { readonly code: unknown }) => error.code)
  await own.timing.advance(2 * minute)
  return done
}

/** What others do in the first hour and on the worst night, by name; `bench/` does the same to them. */
describe('the failures that we have seen elsewhere', () => {
  it('a version that is asked for is never answered with the current one', async () => {
    const { store } = rig()
    const { version } = await store.put('stripe', 'sk_2', { stage: 'pending' })
    expect((await store.get('stripe')).value).toBe('sk_1')
    expect((await store.get('stripe', { stage: 'pending' })).value).toBe('sk_2')
    expect((await store.get('stripe', { version })).value).toBe('sk_2')
    expect((await store.get('stripe')).value).toBe('sk_1')
    await store.close()
  })

  it.each(['stripe', 'missing'])(
    'a thousand cold reads of one secret make one request (%s)',
    async (name) => {
      const { store } = rig()
      await Promise.allSettled(Array.from({ length: 1_000 }, () => store.get(name)))
      expect(store.stats().requests).toEqual({ get: 1 })
      await store.close()
    },
  )

  it('a backend that is down does not take the program with it, and the value says that it is old', async () => {
    const own = rig()
    await own.store.get('stripe')
    own.backend.says = 'UNAVAILABLE'
    own.timing.jump(11 * minute)
    expect(await reading(own, () => own.store.get('stripe'))).toMatchObject({ value: 'sk_1', stale: true })
    await own.store.close()
  })

  it('what is old is not served without bound', async () => {
    const own = rig()
    await own.store.get('stripe')
    own.backend.says = 'UNAVAILABLE'
    for (let turn = 0; turn < 5; turn += 1) {
      own.timing.jump(10 * minute)
      expect(await reading(own, () => own.store.get('stripe'))).toMatchObject({ stale: true })
    }
    own.timing.jump(10 * minute)
    expect(await reading(own, () => own.store.get('stripe'))).toBe('UNAVAILABLE')
    await own.store.close()
  })

  it('a backend that is down is never taken for a secret that is missing', async () => {
    const own = rig()
    own.backend.says = 'UNAVAILABLE'
    expect(await reading(own, () => own.store.find('stripe'))).toBe('UNAVAILABLE')
    await own.store.close()
  })

  it('a right that was revoked is not undone by what is remembered', async () => {
    const own = rig()
    await own.store.get('stripe')
    own.backend.says = 'PERMISSION_DENIED'
    own.timing.jump(11 * minute)
    expect((await failure(own.store.get('stripe'))).code).toBe('PERMISSION_DENIED')
    own.backend.says = 'UNAVAILABLE'
    expect(await reading(own, () => own.store.get('stripe'))).toBe('UNAVAILABLE')
    await own.store.close()
  })

  it('a refresh that fails while nobody waits ends no process', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown): void => {
      unhandled.push(reason)
    }
    process.on('unhandledRejection', listener)
    const own = rig()
    await own.store.get('stripe')
    own.backend.says = 'UNAVAILABLE'
    own.timing.jump(6 * minute)
    expect((await own.store.get('stripe')).value).toBe('sk_1')
    await own.timing.advance(2 * minute)
    await settle()
    process.off('unhandledRejection', listener)
    expect(unhandled).toEqual([])
    await own.store.close()
  })
})
