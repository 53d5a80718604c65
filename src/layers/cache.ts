import { SecretError } from '../errors.js'
import { checkFields, type Fields } from '../fields.js'
import type { OpenHit } from '../hits.js'
import type { Layer } from '../layer.js'
import { on } from '../layer.js'
import type { Call, Handler, Named, Operation, Output, SecretInfo, SecretRecord } from '../operations.js'
import { effects } from '../operations.js'
import { ageClockOf } from './cache/clock.js'
import type { Answer } from './cache/entries.js'
import { failuresOf } from './cache/failures.js'
import { flightsOf } from './cache/flights.js'
import { type Identity, identitiesOf, namedAs } from './cache/identity.js'
import { memoryOf } from './cache/memory.js'
import { refreshesOf } from './cache/refreshes.js'
import { checkNumber, endedBy } from './endings.js'

export interface CacheOptions {
  /**
   * Milliseconds for which an answer is fresh, shortened by chance by up to a fifth so that a fleet does not ask at
   * once. For as long again it is given while it is refreshed in the background; then readers wait for the refresh.
   * Default `limits.cacheTtlMs`. 0 keeps nothing fresh; reads at the same time still share a request.
   */
  readonly ttlMs?: number
  /**
   * Milliseconds since the backend last confirmed a value for which it may be served although the backend cannot be
   * asked. Default 3,600,000: it survives an outage, and bounds a missed revocation. 0 turns it off.
   */
  readonly staleIfErrorMs?: number
  /** Milliseconds for which `NOT_FOUND` is remembered. Default 5,000: creation is normal. 0 turns it off. */
  readonly negativeTtlMs?: number
  /** Default 1,000. What was not read for longest goes first. */
  readonly maxEntries?: number
  /** Of all values together. Default 16 MiB. */
  readonly maxBytes?: number
}

/** A write that was given up may still be carried out for a while. */
const lateWriteMs = 60_000

const fields: Fields<CacheOptions> = {
  ttlMs: true,
  staleIfErrorMs: true,
  negativeTtlMs: true,
  maxEntries: true,
  maxBytes: true,
}

/**
 * Remembers what `get` answered; everything else passes.
 *
 * - Reads of the same thing at the same time share one request, which goes on while anybody waits for it.
 * - `maxAgeMs` of a call is honoured: no answer is given that was asked for longer ago, not even in an outage. With 0
 *   the answer comes from a request that was sent after the call, shared by all who called before it was.
 * - What is due is refreshed in the background, once for all readers and for at most ten secrets at once. It is not
 *   due later than its expiry, or the rotation that a description (`describe`) has announced.
 * - When the backend cannot be asked (`UNAVAILABLE`, `TIMEOUT`, `RATE_LIMITED`), the last confirmed value is served,
 *   marked stale. When it has spoken (denied, missing, disabled, deleted, invalid), the value is dropped at once.
 *   `UNAUTHENTICATED` is taken as spoken: a provider renews its credentials before it says so.
 * - After a failure without a reason the backend is left alone for a second, then two, up to 30; readers get the same
 *   error or the stale value meanwhile.
 * - A write of this store drops what is known of its secret, by whatever name it was read, before it is sent and when
 *   it is over, also when it failed; reads that are under way then are sent anew. Where a write may stay unseen for
 *   `limits.propagationMs`, or its outcome is unknown, what is read meanwhile is remembered no longer than that.
 * - So no reader is given an older version than this store had seen when it asked, on a backend whose reads are fresh.
 * - Ages are those of a clock that cannot be set back and that counts the time in which the process was frozen.
 *
 * @throws {TypeError} for an option that breaks its rule.
 */
