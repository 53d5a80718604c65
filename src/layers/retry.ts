import type { SecretError } from '../errors.js'
import { checkFields, type Fields } from '../fields.js'
import type { Layer, LayerEnv } from '../layer.js'
import type { Call, CallContext, Operation, Output } from '../operations.js'
import { checkNumber, endedBy, whenAborted } from './endings.js'
import { attempted, keyed, readBack, repeatIsHarmless } from './retry/repeats.js'

export interface RetryOptions {
  /** Attempts in all, the first included. Default 3. */
  readonly attempts?: number
  /** Milliseconds. The first wait is drawn from 0 to this, the next from 0 to its double, and so on. Default 100. */
  readonly baseDelayMs?: number
  /** Milliseconds. No wait is drawn from more. Default 5,000. */
  readonly maxDelayMs?: number
  /**
   * Retries that a store may have in hand. Each takes one, five successes give one back, so that in a long outage
   * retries are a small share of the traffic. Default 100.
   */
  readonly budget?: number
}

/** A service that asks for a longer pause is not waited for; the error carries its `retryAfterMs`. */
const longestPauseMs = 60_000
const successesPerRetry = 5

const fields: Fields<RetryOptions> = { attempts: true, baseDelayMs: true, maxDelayMs: true, budget: true }

/**
 * Repeats what may succeed later: errors that say `retryable`, with full jitter, and not before the service's
 * `retryAfterMs`. It does not begin a wait that would outlast the deadline.
 *
 * A request that certainly was not carried out is repeated whatever it is. One whose outcome is unknown only where
 * the copies together do what one would do, which `retry/repeats.ts` decides for each operation; a put gets an
 * idempotency key of its own where the backend knows them.
 *
 * The error that leaves this layer is final: `retryable` is false, and `attempts` counts every request. If any attempt
 * may have been carried out, `outcomeUnknown` stays true, whatever the last one said. A repeat that meets the traces of
 * its own first attempt (`CONFLICT`, `ALREADY_EXISTS`) reads back: if what the call wanted is there, that is success.
 *
 * @throws {TypeError} for an option that breaks its rule.
 */
export function retry(options: RetryOptions = {}): Layer {
  checkFields('retry', options, fields)
  const { attempts = 3, baseDelayMs = 100, maxDelayMs = 5_000, budget = 100 } = options
  checkNumber('retry: attempts', attempts, 'a whole number above 0')
  checkNumber('retry: baseDelayMs', baseDelayMs, 'a number, 0 or more')
  checkNumber('retry: maxDelayMs', maxDelayMs, 'a number, 0 or more')
  checkNumber('retry: budget', budget, 'a whole number, 0 or more')

  return {
    name: 'retry',
    wrap: (next, env) => {
      let tokens = budget * successesPerRetry
      const pauses = pausesOf(env)

      /** How long to wait before the next attempt; `undefined` when there is none. */
      const delayOf = (error: SecretError, attempt: number, call: Call): number | undefined => {
        const { signal, deadlineAt = Number.POSITIVE_INFINITY } = call.context
        if (!error.retryable || attempt >= attempts || tokens < successesPerRetry) return undefined
        if (signal?.aborted || pauses.closed()) return undefined
        if (error.outcomeUnknown && !repeatIsHarmless(call, env.capabilities)) return undefined
        const { retryAfterMs = 0 } = error
        const delay = retryAfterMs + env.random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1))
        return retryAfterMs <= longestPauseMs && env.now() + delay < deadlineAt ? delay : undefined
      }

      return async <K extends Operation>(asked: Call<K>): Promise<Output<K>> => {
        const call = keyed(asked, env.capabilities)
        const { signal } = call.context
        let inDoubt = false
        for (let attempt = 1; ; attempt += 1) {
          const result = await attempted(call, next)
          if ('output' in result) {
            tokens = Math.min(budget * successesPerRetry, tokens + 1)
            return result.output
          }
          const { error } = result
          const delay = delayOf(error, attempt, call)
          if (delay === undefined) {
            const found = inDoubt ? await readBack(call, error, next) : undefined
            if (found !== undefined) return found.output
            throw final(error, call, inDoubt)
          }
          inDoubt ||= error.outcomeUnknown
          tokens -= successesPerRetry
          await pauses.pause(delay, call.context)
          if (signal?.aborted) throw final(endedBy(signal, env, call), call, inDoubt)
          if (pauses.closed()) throw final(error, call, inDoubt)
        }
      }
    },
  }
}

function final(error: SecretError, { context }: Call, inDoubt: boolean): SecretError {
  return error.with({
    attempts: context.trail.attempts,
    retryable: false,
    outcomeUnknown: error.outcomeUnknown || inDoubt,
  })
}

interface Pauses {
  /** Resolves after the delay, or earlier: when the signal is aborted, or the store closed. */
  readonly pause: (delayMs: number, context: CallContext) => Promise<void>
  readonly closed: () => boolean
}

/** Waits that end with the store, so that closing it leaves no timer behind. */
function pausesOf(env: LayerEnv): Pauses {
  const wakers = new Set<() => void>()
  let closed = false
  env.onClose(() => {
    closed = true
    for (const wake of wakers) wake()
  })
  return {
    closed: () => closed,
    pause: (delayMs, { signal, background }) =>
      new Promise((resolve) => {
        const wake = (): void => {
          cancel()
          wakers.delete(wake)
          stopListening()
          resolve()
        }
        const cancel = env.after(delayMs, wake, background)
        const stopListening = whenAborted(signal, wake)
        wakers.add(wake)
      }),
  }
}
