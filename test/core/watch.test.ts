import { createStore, firstOf, type SecretChange, type SecretStore, type WatchOptions } from 'strongroom'
import { memory } from 'strongroom/memory'
import type { ErrorCode, ProviderOperations } from 'strongroom/provider'
import { refusal, type SecretProvider } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { cache } from '../../src/layers/index.js'
import type { WatchSelector } from '../../src/store.js'
import { type FakeTiming, fakeTiming, settle } from '../support/fake-timing.js'
import { failure } from './stub-provider.js'

interface Rig {
  readonly store: SecretStore
  readonly elsewhere: SecretStore
  readonly timing: FakeTiming
  readonly fault: { code: ErrorCode | undefined; retryAfterMs?: number }
  readonly sent: Partial<Record<string, number>>
}

/** A store, another process beside it, and a backend that fails when told. */
function rig(options: { readonly timedListing?: boolean } = {}): Rig {
  const timing = fakeTiming({ random: () => 0.5 })
  const { now, random, after } = timing
  const provider = memory()
  const fault: Rig['fault'] = { code: undefined }
  const sent: Rig['sent'] = {}
  const operations = Object.fromEntries(
    Object.entries(provider.operations).map(([name, run]) => [
      name,
      async (...args: never[]) => {
        sent[name] = (sent[name] ?? 0) + 1
        if (fault.code !== undefined) {
          throw refusal(fault.code, 'as the test says').with({ ...fault, code: fault.code })
        }
        const output = await (run as (...args: never[]) => Promise<unknown>)(...args)
        return name === 'listPage' && options.timedListing ? timed(output as Listing) : output
      },
    ]),
  ) as unknown as ProviderOperations
  type Listing = Awaited<ReturnType<ProviderOperations['listPage']>>
  const timed = async (page: Listing): Promise<Listing> => {
    const items = page.items.map(async (item) => {
      const { changedAt = new Date(0) } = await elsewhere.describe({ id: item.id })
      return { ...item, changedAt }
    })
    return { ...page, items: await Promise.all(items) }
  }
  const elsewhere = createStore({ provider, layers: [], now })
  const shaky: SecretProvider = { ...provider, operations }
  return {
    store: createStore({ provider: shaky, layers: [cache()], now, random, after }),
    elsewhere,
    timing,
    fault,
    sent,
  }
}

interface Watching {
  readonly seen: SecretChange[]
  readonly end: Promise<unknown>
  readonly iterator: AsyncIterableIterator<SecretChange>
}

function watching(own: Rig, selector: WatchSelector, options?: WatchOptions): Watching {
  const iterator = own.store.watch(selector, options)
  const seen: SecretChange[] = []
  const end = (async () => {
    for await (const change of iterator) seen.push(change)
  })()
  end.catch((error: unknown) => void error)
  return { seen, end, iterator }
}

const minute = 60_000

describe('watch of names', () => {
  it('tells what changes, and nothing of how things were', async () => {
    const own = rig()
    await own.elsewhere.put('a', '1')
    const { seen } = watching(own, ['a', 'b'])
    await own.timing.advance(0)
    expect(seen).toEqual([])
    const { version } = await own.elsewhere.put('a', '2')
    const made = await own.elsewhere.put('b', '1')
    await own.timing.advance(minute)
    expect(seen.splice(0)).toEqual([
      { name: 'a', change: 'changed', version },
      { name: 'b', change: 'appeared', version: made.version },
    ])
    await own.elsewhere.delete('a')
    await own.timing.advance(minute)
    expect(seen.splice(0)).toEqual([{ name: 'a', change: 'gone' }])
    await own.elsewhere.restore('a')
    await own.elsewhere.setVersionState('b', made.version, 'disabled')
    await own.timing.advance(minute)
    expect(seen.map(({ name, change }) => [name, change])).toEqual([
      ['a', 'appeared'],
      ['b', 'changed'],
    ])
    await own.timing.advance(10 * minute)
    expect(seen).toHaveLength(2)
    expect(own.sent['get']).toBeUndefined()
    await own.store.close()
  })

  it('takes what the cache holds for what the program knows', async () => {
    const own = rig()
    await own.elsewhere.put('a', '1')
    await own.elsewhere.put('gone', '1')
    await own.store.get('a')
    await own.store.get('gone')
    const { version } = await own.elsewhere.put('a', '2')
    await own.elsewhere.delete('gone')
    const { seen } = watching(own, ['a', 'gone'])
    await own.timing.advance(0)
    expect(seen).toEqual([
      { name: 'a', change: 'changed', version },
      { name: 'gone', change: 'gone' },
    ])
    await own.store.close()
  })

  it('knows an id of the backend', async () => {
    const own = rig()
    await own.elsewhere.put('a', '1')
    const { id } = await own.elsewhere.describe('a')
    const { seen } = watching(own, { id })
    await own.timing.advance(0)
    await own.elsewhere.put('a', '2')
    await own.timing.advance(minute)
    expect(seen).toMatchObject([{ name: id, change: 'changed' }])
    await own.store.close()
  })
})

