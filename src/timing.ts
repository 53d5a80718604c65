/** Time and chance, as parameters: production passes none of them, tests pass all. */
export interface Timing {
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now: () => number
  /** From 0 to below 1. Default `Math.random`. */
  readonly random: () => number
  /** Runs a function after a delay; gives what cancels it. Default `setTimeout`. */
  readonly after: (delayMs: number, run: () => void) => () => void
}

export const systemTiming: Timing = Object.freeze({
  now: () => Date.now(),
  random: () => Math.random(),
  after: (delayMs: number, run: () => void) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
})

/** Resolves after a delay; rejects with the signal's reason when it is aborted first. */
export function sleep({ after }: Timing, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = (): void => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
