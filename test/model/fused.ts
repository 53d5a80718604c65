import { channel } from 'node:diagnostics_channel'
import fc from 'fast-check'
import { type AuditEntry, type Secret, SecretError, type SecretStore } from 'strongroom'
import { memory } from 'strongroom/memory'
import { type Operation, refusal, type SecretProvider } from 'strongroom/provider'
import { createStore } from '../../src/create-store.js'
import type { Layer } from '../../src/layer.js'
import { type CallEnded, defaultLayers } from '../../src/layers/index.js'
import { systemTiming } from '../../src/timing.js'
import { type FakeTiming, fakeTiming, settle } from '../support/fake-timing.js'

const names = ['app/db', 'app/stripe', 'admin/root', 'app/missing'] as const

type Fault = 'UNAVAILABLE' | 'NOT_FOUND' | 'PERMISSION_DENIED' | undefined

export type FusedStep =
  | { readonly do: 'get'; readonly name: number; readonly how: number; readonly times: number }
  | { readonly do: 'find' | 'peek' | 'put' | 'delete' | 'describe' | 'foreign put'; readonly name: number }
  | { readonly do: 'get many' | 'listen' | 'stats' | 'turn' }
  | { readonly do: 'fault'; readonly fault: Fault }
  | { readonly do: 'wait' | 'jump'; readonly ms: number }

const options = [
  undefined,
  {},
  { version: undefined, stage: undefined },
  { stage: 'current' },
  { maxAgeMs: 0 },
  { maxAgeMs: 60_000 },
  { field: 'user' },
  { stage: 'previous' },
] as const

/** A layer that takes no part in hits: with it each `get` is a call through every layer. */
const unfused: Layer = { name: 'unfused', wrap: (next) => next }

/** A store, and all that can be seen of it from outside. */
class Side {
  readonly store: SecretStore
  readonly seen: unknown[] = []
  readonly entries: AuditEntry[] = []
  readonly events: unknown[] = []
  readonly timing: FakeTiming
  readonly #backend: SecretProvider
  readonly #requests: string[] = []
  #fault: Fault

  constructor(outermost: readonly Layer[], clock: 'fake' | 'real') {
    this.timing = fakeTiming()
    this.#backend = memory({
      seed: { 'app/db': { user: 'a', password: 'b' }, 'app/stripe': 'one', 'admin/root': 'x' },
    })
    const { now, uptime, random, after } = this.timing
    const time = clock === 'fake' ? { now, uptime } : systemTiming
    const inner = defaultLayers({
      audit: { record: (entry) => void this.entries.push(entry) },
      policy: {
        rules: [
          { effect: 'allow', names: ['app/**', 'admin/**'] },
          { effect: 'deny', names: ['admin/**'], operations: ['get'] },
        ],
      },
      cache: { ttlMs: 100_000 },
    })
    const options = { now: time.now, uptime: time.uptime, random, after }
    const provider = this.#faulty()
    this.store = createStore({
      provider,
      layers: [...outermost, ...inner],
      ...(clock === 'fake' ? options : { random, after }),
    })
  }

  set fault(fault: Fault) {
    this.#fault = fault
  }

  #faulty(): SecretProvider {
    const { operations, capabilities } = this.#backend
    const wrapped = Object.entries(operations).map(([operation, run]) => [
      operation,
      async (input: never, context: never) => {
        this.#requests.push(operation)
        if (this.#fault !== undefined && operation === 'get') throw refusal(this.#fault, 'a fault')
        return (run as (input: never, context: never) => unknown)(input, context)
      },
    ])
    // Keys for idempotency are drawn by chance, and would become the versions.
    const counted = { ...capabilities, putIdempotent: false }
    const operationsOf = Object.fromEntries(wrapped) as SecretProvider['operations']
    return { ...this.#backend, capabilities: counted, operations: operationsOf }
  }

  note(read: Promise<unknown>): void {
    const place = this.seen.push(undefined) - 1
    void read.then(
      (value) => {
        this.seen[place] = shown(value)
      },
      (error: unknown) => {
        this.seen[place] = SecretError.is(error) ? [error.code, error.message, error.attempts] : String(error)
      },
    )
  }

  async take(step: FusedStep): Promise<void> {
    const { store, timing } = this
    const name = 'name' in step ? (names[step.name] ?? names[0]) : names[0]
    if (step.do === 'get')
      for (let n = 0; n < step.times; n += 1) this.note(store.get(name, options[step.how] as object))
    else if (step.do === 'find') this.note(store.find(name))
    else if (step.do === 'peek') this.seen.push(shown(store.peek(name)))
    else if (step.do === 'put') this.note(store.put(name, `value ${this.seen.length}`))
    else if (step.do === 'delete') this.note(store.delete(name))
    else if (step.do === 'describe') this.note(store.describe(name))
    else if (step.do === 'foreign put') await this.#foreignPut(name)
    else if (step.do === 'get many') this.note(store.getMany(names))
    else if (step.do === 'fault') this.fault = step.fault
    else if (step.do === 'wait') await timing.advance(step.ms)
    else if (step.do === 'jump') timing.jump(step.ms)
    else if (step.do === 'stats') this.seen.push(store.stats())
  }

  async #foreignPut(name: string): Promise<void> {
    const { operations, names: codec } = this.#backend
    const ref = codec.encode(codec.prefix + name)
    const signal = new AbortController().signal
    const context = { signal, now: this.timing.now, sleep: async () => {} }
    const { SecretValue } = await import('strongroom/provider')
    const input = {
      ref,
      canonical: ref,
      value: SecretValue.text('foreign'),
      stage: 'current',
      onDeleted: 'restore',
    } as const
    await operations.put(input, context)
  }

  /** Everything, at the end. Reads of one step end in any order, and so do what audit and telemetry are told of them. */
  async finish(): Promise<object> {
    this.seen.push(this.store.stats())
    await this.store.close()
    await settle()
    const audit = this.entries.map(({ time, latencyMs, ...entry }) => JSON.stringify(entry)).sort()
    const events = this.events.map((event) => JSON.stringify(event)).sort()
    return { seen: this.seen, requests: this.#requests, audit, events }
  }
}

