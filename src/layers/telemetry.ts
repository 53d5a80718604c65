import { channel } from 'node:diagnostics_channel'
import type { Layer } from '../layer.js'
import type { Call, Handler, Operation, Output, Trail } from '../operations.js'
import { hitCall, type Outcome, outcomeOf, type Subject, subjectOf } from './endings.js'

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
      const startOf = (call: Call): CallStarted =>
        Object.freeze({ provider: env.provider, operation: call.operation, ...subjectOf(call) })
      const endOf = (
        start: CallStarted,
        { source, attempts }: Trail,
        code: Outcome,
        durationMs: number,
      ): CallEnded => Object.freeze({ ...start, start, code, durationMs, source, attempts })
      const isHeard = (): boolean => started.hasSubscribers || ended.hasSubscribers || failed.hasSubscribers

      const observed = async <K extends Operation>(call: Call<K>): Promise<Output<K>> => {
        const { trail } = call.context
        const startedAt = env.now()
        const start = startOf(call)
        try {
          const output = await started.runStores(start, () => next(call))
          ended.publish(endOf(start, trail, 'ok', env.now() - startedAt))
          return output
        } catch (error) {
          failed.publish(endOf(start, trail, outcomeOf(error), env.now() - startedAt))
          throw error
        }
      }
      const publishHit = (call: Call<'get'>): void => {
        const start = startOf(call)
        started.runStores(start, () => undefined)
        ended.publish(endOf(start, call.context.trail, 'ok', 0))
      }
      env.onHit(({ grant, count }, input) => ({
        grant: () => Math.min(grant(), isHeard() ? 1 : Number.POSITIVE_INFINITY),
        count: (times) => {
          count(times)
          for (let n = 0; n < times && isHeard(); n += 1) publishHit(hitCall(input))
        },
      }))
      const handler: Handler = (call) => (isHeard() ? observed(call) : next(call))
      return handler
    },
  }
}