describe('watch of a listing', () => {
  it.each([true, false])(
    'sees what comes, changes and goes (with times in the listing: %s)',
    async (timedListing) => {
      const own = rig({ timedListing })
      await own.elsewhere.put('app/a', '1', { tags: { team: 'x' } })
      await own.elsewhere.put('other', '1', { tags: { team: 'x' } })
      const { seen } = watching(own, { prefix: 'app/', tags: { team: 'x' } })
      await own.timing.advance(0)
      await own.timing.advance(1)
      const { version } = await own.elsewhere.put('app/a', '2')
      await own.elsewhere.put('app/b', '1', { tags: { team: 'x' } })
      await own.elsewhere.put('other', '2')
      await own.timing.advance(minute)
      expect(seen.map(({ name, change }) => `${name} ${change}`).toSorted()).toEqual([
        'app/a changed',
        'app/b appeared',
      ])
      expect(seen.find(({ name }) => name === 'app/a')?.version).toBe(version)
      await own.elsewhere.delete('app/a')
      await own.timing.advance(minute)
      expect(seen.at(-1)).toEqual({ name: 'app/a', change: 'gone' })
      await own.store.close()
    },
  )

  it('describes only what has changed, where the listing carries times', async () => {
    const own = rig({ timedListing: true })
    for (let at = 0; at < 10; at += 1) await own.elsewhere.put(`app/${at}`, '1')
    watching(own, { prefix: 'app/' })
    await own.timing.advance(5 * minute)
    expect(own.sent).toEqual({ listPage: 6 })
    await own.elsewhere.put('app/3', '2')
    await own.timing.advance(minute)
    expect(own.sent).toEqual({ listPage: 7, describe: 1 })
    await own.store.close()
  })
})

describe('the pace of a watch', () => {
  it('is the interval, give or take a fifth', async () => {
    let chance = 0
    const own = rig()
    const timing = { ...own.timing, random: () => chance }
    const { now, random, after } = timing
    const store = createStore({ provider: memory(), layers: [], now, random, after })
    const iterator = store.watch('a', { intervalMs: 1_000 })
    const pending = iterator.next()
    await settle()
    expect(store.stats().requests.describe).toBe(1)
    await own.timing.advance(799)
    expect(store.stats().requests.describe).toBe(1)
    chance = 1
    await own.timing.advance(1)
    expect(store.stats().requests.describe).toBe(2)
    await own.timing.advance(1_199)
    expect(store.stats().requests.describe).toBe(2)
    await own.timing.advance(1)
    expect(store.stats().requests.describe).toBe(3)
    await store.close()
    expect(await pending).toEqual({ done: true, value: undefined })
  })

  it('slows down while the backend cannot be reached, and comes back', async () => {
    const own = rig()
    await own.elsewhere.put('a', '1')
    const { seen } = watching(own, 'a', { intervalMs: 1_000 })
    await own.timing.advance(0)
    own.fault.code = 'UNAVAILABLE'
    await own.timing.advance(1_000 + 2_000 + 4_000 + 8_000 - 1)
    expect(own.sent['describe']).toBe(4)
    own.fault.code = undefined
    await own.elsewhere.put('a', '2')
    await own.timing.advance(1)
    expect(seen).toMatchObject([{ change: 'changed' }])
    await own.timing.advance(1_000)
    expect(own.sent['describe']).toBe(6)
    await own.store.close()
  })

  it('never waits longer than five minutes for that, or than what the backend asks for', async () => {
    const own = rig()
    own.fault.code = 'RATE_LIMITED'
    watching(own, 'a', { intervalMs: 1_000 })
    await own.timing.advance(60 * minute)
    const before = own.sent['describe'] ?? 0
    await own.timing.advance(50 * minute)
    expect((own.sent['describe'] ?? 0) - before).toBe(10)
    await own.store.close()
    const asked = rig()
    asked.fault.code = 'RATE_LIMITED'
    asked.fault.retryAfterMs = 30_000
    watching(asked, 'a', { intervalMs: 1_000 })
    await asked.timing.advance(29_999)
    expect(asked.sent['describe']).toBe(1)
    await asked.timing.advance(1)
    expect(asked.sent['describe']).toBe(2)
    await asked.store.close()
  })

  it('ends with what does not pass by itself', async () => {
    const own = rig()
    own.fault.code = 'PERMISSION_DENIED'
    const { end } = watching(own, 'a')
    expect((await failure(end)).code).toBe('PERMISSION_DENIED')
    expect(own.timing.pending()).toBe(0)
    const unlisted = createStore({ provider: memory({ capabilities: { list: false } }), layers: [] })
    expect((await failure(unlisted.watch({ prefix: '' }).next())).code).toBe('UNSUPPORTED')
  })
})

