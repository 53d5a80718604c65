import { SecretError } from '../errors.js'
import { checkFields, type Fields } from '../fields.js'
import type { Layer, LayerEnv } from '../layer.js'
import type { Call, Operation, Output } from '../operations.js'
import { effects } from '../operations.js'
import { checkNumber, endedBy, failure, whenAborted } from './endings.js'

export interface RateLimitOptions {
  /** Attempts a second. Default: `share` of `limits.readsPerSecond`. */
  readonly readsPerSecond?: number
  /** Attempts a second. Default: `share` of `limits.writesPerSecond`. */
  readonly writesPerSecond?: number
  /** Of the backend's quota, which the whole account shares: above 0, at most 1. Default 0.5. */
  readonly share?: number
  /** Attempts that may wait for their turn, reads and writes apart. Default 1,000. */
  readonly maxWaiting?: number
}

/** From the lowest rate back to the full one. */
const recoveryMs = 30_000

const fields: Fields<RateLimitOptions> = {
  readsPerSecond: true,
  writesPerSecond: true,
  share: true,
  maxWaiting: true,
}

/**
 * Sends no more attempts than the backend's quota allows: a token bucket for reads and one for writes, each holding
 * one second's worth. Who comes first goes first. An answer `RATE_LIMITED` halves the rate, down to one a second, and
 * it grows back evenly in 30 seconds. Of the attempts that were under way together, one halves it once.
 *
 * An attempt that would be one too many to wait rejects with `RATE_LIMITED` and is not sent. Waiting ends with the
 * caller's signal, and with the store (`CLOSED`).
 *
 * @throws {TypeError} for an option that breaks its rule.
 */
export function rateLimit(options: RateLimitOptions = {}): Layer {
  checkFields('rateLimit', options, fields)
  const { readsPerSecond, writesPerSecond, share = 0.5, maxWaiting = 1_000 } = options
  if (readsPerSecond !== undefined)
    checkNumber('rateLimit: readsPerSecond', readsPerSecond, 'a number above 0')
  if (writesPerSecond !== undefined)
    checkNumber('rateLimit: writesPerSecond', writesPerSecond, 'a number above 0')
  checkNumber('rateLimit: share', share, 'a number above 0, at most 1')
  checkNumber('rateLimit: maxWaiting', maxWaiting, 'a whole number, 0 or more')

  return {
    name: 'rate-limit',
    wrap: (next, env) => {
      const lanes = {
        read: laneOf(env, readsPerSecond ?? env.limits.readsPerSecond * share, maxWaiting),
        write: laneOf(env, writesPerSecond ?? env.limits.writesPerSecond * share, maxWaiting),
      }
      return async <K extends Operation>(call: Call<K>): Promise<Output<K>> => {
        const lane = lanes[effects[call.operation]]
        if (lane === undefined) return next(call)
        const era = await lane.turn(call)
        try {
          return await next(call)
        } catch (error) {
          if (SecretError.is(error) && error.code === 'RATE_LIMITED') lane.slowDown(era)
          throw error
        }
      }
    },
  }
}

/** The time between two slow-downs. */
type Era = object

interface Lane {
  /** Resolves when the call may be sent, with the era in which it is. */
  readonly turn: (call: Call) => Promise<Era>
  /** Halves the rate, unless that was done since this era. */
  readonly slowDown: (era: Era) => void
}

interface Waiter {
  readonly background: boolean
  readonly go: () => void
  readonly close: () => void
}

function allInBackground(waiting: Iterable<Waiter>): boolean {
  for (const { background } of waiting) if (!background) return false
  return true
}

/** `undefined` for a backend without a quota, or without writes at all: there is nothing to wait for. */
function laneOf(env: LayerEnv, fullRate: number, maxWaiting: number): Lane | undefined {
  if (fullRate <= 0 || !Number.isFinite(fullRate)) return undefined
  const waiting = new Set<Waiter>()
  let rate = fullRate
  let tokens = Math.max(1, rate)
  let refilledAt = env.now()
  let era: Era = {}
  let closed = false
  let cancelTimer = (): void => {}

  const refill = (): void => {
    const now = env.now()
    const elapsedMs = Math.max(0, now - refilledAt)
    refilledAt = now
    tokens = Math.min(Math.max(1, rate), tokens + (rate * elapsedMs) / 1_000)
    rate = Math.min(fullRate, rate + (fullRate * elapsedMs) / recoveryMs)
  }
  const serve = (): void => {
    cancelTimer()
    refill()
    for (const waiter of waiting) {
      if (tokens < 1) break
      tokens -= 1
      waiter.go()
    }
    if (waiting.size === 0) return
    cancelTimer = env.after(Math.ceil(((1 - tokens) * 1_000) / rate), serve, allInBackground(waiting))
  }
  env.onClose(() => {
    closed = true
    cancelTimer()
    for (const waiter of waiting) waiter.close()
  })

  const wait = (call: Call): Promise<Era> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.delete(waiter)
        stopListening()
      }
      const stopListening = whenAborted(call.context.signal, (signal) => {
        leave()
        if (waiting.size === 0) cancelTimer()
        reject(endedBy(signal, env, call))
      })
      const waiter: Waiter = {
        background: call.context.background === true,
        go: () => {
          leave()
          resolve(era)
        },
        close: () => {
          leave()
          reject(failure(env, call, 'CLOSED', 'the store was closed while the call waited for its turn'))
        },
      }
      waiting.add(waiter)
      serve()
    })

  return {
    turn: async (call) => {
      const { signal } = call.context
      if (signal?.aborted) throw endedBy(signal, env, call)
      if (closed) throw failure(env, call, 'CLOSED', 'the store is closed; open a new one')
      refill()
      if (waiting.size === 0 && tokens >= 1) {
        tokens -= 1
        return era
      }
      if (waiting.size >= maxWaiting) {
        const advice = 'send fewer at once, or raise maxWaiting'
        throw failure(env, call, 'RATE_LIMITED', `${maxWaiting} calls wait for their turn already; ${advice}`)
      }
      return wait(call)
    },
    slowDown: (since) => {
      if (since !== era) return
      era = {}
      refill()
      tokens = 0
      rate = Math.max(rate / 2, Math.min(fullRate, 1))
    },
  }
}
