import { channel } from 'node:diagnostics_channel'
import type { Layer } from '../layer.js'
import type { Call, Handler, Operation, Output, Trail } from '../operations.js'
import { type Outcome, outcomeOf, type Subject, subjectOf } from './endings.js'

/** Published on `strongroom:call:start`, frozen. The messages that follow carry it as `start`. */
export interface CallStarted extends Subject {
  readonly provider: string
  readonly operation: Operation
}

/** Published on `strongroom:call:end` for an answer and on `strongroom:call:error` for a rejection, frozen. */
export interface CallEnded extends CallStarted {
  readonly start: CallStarted
  readonly code: Outcome
  readonly durationMs: number
  readonly source: Trail['source']
  /** Requests made to the provider. */
  readonly attempts: number
}

/**
 * Publishes every call on `node:diagnostics_channel`: names, codes and times, never a value. Costs one look at three
 * channels while nobody listens. What the call does runs inside the stores bound to `strongroom:call:start`, so that
 * a tracer's spans nest.
 */
export function telemetry(): Layer {
  const started = channel('strongroom:call:start')
  const ended = channel('strongroom:call:end')
  const failed = channel('strongroom:call:error')

  return {
    name: 'telemetry',
    wrap: (next, env) => {
      const observed = async <K extends Operation>(call: Call<K>): Promise<Output<K>> => {
        const { trail } = call.context
        const startedAt = env.now()
        const about = { provider: env.provider, operation: call.operation, ...subjectOf(call) }
        const start: CallStarted = Object.freeze(about)
        const end = (code: Outcome): CallEnded => {
          const { source, attempts } = trail
          return Object.freeze({ ...about, start, code, durationMs: env.now() - startedAt, source, attempts })
        }
        try {
          const output = await started.runStores(start, () => next(call))
          ended.publish(end('ok'))
          return output
        } catch (error) {
          failed.publish(end(outcomeOf(error)))
          throw error
        }
      }
      const handler: Handler = (call) =>
        started.hasSubscribers || ended.hasSubscribers || failed.hasSubscribers ? observed(call) : next(call)
      return handler
    },
  }
}
