import { type Hits, hitsAround, type JoinHit, noHits, type OpenHit } from './hits.js'
import type { Call, Handler, Namespace, Operation, Output, SecretName } from './operations.js'
import type { Capabilities, Limits } from './provider.js'
import type { Timing } from './timing.js'

/**
 * Something clever between a store and its provider. A layer receives the next handler and gives one that stands
 * before it; its state lives in the closure, one per store.
 */
export interface Layer {
  /** What order is checked by; a layer of your own may have any other name and stand anywhere. */
  readonly name: string
  readonly wrap: (next: Handler, env: LayerEnv) => Handler
}

export interface LayerEnv extends Timing {
  /** The provider's name: for records, never to branch on. */
  readonly provider: string
  readonly capabilities: Capabilities
  readonly limits: Limits
  /**
   * What a write by one name makes doubtful under another: two names with the same canonical form are one secret. Two
   * ids may share it and be secrets of different accounts, so that a memory of answers keeps ids apart. Throws
   * `INVALID_NAME` like the call itself would.
   */
  readonly canonical: (name: SecretName, namespace?: Namespace) => string
  /** Runs when the store is closed. */
  readonly onClose: (run: () => void) => void
  /** How a layer that remembers values answers `store.peek`, and cached reads without a call. */
  readonly offerHits: (open: OpenHit) => void
  /**
   * How a layer outside the cache takes part in such reads. A layer that does not call it sees every `get` itself,
   * which makes cached reads slower, and sees no `peek`.
   */
  readonly onHit: (join: JoinHit) => void
}

/** What the store gives; the rest each layer has of its own. */
export type StoreEnv = Omit<LayerEnv, 'offerHits' | 'onHit'>

/**
 * The order of the layers, first is outermost, and why:
 *
 * - `telemetry`, `deadline`: see and bound everything below them.
 * - `audit`, `policy`: outside the cache, so that a hit is still counted and decided.
 * - `read-only`: refuses writes before any of the costly layers.
 * - `cache`: outside retry, so that a flight is shared with its retries.
 * - `retry`: outside rate limit and timeout, which are per attempt.
 * - `rate-limit`: outside timeout, so that waiting for a turn does not count against it.
 * - `timeout`: innermost, abandons one attempt.
 */
export const layerOrder: readonly string[] = Object.freeze([
  'telemetry',
  'deadline',
  'audit',
  'policy',
  'read-only',
  'cache',
  'retry',
  'rate-limit',
  'timeout',
])

/** Wraps a handler in layers, first is outermost. */
export function compose(layers: readonly Layer[], innermost: Handler, env: StoreEnv): Composed {
  return layers.reduceRight<Composed>(
    ({ handler, hits }, layer) => {
      let offered: OpenHit | undefined
      let join: JoinHit | undefined
      const own: LayerEnv = {
        ...env,
        offerHits: (open) => {
          offered = open
        },
        onHit: (joins) => {
          join = joins
        },
      }
      return { handler: layer.wrap(handler, own), hits: hitsAround(hits, { offered, join }) }
    },
    { handler: innermost, hits: noHits },
  )
}

/** A store's layers as one: for calls, and for the cached reads that need none. */
export interface Composed {
  readonly handler: Handler
  readonly hits: Hits
}

/** @throws {TypeError} for an unsafe order or a layer given twice, naming both layers and the reason. */
export function checkOrder(layers: readonly Layer[]): void {
  const known = layers.filter((layer) => layerOrder.includes(layer.name))
  known.forEach((layer, index) => {
    const before = known[index - 1]
    if (before === undefined) return
    if (before.name === layer.name) throw new TypeError(`layers: ${layer.name} is given twice`)
    if (layerOrder.indexOf(before.name) > layerOrder.indexOf(layer.name)) {
      throw new TypeError(
        `layers: ${layer.name} must stand before ${before.name} (the order is ${layerOrder.join(', ')})`,
      )
    }
  })
}

/**
 * A handler that speaks about one operation and lets the others pass.
 *
 * @example on('get', (call, next) => log(call.input.name, next(call)), next)
 */
export function on<K extends Operation>(
  operation: K,
  handle: (call: Call<K>, next: Handler) => Promise<Output<K>>,
  next: Handler,
): Handler {
  return <J extends Operation>(call: Call<J>): Promise<Output<J>> =>
    isCall(call, operation) ? (handle(call, next) as Promise<Output<J>>) : next(call)
}

function isCall<K extends Operation>(call: Call<Operation>, operation: K): call is Call<K> & Call<Operation> {
  return call.operation === operation
}
