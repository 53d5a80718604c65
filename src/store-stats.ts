import { type Outcome, outcomeOf } from './errors.js'
import type { JoinHit } from './hits.js'
import { effects, type Handler, type Operation, operationNames } from './operations.js'
import type { Limits } from './provider.js'
import { endTurn } from './turn.js'

/** What a store has done since it was opened. Numbers only, frozen; a later look makes another one. */
export interface StoreStats {
  /** Calls that have ended, by operation and outcome; what never happened is absent. */
  readonly calls: Readonly<Partial<Record<Operation, Readonly<Partial<Record<Outcome, number>>>>>>
  /** Requests sent to the provider, repeats and refreshes included; an operation that was never sent is absent. */
  readonly requests: Readonly<Partial<Record<Operation, number>>>
  /** Reads that the cache answered. */
  readonly hits: number
  /** Reads answered with `stale: true`, because the backend could not be asked. */
  readonly staleReads: number
  /**
   * US dollars: reads sent, by `limits.pricePer10kReads`. An estimate: a request here may be two on the wire
   * (`describe`), and writes, storage and free quotas are left out.
   */
  readonly estimatedCostUsd: number
}

export interface Counters {
  /** Around all layers: how calls end. */
  readonly calls: (next: Handler) => Handler
  /** Around the boundary: what is sent. */
  readonly requests: (next: Handler) => Handler
  /** Around the reads that the cache answers without a call. */
  readonly hits: JoinHit
  readonly stats: () => StoreStats
}

export function countersOf({ pricePer10kReads }: Limits): Counters {
  const ends = new Map<Operation, Map<Outcome, number>>()
  const sent = new Map<Operation, number>()
  let [hits, fastHits, staleReads] = [0, 0, 0]

  const ended = (operation: Operation, outcome: Outcome): void => {
    const outcomes = ends.get(operation) ?? new Map<Outcome, number>()
    ends.set(operation, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1))
  }
  return {
    calls: (next) => (call) => {
      const { operation, context } = call
      const output = next(call)
      output.then(
        () => {
          if (context.trail.source === 'cache') hits += 1
          if (context.trail.source === 'stale') staleReads += 1
          ended(operation, 'ok')
        },
        (error: unknown) => ended(operation, outcomeOf(error)),
      )
      return output
    },
    requests: (next) => (call) => {
      const { operation, context } = call
      const before = context.trail.attempts
      const output = next(call)
      // The boundary counts an attempt before it first waits, and only if it lets the call through.
      const attempts = context.trail.attempts - before
      if (attempts > 0) sent.set(operation, (sent.get(operation) ?? 0) + attempts)
      return output
    },
    hits: ({ grant, count }) => ({
      grant,
      count: (times) => {
        count(times)
        fastHits += times
      },
    }),
    stats: () => {
      endTurn()
      const calls = Object.fromEntries([...ends].map(([name, outcomes]) => [name, tallyOf(outcomes)]))
      const reads = operationNames.filter((name) => effects[name] === 'read')
      const readsSent = reads.reduce((sum, name) => sum + (sent.get(name) ?? 0), 0)
      if (fastHits > 0) calls['get'] = withHits(calls['get'], fastHits)
      return Object.freeze({
        calls: Object.freeze(calls),
        requests: tallyOf(sent),
        hits: hits + fastHits,
        staleReads,
        estimatedCostUsd: (readsSent * pricePer10kReads) / 10_000,
      })
    },
  }
}

function tallyOf<Key extends string>(counts: ReadonlyMap<Key, number>): Readonly<Record<Key, number>> {
  return Object.freeze(Object.fromEntries(counts) as Record<Key, number>)
}

function withHits(tally: Readonly<Record<string, number>> = {}, hits: number): typeof tally {
  return Object.freeze({ ...tally, ok: (tally['ok'] ?? 0) + hits })
}
