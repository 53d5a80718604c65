import fc from 'fast-check'
import type { ErrorCode } from 'strongroom'
import { type Step, type What, World } from './world.js'

const codes: readonly ErrorCode[] = [
  'UNAVAILABLE',
  'UNAVAILABLE',
  'TIMEOUT',
  'RATE_LIMITED',
  'UNKNOWN',
  'PERMISSION_DENIED',
  'DISABLED',
]
const whats: readonly What[] = [
  'current',
  'current',
  'current',
  'current',
  'pending',
  'previous',
  'newest-enabled',
  'known version',
]
const pick = fc.nat({ max: 20 })
const name = fc.constantFrom(0, 0, 0, 1, 1, 2)
const just = <const T>(value: T): fc.Arbitrary<T> => fc.constant(value)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: just('get'),
      name,
      what: fc.constantFrom(...whats),
      maxAgeMs: fc.constantFrom(undefined, undefined, undefined, 0, 30_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: just('burst'), name }) },
  { weight: 2, arbitrary: just({ do: 'peek' }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: just('put'), name, stage: fc.constantFrom('current', 'pending') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: just('change'),
      name,
      act: fc.constantFrom('promote', 'promote', 'disable', 'delete'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: just('foreign'),
      name,
      act: fc.constantFrom('put', 'put', 'put', 'deny', 'allow', 'allow', 'disable', 'delete'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: just('process'), pick }) },
  { weight: 3, arbitrary: fc.record({ do: just('answer'), pick }) },
  { weight: 6, arbitrary: just({ do: 'answer all' }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: just('fail'), pick, code: fc.constantFrom(...codes), late: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: just('outage'), on: fc.constantFrom(true, false) }) },
  { weight: 1, arbitrary: fc.record({ do: just('abort'), pick }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: just('wait'),
      ms: fc.constantFrom(10, 500, 1_500, 6_000, 25_000, 50_000, 81_000, 101_000, 205_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: just('freeze'), ms: fc.constantFrom(90_000, 210_000, 500_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: just('set clock'), ms: fc.constantFrom(-200_000, -1_000, 1_000) }),
  },
)

const schedule = fc.record({
  jitter: fc.constantFrom(0, 0.5, 0.99),
  steps: fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }),
  /** What is done after the end of the store, where it comes early. */
  late: fc.option(fc.array(step, { minLength: 1, maxLength: 5 }), { freq: 3 }),
})

export interface ScheduleOptions {
  readonly schedules: number
  /** Default: by chance. */
  readonly seed?: number
  /** Milliseconds after which it stops, though not all schedules have run. Default: never. */
  readonly withinMs?: number
  /** Whether to look for the shortest schedule that breaks an invariant. Default true. */
  readonly shrink?: boolean
}

export interface ScheduleReport {
  readonly seed: number
  readonly ran: number
  readonly served: { fresh: number; stale: number; failed: number }
  /** The shortest schedule that breaks an invariant, and which; `undefined` when all hold. */
  readonly broken: string | undefined
}

/** Runs random schedules in worlds of their own. */
export async function runInWorlds(options: ScheduleOptions): Promise<ScheduleReport> {
  const { schedules, seed, withinMs, shrink = true } = options
  const served = { fresh: 0, stale: 0, failed: 0 }
  const rejections: unknown[] = []
  const onRejection = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', onRejection)
  const property = fc.asyncProperty(schedule, async ({ jitter, steps, late }) => {
    const world = new World(jitter)
    await world.run(late === null ? steps : [...steps, { do: 'close' }, ...late])
    for (const kind of ['fresh', 'stale', 'failed'] as const) served[kind] += world.judge.served[kind]
    if (rejections.length > 0) throw new Error('a rejection that nobody handles')
  })
  const details = await fc.check(property, {
    numRuns: schedules,
    endOnFailure: !shrink,
    ...(seed === undefined ? {} : { seed }),
    ...(withinMs === undefined ? {} : { interruptAfterTimeLimit: withinMs, markInterruptAsFailure: false }),
  })
  process.off('unhandledRejection', onRejection)
  const broken = details.failed
    ? `${String(details.errorInstance)}\n${await fc.asyncDefaultReportMessage(details)}`
    : undefined
  return { seed: details.seed, ran: details.numRuns, served, broken }
}
