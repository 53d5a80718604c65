import { unlessAborted } from 'strongroom/provider'
import { isNoToken } from './errors.js'
import { statusOf } from './facts.js'

export type Alone = <T>(run: () => Promise<T>, signal: AbortSignal) => Promise<T>

/**
 * Lets one call at a time through until one has been answered. The SDK keeps the body of the first request aside while
 * the vault asks for a token, in one place for all requests: two at once can lose it. Who waits for a token that is not
 * to be had hears so from the one who asked.
 */
export function firstAlone(): Alone {
  let open = false
  let flight: Promise<void> | undefined

  return async (run, signal) => {
    while (!open && flight !== undefined) await unlessAborted(flight, signal)
    if (open) return run()
    const result = run()
    const settled = result.then(
      () => {
        open = true
      },
      (error: unknown) => {
        open = isChallengePassed(statusOf(error))
        flight = undefined
        if (isNoToken(error)) throw error
      },
    )
    flight = settled
    await settled
    return result
  }
}

function isChallengePassed(status: number | undefined): boolean {
  return status !== undefined && status !== 401
}
