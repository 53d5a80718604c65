import type { Timing } from '../../src/timing.js'

/** A clock that moves only when told. */
export interface FakeTiming extends Timing {
  /** Runs every timer that falls due within `ms`, each at its own time, and lets promises settle around each. */
  readonly advance: (ms: number) => Promise<void>
  /** Sets the wall clock without running timers or the steady clock, as a suspended machine or a correction does. */
  readonly jump: (ms: number) => void
  /** Timers that wait. */
  readonly pending: () => number
}

export interface FakeTimingOptions {
  /** Default 1,700,000,000,000. */
  readonly start?: number
  /** Default always 0. */
  readonly random?: () => number
}

export function fakeTiming({
  start = 1_700_000_000_000,
  random = () => 0,
}: FakeTimingOptions = {}): FakeTiming {
  const timers = new Set<{ readonly at: number; readonly run: () => void }>()
  let time = start
  let set = 0

  return {
    now: () => time + set,
    uptime: () => time - start,
    random,
    after: (delayMs, run) => {
      const timer = { at: time + delayMs, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance: async (ms) => {
      const until = time + ms
      await settle()
      for (;;) {
        const [due] = [...timers].filter(({ at }) => at <= until).sort((left, right) => left.at - right.at)
        if (due === undefined) break
        timers.delete(due)
        time = Math.max(time, due.at)
        due.run()
        await settle()
      }
      time = until
    },
    jump: (ms) => {
      set += ms
    },
    pending: () => timers.size,
  }
}

/** Resolves when all promises that can settle now have settled. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
