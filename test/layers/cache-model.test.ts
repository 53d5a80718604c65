import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../src/errors.js'
import { cache } from '../../src/layers/cache.js'
import type { Call } from '../../src/operations.js'
import { settle } from '../support/fake-timing.js'
import { failed, type Held, held, listeners, type Rig, record, rig } from './support.js'

/**
 * Random schedules of readers, own writes, writes of others, slow answers, errors, aborts and time, against the
 * plainest model: one secret whose versions are 1, 2, 3 …, and the times at which each became current.
 */
const ttlMs = 100
const staleIfErrorMs = 300
const errors: readonly ErrorCode[] = [
  'UNAVAILABLE',
  'TIMEOUT',
  'RATE_LIMITED',
  'PERMISSION_DENIED',
  'DISABLED',
]

type Step =
  | { readonly do: 'get'; readonly maxAgeMs: number | undefined }
  | { readonly do: 'put' }
  | { readonly do: 'foreign put' }
  /** The backend carries out a request that waits. */
  | { readonly do: 'process'; readonly pick: number }
  /** Its answer arrives; one that was not carried out yet is carried out now, or later for a lost write. */
  | { readonly do: 'answer'; readonly pick: number }
  | { readonly do: 'fail'; readonly pick: number; readonly code: ErrorCode }
  | { readonly do: 'abort'; readonly pick: number }
  | { readonly do: 'wait'; readonly ms: number }

interface Request {
  readonly call: Call
  readonly answer: Held<unknown>
  /** The version that it saw or made. */
  seen: number | undefined
  answered: boolean
}

interface Read {
  /** What was current `maxAgeMs` before the read began. */
  readonly youngEnough: number
  /** The newest version that this store had been told of when the read began. */
  readonly knownBefore: number
  readonly controller: AbortController
  done: boolean
}

const pick = fc.nat({ max: 50 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('get' as const),
      maxAgeMs: fc.constantFrom(undefined, undefined, 0, 30, 150),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ do: 'put' as const }, { do: 'foreign put' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('process' as const), pick }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('answer' as const), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('fail' as const), pick, code: fc.constantFrom(...errors) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: 80 }) }) },
)

class World {
  readonly rig: Rig
  readonly requests: Request[] = []
  readonly reads: Read[] = []
  /** When each version became current. */
  readonly history: number[] = [0]
  /** The newest version that this store was told of, by a read or by a write of its own. */
  known = 1
  served = { fresh: 0, stale: 0, failed: 0 }

  constructor(jitter: number) {
    this.rig = rig([cache({ ttlMs, staleIfErrorMs })], {
      random: () => jitter,
      reply: (call) => {
        const request: Request = { call, answer: held(), seen: undefined, answered: false }
        this.requests.push(request)
        return request.answer.promise
      },
    })
  }

  get version(): number {
    return this.history.length
  }

  versionAt(time: number): number {
    return this.history.filter((since) => since <= time).length
  }

  process(request: Request): number {
    if (request.seen !== undefined) return request.seen
    if (request.call.operation === 'put') this.history.push(this.rig.timing.now())
    request.seen = this.version
    return request.seen
  }

  open(index: number): Request | undefined {
    const open = this.requests.filter(({ answered }) => !answered)
    return open[index % Math.max(1, open.length)]
  }

  answer(request: Request): void {
    const seen = this.process(request)
    request.answered = true
    request.answer.resolve(
      request.call.operation === 'get' ? record(String(seen)) : { version: String(seen) },
    )
  }

  read(maxAgeMs: number | undefined): void {
    const controller = new AbortController()
    const { signal } = controller
    const read: Read = {
      youngEnough: this.versionAt(this.rig.timing.now() - (maxAgeMs ?? Number.POSITIVE_INFINITY)),
      knownBefore: this.known,
      controller,
      done: false,
    }
    const { output, trail } = this.rig.send(
      'get',
      {},
      { signal, ...(maxAgeMs === undefined ? {} : { maxAgeMs }) },
    )
    void output
      .then(
        ({ version }) => {
          read.done = true
          this.served[trail.source === 'stale' ? 'stale' : 'fresh'] += 1
          this.check(read, Number(version), trail.source)
        },
        () => {
          read.done = true
          this.served.failed += 1
        },
      )
      .catch((broken: unknown) => this.broken.push(broken))
    this.reads.push(read)
  }

  readonly broken: unknown[] = []

  /** What holds for every answer. */
  check(read: Read, version: number, source: string): void {
    const { youngEnough, knownBefore } = read
    expect(version, 'no version that never was').toBeLessThanOrEqual(this.version)
    expect(version, 'not older than what was known when the read began').toBeGreaterThanOrEqual(knownBefore)
    expect(version, 'as young as was asked for').toBeGreaterThanOrEqual(youngEnough)
    if (source === 'stale') {
      const bound = this.versionAt(this.rig.timing.now() - staleIfErrorMs)
      expect(version, 'not staler than allowed').toBeGreaterThanOrEqual(bound)
    }
    this.known = Math.max(this.known, version)
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const each of steps) {
      await this.take(each)
      await settle()
      const trusted = this.requests.filter(
        ({ call, answered }) =>
          call.operation === 'get' && !answered && call.context.signal?.aborted !== true,
      )
      if (!this.requests.some(({ call }) => call.operation === 'put')) {
        expect(trusted.length, 'one request at a time').toBeLessThanOrEqual(1)
      }
    }
  }

  async take(each: Step): Promise<void> {
    if (each.do === 'get') this.read(each.maxAgeMs)
    else if (each.do === 'foreign put') this.history.push(this.rig.timing.now())
    else if (each.do === 'put') {
      const { output } = this.rig.send('put')
      void output.then(
        ({ version }) => {
          this.known = Math.max(this.known, Number(version))
        },
        () => {},
      )
    } else if (each.do === 'wait') await this.rig.timing.advance(each.ms)
    else if (each.do === 'abort') this.reads[each.pick % Math.max(1, this.reads.length)]?.controller.abort()
    else {
      const request = this.open(each.pick)
      if (request === undefined) return
      if (each.do === 'process') this.process(request)
      else if (each.do === 'answer') this.answer(request)
      else {
        request.answered = true
        const outcomeUnknown = request.call.operation === 'put'
        request.answer.reject(failed(each.code, { outcomeUnknown }))
      }
    }
  }

  /** Answers whatever waits, and looks at what is left. */
  async finish(): Promise<void> {
    for (let request = this.open(0); request !== undefined; request = this.open(0)) {
      this.answer(request)
      await settle()
    }
    expect(this.broken).toEqual([])
    expect(this.reads.filter(({ done }) => !done)).toHaveLength(0)
    expect(this.reads.map(({ controller }) => listeners(controller.signal)).filter(Boolean)).toEqual([])
    expect(this.rig.timing.pending()).toBe(0)
  }
}

describe('cache: random schedules', () => {
  it('never gives an older version than was known, or one that is too old', async () => {
    const total = { fresh: 0, stale: 0, failed: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(step, { minLength: 20, maxLength: 100, size: 'max' }),
        async (jitter, steps) => {
          const world = new World(jitter)
          await world.run(steps)
          await world.finish()
          for (const kind of ['fresh', 'stale', 'failed'] as const) total[kind] += world.served[kind]
        },
      ),
      { numRuns: 1_000 },
    )
    // The schedules reach what they are about.
    expect(total.fresh).toBeGreaterThan(5_000)
    expect(total.stale).toBeGreaterThan(20)
    expect(total.failed).toBeGreaterThan(500)
  }, 60_000)
})
