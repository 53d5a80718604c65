import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RateLimitOptions, rateLimit } from '../../src/layers/rate-limit.js'
import { settle } from '../support/fake-timing.js'
import { failed, held, listeners, type Rig, type RigOptions, record, rejection, rig } from './support.js'

interface Lane extends Rig {
  /** When each request was sent, in milliseconds since the start. */
  readonly times: number[]
}

function lane(options: RateLimitOptions, more: RigOptions = {}): Lane {
  const times: number[] = []
  const { reply = () => record('v1') } = more
  const made: Rig = rig([rateLimit(options)], {
    ...more,
    reply: (call, request) => {
      times.push(made.timing.now() - start)
      return reply(call, request)
    },
  })
  const start = made.timing.now()
  return { ...made, times }
}

function sendMany({ send }: Rig, count: number): Promise<unknown>[] {
  return Array.from({ length: count }, () => send('get').output)
}

describe('rateLimit: turns', () => {
  it('lets one second’s worth pass at once, then one after another', async () => {
    const reads = lane({ readsPerSecond: 4 })
    const sent = Promise.all(sendMany(reads, 7))
    await settle()
    expect(reads.times).toEqual([0, 0, 0, 0])
    await reads.timing.advance(249)
    expect(reads.times).toHaveLength(4)
    await reads.timing.advance(1_000)
    expect(reads.times).toEqual([0, 0, 0, 0, 250, 500, 750])
    await sent
    expect(reads.timing.pending()).toBe(0)
  })

  it('holds at least one token, however low the rate', async () => {
    const reads = lane({ readsPerSecond: 0.5 })
    sendMany(reads, 2)
    await reads.timing.advance(1_999)
    expect(reads.times).toEqual([0])
    await reads.timing.advance(1)
    expect(reads.times).toEqual([0, 2_000])
  })

  it('gathers no more than one second’s worth while nothing is sent', async () => {
    const reads = lane({ readsPerSecond: 2 })
    await reads.timing.advance(60_000)
    sendMany(reads, 3)
    await reads.timing.advance(500)
    expect(reads.times).toEqual([60_000, 60_000, 60_500])
  })

  it('waits only for what is missing of a token', async () => {
    const backend = lane({ readsPerSecond: 1 })
    await backend.send('get').output
    await backend.timing.advance(400)
    backend.send('get')
    await backend.timing.advance(100)
    backend.send('get')
    await backend.timing.advance(10_000)
    expect(backend.times).toEqual([0, 1_000, 2_000])
  })

  it('keeps reads and writes apart', async () => {
    const backend = lane({ readsPerSecond: 1, writesPerSecond: 2 })
    for (const operation of ['get', 'put', 'describe', 'delete'] as const) backend.send(operation)
    await settle()
    expect(backend.requests.map(({ operation }) => operation)).toEqual(['get', 'put', 'delete'])
    await backend.timing.advance(1_000)
    expect(backend.requests).toHaveLength(4)
  })

  it.each([
    [{}, 5, 2],
    [{ share: 1 }, 10, 4],
    [{ readsPerSecond: 7 }, 7, 2],
    [{ writesPerSecond: 3 }, 5, 3],
  ])('takes its rates from the limits: %j', async (options, reads, writes) => {
    const backend = lane(options, { limits: { readsPerSecond: 10, writesPerSecond: 4 } })
    for (let n = 0; n < 20; n += 1) {
      backend.send('get')
      backend.send('tag')
    }
    await settle()
    const sent = backend.requests.map(({ operation }) => operation)
    expect(sent.filter((operation) => operation === 'get')).toHaveLength(reads)
    expect(sent.filter((operation) => operation === 'tag')).toHaveLength(writes)
  })

  it.each([0, Number.POSITIVE_INFINITY])(
    'lets everything pass where the quota is %s',
    async (readsPerSecond) => {
      const backend = lane({}, { limits: { readsPerSecond }, reply: () => failed('RATE_LIMITED') })
      const sent = await Promise.allSettled(sendMany(backend, 50))
      expect(sent).toHaveLength(50)
      expect(backend.times).toHaveLength(50)
      expect(backend.timing.pending()).toBe(0)
    },
  )

  it('serves first who came first, and nobody overtakes the waiting', async () => {
    const backend = lane({ readsPerSecond: 1 })
    for (const name of ['a', 'b', 'c']) backend.send('get', { name })
    await backend.timing.advance(999)
    backend.timing.jump(1)
    backend.send('get', { name: 'd' })
    await backend.timing.advance(10_000)
    expect(backend.requests.map(({ input }) => (input as { name: string }).name)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
  })

  it('is not confused by a clock that steps back', async () => {
    const backend = lane({ readsPerSecond: 1 })
    await backend.send('get').output
    backend.timing.jump(-3_600_000)
    backend.send('get')
    await backend.timing.advance(1_000)
    expect(backend.requests).toHaveLength(2)
  })

  it('sends at most the burst and the rate in any window (property)', async () => {
    const gaps = fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), gaps, async (readsPerSecond, pauses) => {
        const backend = lane({ readsPerSecond })
        for (const pause of pauses) {
          backend.send('get')
          await backend.timing.advance(pause)
        }
        await backend.timing.advance(60_000)
        expect(backend.times).toHaveLength(pauses.length)
        backend.times.forEach((from, index) => {
          const inSecond = backend.times.slice(index).filter((time) => time < from + 1_000)
          expect(inSecond.length).toBeLessThanOrEqual(2 * readsPerSecond)
        })
      }),
      { numRuns: 100 },
    )
  })
})