function shown(value: unknown): unknown {
  if (value instanceof Map)
    return [...value].map(([key, each]) => [key, each.status, shown(each.value), each.reason?.code])
  if (typeof value !== 'object' || value === null || !('equals' in value)) return value
  const { name, version, stale, stages } = value as Secret
  return { name, version, stale, stages, text: (value as Secret).text() }
}

const name = fc.constantFrom(0, 0, 0, 1, 1, 2, 3)
const step: fc.Arbitrary<FusedStep> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('get' as const),
      name,
      how: fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7),
      times: fc.constantFrom(1, 1, 3),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('peek' as const), name }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'find' as const,
        'put' as const,
        'delete' as const,
        'describe' as const,
        'foreign put' as const,
      ),
      name,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('get many' as const, 'listen' as const, 'stats' as const, 'turn' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      fault: fc.constantFrom<Fault[]>(undefined, undefined, 'UNAVAILABLE', 'NOT_FOUND', 'PERMISSION_DENIED'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('wait' as const, 'wait' as const, 'jump' as const),
      ms: fc.constantFrom(1, 900, 61_000, 85_000, 130_000, 210_000),
    }),
  },
)

export interface FusedReport {
  readonly ran: number
  /** Reads that were answered without a call; of them there should be many. */
  readonly hits: number
  readonly broken: string | undefined
}

/** Drives both compositions through the same schedules, and compares all that can be seen of them. */
export async function compare(schedules: number, seed?: number): Promise<FusedReport> {
  let hits = 0
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }),
    fc.constantFrom('fake' as const, 'fake' as const, 'real' as const),
    async (steps, clock) => {
      const [fused, plain] = [new Side([], clock), new Side([unfused], clock)]
      for (const each of steps) {
        for (const side of [fused, plain]) await listening(side, each, () => side.take(each))
      }
      const [one, other] = [await fused.finish(), await plain.finish()]
      hits += fused.store.stats().hits
      const [left, right] = [one, other].map((each) =>
        JSON.stringify(each, undefined, 1)
          .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time')
          .split('\n'),
      )
      const at = left?.findIndex((line, index) => line !== right?.[index]) ?? -1
      if (at >= 0)
        throw new Error(
          `fused ${left?.slice(at, at + 4).join('')} plain ${right?.slice(at, at + 4).join('')}`,
        )
    },
  )
  const details = await fc.check(property, { numRuns: schedules, ...(seed === undefined ? {} : { seed }) })
  const broken = details.failed
    ? `${String(details.errorInstance)}\n${await fc.asyncDefaultReportMessage(details)}`
    : undefined
  return { ran: details.numRuns, hits, broken }
}

const heard = new WeakSet<Side>()

/** Runs a step with a listener to telemetry, if the schedule has said so an odd number of times. */
async function listening(side: Side, step: FusedStep, run: () => Promise<void>): Promise<void> {
  if (step.do === 'listen' && !heard.delete(side)) heard.add(side)
  const ended = channel('strongroom:call:end')
  const listener = (message: unknown): void => {
    const { operation, secret, version, stage, code, source, attempts } = message as CallEnded & {
      operation: Operation
    }
    side.events.push({ operation, secret, version, stage, code, source, attempts })
  }
  if (heard.has(side)) ended.subscribe(listener)
  await run()
  await settle()
  if (heard.has(side)) ended.unsubscribe(listener)
}
