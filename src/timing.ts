/** Time and chance, as parameters: production passes none of them, tests pass all. */
export interface Timing {
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now: () => number
  /**
   * Milliseconds of a clock that nobody sets; it may stand still while the machine sleeps. Default `performance.now`,
   * or `now` where that is given.
   */
  readonly uptime: () => number
  /** From 0 to below 1. Default `Math.random`. */
  readonly random: () => number
  /**
   * Runs a function after a delay; gives what cancels it. A timer in the background does not keep the process alive.
   * Default `setTimeout`.
   */
  readonly after: (delayMs: number, run: () => void, background?: boolean) => () => void
}

/** A longer delay would end at once (Node.js documentation of `setTimeout`). */
export const longestTimerMs: number = 2 ** 31 - 1

export const systemTiming: Timing = Object.freeze({
  now: () => Date.now(),
  uptime: () => performance.now(),
  random: () => Math.random(),
  after: (delayMs: number, run: () => void, background = false) => {
    const timer = setTimeout(run, delayMs)
    if (background) timer.unref()
    return () => clearTimeout(timer)
  },
})

export interface SleepOptions {
  readonly signal?: AbortSignal | undefined
  /** Default false. */
  readonly background?: boolean | undefined
}

/** Resolves after a delay; rejects with the signal's reason when it is aborted first. */
export function sleep({ after }: Timing, delayMs: number, options: SleepOptions = {}): Promise<void> {
  const { signal, background = false } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = (): void => {
      cancel()
      reject(signal?.reason)
    }
    const wake = (): void => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }
    const cancel = after(delayMs, wake, background)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