describe('rateLimit: adapting', () => {
  it('halves the rate once for what was under way together', async () => {
    const answers = Array.from({ length: 8 }, () => held<unknown>())
    const backend = lane({ readsPerSecond: 8 }, { reply: (_, n) => answers[n - 1]?.promise ?? record('v1') })
    const first = sendMany(backend, 8)
    await settle()
    for (const answer of answers) answer.reject(failed('RATE_LIMITED'))
    await Promise.allSettled(first)
    sendMany(backend, 3)
    await backend.timing.advance(249)
    expect(backend.times).toHaveLength(8)
    await backend.timing.advance(1)
    expect(backend.times.slice(8)).toEqual([250])
  })

  it('halves again for each that was sent after that, down to one a second', async () => {
    const backend = lane({ readsPerSecond: 8 }, { reply: () => failed('RATE_LIMITED') })
    const { output } = backend.send('get')
    await rejection(output)
    for (let n = 0; n < 5; n += 1) {
      backend.send('get')
      while (backend.times.length < n + 2) await backend.timing.advance(1)
    }
    const gaps = backend.times.slice(1).map((time, index) => time - (backend.times[index] ?? 0))
    expect(gaps).toEqual([250, 492, 924, 1_000, 1_000])
  })

  it('does not raise a rate that was below one a second from the start', async () => {
    const backend = lane(
      { readsPerSecond: 0.5 },
      { reply: (_, n) => (n === 1 ? failed('RATE_LIMITED') : record('v')) },
    )
    await rejection(backend.send('get').output)
    backend.send('get')
    await backend.timing.advance(1_999)
    expect(backend.times).toEqual([0])
    await backend.timing.advance(1)
    expect(backend.times).toEqual([0, 2_000])
  })

  it.each([
    [0, 34],
    [7_500, 23],
    [15_000, 17],
    [60_000, 17],
  ])(
    'grows back evenly in 30 seconds to the full rate, and no further: %i ms later',
    async (pauseMs, gapMs) => {
      const reply = (_: unknown, n: number): unknown => (n === 1 ? failed('RATE_LIMITED') : record('v1'))
      const backend = lane({ readsPerSecond: 60 }, { reply })
      await rejection(backend.send('get').output)
      await backend.timing.advance(pauseMs)
      const gathered = pauseMs === 0 ? 0 : 30
      sendMany(backend, gathered + 1)
      await backend.timing.advance(gapMs - 1)
      expect(backend.times).toHaveLength(1 + gathered)
      await backend.timing.advance(1)
      expect(backend.times).toHaveLength(1 + gathered + 1)
    },
  )

  it('leaves the other lane alone, and other errors', async () => {
    const backend = lane(
      { readsPerSecond: 2, writesPerSecond: 2 },
      { reply: ({ operation }) => (operation === 'put' ? failed('RATE_LIMITED') : failed('UNAVAILABLE')) },
    )
    await rejection(backend.send('put').output)
    await rejection(backend.send('get').output)
    await rejection(backend.send('get').output)
    expect(backend.times).toEqual([0, 0, 0])
    backend.send('get')
    await backend.timing.advance(500)
    expect(backend.times).toEqual([0, 0, 0, 500])
  })

  it('passes every error on as it is', async () => {
    const errors = [new TypeError('a mistake'), failed('RATE_LIMITED')]
    const backend = lane({}, { reply: (_, n) => errors[n - 1] })
    await expect(backend.send('get').output).rejects.toBe(errors[0])
    await expect(backend.send('get').output).rejects.toBe(errors[1])
  })
})

