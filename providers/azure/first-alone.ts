import { statusOf } from './facts.js'

export type Alone = <T>(run: () => Promise<T>, signal: AbortSignal) => Promise<T>

/**
 * Lets one call at a time through until one has been answered. The SDK keeps the body of the first request aside while
 * the vault asks for a token, in one place for all requests: two at once can lose it.
 */
export function firstAlone(): Alone {
  let open = false
  let flight: Promise<void> | undefined

  return async (run, signal) => {
    while (!open && flight !== undefined) await unlessAborted(flight, signal)
    if (open) return run()
    const result = run()
    flight = result.then(
      () => {
        open = true
      },
      (error: unknown) => {
        open = isChallengePassed(statusOf(error))
        flight = undefined
      },
    )
    return result
  }
}

function isChallengePassed(status: number | undefined): boolean {
  return status !== undefined && status !== 401
}

function unlessAborted(flight: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    void flight.then(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
  })
}
