import { checkFields, type Fields } from '../fields.js'
import type { Layer } from '../layer.js'
import type { Call, Operation, Output } from '../operations.js'
import { checkNumber, failure, withinTime } from './endings.js'

export interface DeadlineOptions {
  /**
   * Milliseconds that a call may take when it says nothing itself (`deadlineMs`). Default 120,000: three attempts of
   * the longest timeout, and the waits between them. `Infinity` bounds only calls that ask for it.
   */
  readonly defaultMs?: number
}

const fields: Fields<DeadlineOptions> = { defaultMs: true }

/**
 * Bounds the whole call, with its waits and repeats. Past the deadline it rejects with `TIMEOUT`, and what runs below
 * is aborted; a cache may then still answer with what it holds. A read that ended so may be repeated; a write that
 * had been sent says `outcomeUnknown`. The caller's own signal goes on giving `ABORTED`.
 *
 * @throws {TypeError} for a default that is not above 0.
 */
export function deadline(options: DeadlineOptions = {}): Layer {
  checkFields('deadline', options, fields)
  const { defaultMs = 120_000 } = options
  checkNumber('deadline: defaultMs', defaultMs, 'a number above 0')
  return {
    name: 'deadline',
    wrap: (next, env) => {
      env.onHit((hit) => hit)
      return async <K extends Operation>(call: Call<K>): Promise<Output<K>> => {
        const now = env.now()
        const deadlineAt = call.context.deadlineAt ?? now + defaultMs
        const limitMs = deadlineAt - now
        if (limitMs === Number.POSITIVE_INFINITY) return next(call)
        const expired = (outcomeUnknown: boolean) =>
          failure(env, call, 'TIMEOUT', `the deadline of ${Math.max(0, limitMs)} ms has passed`, {
            outcomeUnknown,
            retryable: !outcomeUnknown,
          })
        if (limitMs <= 0) throw expired(false)
        const bounded: Call<K> = { ...call, context: { ...call.context, deadlineAt } }
        return withinTime(bounded, next, env, { limitMs, expired, lastWord: true })
      }
    },
  }
}
