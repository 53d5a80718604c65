import { checkFields, type Fields } from '../fields.js'
import type { Layer, LayerEnv } from '../layer.js'
import type { Call, Namespace, Operation, Output, Trail } from '../operations.js'
import { effects } from '../operations.js'
import { endTurn } from '../turn.js'
import { hitBookOf, type Tally } from './audit/hits.js'
import { type AuditFailure, type FailingSink, failingSinks, sinkOf, warn } from './audit/sink.js'
import { checkNumber, failure, hitCall, type Outcome, outcomeOf, type Subject, subjectOf } from './endings.js'

export type { AuditFailure, FailingSink } from './audit/sink.js'

/** What is known of a call afterwards, frozen: never a value, its length, or a token. */
export interface AuditEntry extends Subject {
  /** When the call was made, in epoch milliseconds of the store's clock; of the first of several. */
  readonly time: number
  readonly provider: string
  readonly operation: Operation
  readonly namespace: Namespace
  /** The version that was asked for, or that the answer names. */
  readonly version?: string
  readonly outcome: Outcome
  /** A write that may or may not have taken effect. */
  readonly outcomeUnknown: boolean
  readonly source: Trail['source']
  /** Requests made to the provider. */
  readonly attempts: number
  /** Of the longest of several. */
  readonly latencyMs: number
  /** How many calls the entry stands for: more than one only for answers from the cache. */
  readonly count: number
}

export interface AuditOptions {
  /** Takes an entry; throws or rejects when it cannot. Called for one entry at a time. */
  readonly record: (entry: AuditEntry) => void | Promise<void>
  /**
   * What to do while `record` fails. Default `buffer`.
   *
   * - `block`: no call is answered before its entry is taken, else it rejects with `UNAVAILABLE`; then nothing is
   *   sent until the entries that wait have been taken.
   * - `buffer`: entries wait, `record` is tried again every second, and what exceeds `maxWaiting` is lost.
   * - `drop`: the entry is lost.
   */
  readonly whenFailing?: FailingSink
  /** Entries that may wait. Default 10,000. */
  readonly maxWaiting?: number
  /**
   * Hears that `record` fails, at most once a minute, and at the end of what was lost. Must not throw. Default: a
   * warning of the process, without the error.
   */
  readonly onFailure?: (report: AuditFailure) => void
}

const hitsEveryMs = 60_000

const fields: Fields<AuditOptions> = { record: true, whenFailing: true, maxWaiting: true, onFailure: true }

/**
 * Hands a record of every call, refused ones included, to a hook. Answers from the cache are gathered, by what they
 * were about, and handed over once a minute and when the store is closed: else they would be most of the log. A policy
 * stands inside this layer, so that what it denies is recorded too.
 *
 * @throws {TypeError} for an option that breaks its rule.
 */
export function audit(options: AuditOptions): Layer {
  checkFields('audit', options, fields)
  const { record, whenFailing = 'buffer', maxWaiting = 10_000, onFailure = warn } = options
  if (typeof record !== 'function') throw new TypeError('audit: record must be a function')
  if (!failingSinks.includes(whenFailing)) {
    throw new TypeError(`audit: whenFailing must be one of ${failingSinks.join(', ')}`)
  }
  checkNumber('audit: maxWaiting', maxWaiting, 'a whole number above 0')
  return {
    name: 'audit',
    wrap: (next, env) => {
      const sink = sinkOf({ record, whenFailing, maxWaiting, onFailure }, env)
      let cancelFlush = (): void => {}
      let closed = false
      const hits = hitBookOf(
        () => {
          cancelFlush = env.after(hitsEveryMs, () => {
            endTurn()
            hits.flush()
          })
        },
        (entry) => void sink.take(entry),
      )
      env.onClose(() => {
        closed = true
        cancelFlush()
        hits.flush()
        return sink.close()
      })
      env.onHit(({ record: { version }, grant, count }, input) => {
        if (whenFailing === 'block') return undefined
        const call = hitCall(input)
        const entry = (): AuditEntry =>
          entryOf(call, { status: 'fulfilled', value: { version } }, env.now(), env)
        let tally: Tally | undefined
        return {
          grant,
          count: (times) => {
            count(times)
            if (tally === undefined || tally.closed) tally = hits.open(entry())
            tally.count += times
          },
        }
      })

      return async <K extends Operation>(call: Call<K>): Promise<Output<K>> => {
        if (!(await sink.ready())) {
          throw failure(env, call, 'UNAVAILABLE', 'the audit sink takes no entries, so nothing was sent')
        }
        const startedAt = env.now()
        const send = async (): Promise<Output<K>> => next(call)
        const [result] = await Promise.allSettled([send()])
        const entry = entryOf(call, result, startedAt, env)
        const isHit = entry.source !== 'provider' && !closed
        const taken = isHit ? hits.add(entry) : await sink.take(entry)
        if (result.status === 'rejected') throw result.reason
        if (taken !== false) return result.value
        const isWrite = effects[call.operation] === 'write'
        throw failure(
          env,
          call,
          'UNAVAILABLE',
          'the audit sink did not take its entry, so it is not answered',
          {
            outcomeUnknown: isWrite,
            retryable: !isWrite,
          },
        )
      }
    },
  }
}

function entryOf(
  call: Call,
  result: PromiseSettledResult<unknown>,
  startedAt: number,
  { provider, now }: LayerEnv,
): AuditEntry {
  const { operation, input, context } = call
  const { source, attempts } = context.trail
  const { value, reason } = result as { readonly value?: unknown; readonly reason?: unknown }
  const { version } = Object(value) as { readonly version?: string }
  const { outcomeUnknown = false } = Object(reason) as { readonly outcomeUnknown?: boolean }
  return Object.freeze({
    time: startedAt,
    provider,
    operation,
    namespace: input.namespace ?? 'user',
    ...subjectOf(call),
    ...(version === undefined ? {} : { version }),
    outcome: result.status === 'fulfilled' ? 'ok' : outcomeOf(reason),
    outcomeUnknown,
    source,
    attempts,
    latencyMs: now() - startedAt,
    count: 1,
  })
}
