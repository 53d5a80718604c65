import { createStore, firstOf } from 'strongroom'
import { memory } from 'strongroom/memory'
import { afterEach, describe, expect, it } from 'vitest'
import { settle } from '../support/fake-timing.js'
import { failure } from './stub-provider.js'

const unhandled: unknown[] = []
const listener = (reason: unknown): void => {
  unhandled.push(reason)
}
afterEach(() => {
  process.off('unhandledRejection', listener)
  unhandled.length = 0
})

describe('a prefetch', () => {
  it('that fails and that nobody awaits does not end the process', async () => {
    process.on('unhandledRejection', listener)
    const store = createStore({ provider: memory(), layers: [] })
    void store.prefetch(['none'])
    void firstOf(store).prefetch(['none'])
    await settle()
    await settle()
    expect(unhandled).toEqual([])
  })

  it('that fails tells the one who awaits it, all missing names at once', async () => {
    const store = createStore({ provider: memory({ seed: { a: '1' } }), layers: [] })
    const error = await failure(store.prefetch(['b', 'a', 'c']))
    expect([error.code, error.message]).toEqual([
      'NOT_FOUND',
      'prefetch: missing "b", "c"; create them, or pass required: false',
    ])
  })
})