export function cache(options: CacheOptions = {}): Layer {
  checkFields('cache', options, fields)
  const { ttlMs, staleIfErrorMs = 3_600_000, negativeTtlMs = 5_000 } = options
  const { maxEntries = 1_000, maxBytes = 16 * 1_048_576 } = options
  if (ttlMs !== undefined) checkNumber('cache: ttlMs', ttlMs, 'a number, 0 or more')
  checkNumber('cache: staleIfErrorMs', staleIfErrorMs, 'a number, 0 or more')
  checkNumber('cache: negativeTtlMs', negativeTtlMs, 'a number, 0 or more')
  checkNumber('cache: maxEntries', maxEntries, 'a whole number above 0')
  checkNumber('cache: maxBytes', maxBytes, 'a whole number above 0')

  return {
    name: 'cache',
    wrap: (next, env) => {
      const { capabilities, limits } = env
      const { propagationMs, cacheTtlMs } = limits
      const bounds = { maxEntries, maxBytes, staleIfErrorMs, negativeTtlMs }
      const clock = ageClockOf(env)
      const memory = memoryOf({ ...bounds, ttlMs: ttlMs ?? cacheTtlMs }, env, clock)
      const failures = failuresOf(env, clock)
      const landed: Parameters<typeof flightsOf>[0]['landed'] = (identity, landing, departedAt) => {
        failures.learn(identity, landing.status === 'rejected' ? landing.reason : undefined, departedAt)
        return memory.learn(identity, landing, departedAt)
      }
      const flights = flightsOf({ next, env, clock, landed })
      const refreshes = refreshesOf(flights, env)
      const identities = identitiesOf(env)

      /** What can be told without waiting; refreshes it when that is due. */
      const remembered = ({ input, context }: Call<'get'>, identity: Identity): Answer | undefined => {
        const { trail, maxAgeMs } = context
        const held = memory.look(identity, maxAgeMs)
        if (held === undefined) return undefined
        const { entry, isDue } = held
        const failure = isDue ? failures.last(entry.key) : undefined
        if (failure !== undefined && memory.stale(identity, failure) === undefined) return undefined
        if (isDue && failures.recent(identity.key) === undefined) refreshes.ask(identity, input)
        trail.source = failure === undefined ? 'cache' : 'stale'
        return entry.answer
      }
      const ask = (call: Call<'get'>, identity: Identity): Promise<SecretRecord> => {
        const failure = failures.recent(identity.key, call.context.maxAgeMs)
        if (failure === undefined) return flights.join(call, identity)
        call.context.trail.source = 'cache'
        return Promise.reject(failure)
      }
      const get = async (call: Call<'get'>): Promise<SecretRecord> => {
        const { input, context } = call
        const { signal, maxAgeMs, trail } = context
        const identity = identities.of(input)
        if (identity === undefined) return next(call)
        if (signal?.aborted) throw endedBy(signal, env, call)
        const answer = remembered(call, identity)
        if (answer !== undefined) {
          if ('missing' in answer) throw answer.missing
          return namedAs(answer.record, input.name)
        }
        try {
          return namedAs(await ask(call, identity), input.name)
        } catch (error) {
          const record = memory.stale(identity, error, maxAgeMs)
          if (record === undefined) throw error
          trail.source = 'stale'
          return namedAs(record, input.name)
        }
      }

      const write = async <K extends Operation>(call: Call<K>): Promise<Output<K>> => {
        const group = identities.groupOf(call.input as Named)
        if (group === undefined) return next(call)
        const forget = (): void => {
          flights.restart(group)
          memory.forget(group)
          failures.forget(group)
        }
        forget()
        try {
          const output = await next(call)
          if (capabilities.freshRead !== 'always') memory.unsettle(group, propagationMs)
          return output
        } catch (error) {
          if (SecretError.is(error) && error.outcomeUnknown) {
            memory.unsettle(group, Math.max(lateWriteMs, propagationMs))
          }
          throw error
        } finally {
          forget()
        }
      }

      const describe = async (call: Call<'describe'>): Promise<SecretInfo> => {
        const departedAt = clock.now()
        const info = await next(call)
        const group = identities.groupOf(call.input)
        if (group !== undefined) memory.learnInfo(group, info, departedAt)
        return info
      }

      const openHit: OpenHit = (input) => {
        const identity = identities.of(input)
        const held = identity && memory.look(identity)
        if (held === undefined || held.isDue || !('record' in held.entry.answer)) return undefined
        const { entry } = held
        return {
          record: namedAs(held.entry.answer.record, input.name),
          grant: () => memory.grant(entry),
          count: () => {},
          onEnd: (run) => entry.onEnd.push(run),
        }
      }
      env.offerHits(openHit)
      env.onClose(memory.close)
      const others: Handler = (call) => (effects[call.operation] === 'write' ? write(call) : next(call))
      return on('get', get, on('describe', describe, others))
    },
  }
}