describe('rateLimit: waiting', () => {
  it('refuses what would be one too many to wait, and says what to do', async () => {
    const backend = lane({ readsPerSecond: 1, maxWaiting: 2 })
    sendMany(backend, 3)
    const error = await rejection(backend.send('get').output)
    expect(error).toMatchObject({ code: 'RATE_LIMITED', retryable: true, attempts: 0 })
    expect(error.message).toBe(
      'scripted: get "prod/db": 2 calls wait for their turn already; send fewer at once, or raise maxWaiting',
    )
    await backend.timing.advance(1_000)
    backend.send('get')
    await backend.timing.advance(10_000)
    expect(backend.times).toEqual([0, 1_000, 2_000, 3_000])
  })

  it('lets pass what need not wait where nothing may', async () => {
    const backend = lane({ readsPerSecond: 1, maxWaiting: 0 })
    await backend.send('get').output
    expect((await rejection(backend.send('get').output)).code).toBe('RATE_LIMITED')
    await backend.timing.advance(1_000)
    await backend.send('get').output
    expect(backend.times).toEqual([0, 1_000])
  })

  it('holds a thousand', async () => {
    const backend = lane({ readsPerSecond: 1 })
    sendMany(backend, 1_001)
    expect((await rejection(backend.send('get').output)).message).toMatch('1000 calls wait')
  })

  it('ends with the signal, and gives the turn to the next', async () => {
    const controller = new AbortController()
    const backend = lane({ readsPerSecond: 1 })
    sendMany(backend, 1)
    const { output } = backend.send('get', { name: 'gone' }, { signal: controller.signal })
    const next = backend.send('get', { name: 'next' })
    expect(listeners(controller.signal)).toBe(1)
    controller.abort()
    expect(await rejection(output)).toMatchObject({ code: 'ABORTED', outcomeUnknown: false, attempts: 0 })
    expect(listeners(controller.signal)).toBe(0)
    expect(backend.timing.pending()).toBe(1)
    await backend.timing.advance(1_000)
    await next.output
    expect(backend.requests.map(({ input }) => (input as { name: string }).name)).toEqual(['prod/db', 'next'])
  })

  it('leaves no timer when nobody waits any more', async () => {
    const controller = new AbortController()
    const backend = lane({ readsPerSecond: 1 })
    sendMany(backend, 1)
    const { output } = backend.send('put', {}, {})
    await output
    const waiting = backend.send('get', {}, { signal: controller.signal })
    await settle()
    expect(backend.timing.pending()).toBe(1)
    controller.abort(failed('TIMEOUT'))
    expect((await rejection(waiting.output)).code).toBe('TIMEOUT')
    expect(backend.timing.pending()).toBe(0)
  })

  it('leaves no listener when its turn has come', async () => {
    const { signal } = new AbortController()
    const backend = lane({ readsPerSecond: 1 })
    sendMany(backend, 1)
    const { output } = backend.send('get', {}, { signal })
    await backend.timing.advance(1_000)
    await output
    expect(listeners(signal)).toBe(0)
  })

  it('takes no turn for a signal that is aborted already', async () => {
    const backend = lane({ readsPerSecond: 1 })
    const error = await rejection(backend.send('get', {}, { signal: AbortSignal.abort() }).output)
    expect(error.code).toBe('ABORTED')
    await backend.send('get').output
    expect(backend.times).toEqual([0])
  })

  it('ends with the store', async () => {
    const { signal } = new AbortController()
    const backend = lane({ readsPerSecond: 1 })
    sendMany(backend, 1)
    const { output } = backend.send('get', {}, { signal })
    await settle()
    await backend.close()
    const error = await rejection(output)
    expect(error.code).toBe('CLOSED')
    expect(error.message).toBe(
      'scripted: get "prod/db": the store was closed while the call waited for its turn',
    )
    expect(listeners(signal)).toBe(0)
    expect(backend.timing.pending()).toBe(0)
    const later = await rejection(backend.send('get').output)
    expect(later.message).toBe('scripted: get "prod/db": the store is closed; open a new one')
    expect(later.code).toBe('CLOSED')
    expect(backend.times).toEqual([0])
  })
})

describe('rateLimit: options', () => {
  it.each<[RateLimitOptions, string]>([
    [{ readsPerSecond: 0 }, 'rateLimit: readsPerSecond must be a number above 0'],
    [{ writesPerSecond: -1 }, 'rateLimit: writesPerSecond must be a number above 0'],
    [{ share: 0 }, 'rateLimit: share must be a number above 0, at most 1'],
    [{ share: 1.1 }, 'rateLimit: share must be a number above 0, at most 1'],
    [{ maxWaiting: -1 }, 'rateLimit: maxWaiting must be a whole number, 0 or more'],
    [{ maxWaiting: 1.5 }, 'rateLimit: maxWaiting must be a whole number, 0 or more'],
  ])('refuses %j', (options, message) => {
    expect(() => rateLimit(options)).toThrow(new TypeError(message))
  })
})