describe('the end of a watch', () => {
  it('comes with the signal, and leaves no timer', async () => {
    const own = rig()
    const controller = new AbortController()
    const { end } = watching(own, 'a', { signal: controller.signal })
    await own.timing.advance(0)
    expect(own.timing.pending()).toBe(1)
    controller.abort()
    expect(await end).toBeUndefined()
    expect(own.timing.pending()).toBe(0)
    const late = own.store.watch('a', { signal: controller.signal })
    expect(await late.next()).toEqual({ done: true, value: undefined })
    expect(own.sent['describe']).toBe(1)
  })

  it('comes with the store, and with return(), also while it waits', async () => {
    const own = rig()
    const first = watching(own, 'a')
    const second = watching(own, 'b')
    await own.timing.advance(0)
    await first.iterator.return?.()
    expect(await first.end).toBeUndefined()
    expect(own.timing.pending()).toBe(1)
    await own.store.close()
    expect(await second.end).toBeUndefined()
    expect(own.timing.pending()).toBe(0)
  })

  it('comes with break', async () => {
    const own = rig()
    const looped = (async () => {
      for await (const { change } of own.store.watch('a')) return change
      return undefined
    })()
    await own.timing.advance(0)
    await own.elsewhere.put('a', '1')
    await own.timing.advance(minute)
    expect(await looped).toBe('appeared')
    expect(own.timing.pending()).toBe(0)
  })
})

describe('events', () => {
  /** A source that gives what it is told. */
  function source(): {
    events: AsyncIterable<unknown>
    send: () => void
    fail: (error: Error) => void
    ended: () => boolean
  } {
    let wake: (step: IteratorResult<unknown>) => void = () => {}
    let fail: (error: Error) => void = () => {}
    let ended = false
    const iterator: AsyncIterator<unknown> = {
      next: () =>
        new Promise((resolve, reject) => {
          wake = resolve
          fail = reject
        }),
      return: async () => {
        ended = true
        return { done: true, value: undefined }
      },
    }
    return {
      events: { [Symbol.asyncIterator]: () => iterator },
      send: () => wake({ done: false, value: {} }),
      fail: (error) => fail(error),
      ended: () => ended,
    }
  }

  it('bring the next look forward, spread by chance', async () => {
    const own = rig()
    const { events, send, ended } = source()
    const { seen } = watching(own, 'a', { events, intervalMs: 60 * minute })
    await own.timing.advance(0)
    await own.elsewhere.put('a', '1')
    send()
    send()
    await own.timing.advance(14_999)
    expect(seen).toEqual([])
    await own.timing.advance(1)
    expect(seen).toMatchObject([{ change: 'appeared' }])
    await own.timing.advance(30 * minute)
    expect(own.sent['describe']).toBe(2)
    await own.store.close()
    expect(ended()).toBe(true)
  })

  it('never make it wait longer', async () => {
    const own = rig()
    const { events, send } = source()
    watching(own, 'a', { events, intervalMs: 1_000 })
    await own.timing.advance(0)
    send()
    await own.timing.advance(1_000)
    expect(own.sent['describe']).toBe(2)
    await own.store.close()
  })

  it('are missed loudly: an error of the source ends the watch', async () => {
    const own = rig()
    const { events, fail } = source()
    const { end } = watching(own, 'a', { events })
    await own.timing.advance(0)
    const error = new Error('the queue is gone')
    fail(error)
    await expect(end).rejects.toBe(error)
    expect(own.timing.pending()).toBe(0)
  })
})

describe('watch over several stores', () => {
  it('shows changes in any of them, and ends them all', async () => {
    const [left, right] = [rig(), rig()]
    const iterator = firstOf(left.store, right.store).watch('a')
    const seen: SecretChange[] = []
    const end = (async () => {
      for await (const change of iterator) seen.push(change)
    })()
    await settle()
    await right.elsewhere.put('a', '1')
    await right.timing.advance(minute)
    await left.elsewhere.put('a', '1')
    await left.timing.advance(minute)
    expect(seen).toHaveLength(2)
    await iterator.return?.()
    await end
    expect(left.timing.pending() + right.timing.pending()).toBe(0)
  })
})

describe('what a watch is asked for', () => {
  it('is refused when it makes no sense', () => {
    const { store } = rig()
    expect(() => store.watch([])).toThrow('the list of names is empty')
    expect(() => store.watch('a', { intervalMs: 0 })).toThrow('intervalMs')
    expect(() => store.watch('a', { eventSpreadMs: -1 })).toThrow('eventSpreadMs')
    expect(() => store.watch('a', { every: 1 } as never)).toThrow('no option "every"')
    expect(() => store.watch({ pattern: 'x' } as never)).toThrow('no option "pattern"')
  })
})
