import { randomBytes } from 'node:crypto'
import { createStore } from '../../create-store.js'
import type { Layer } from '../../layer.js'
import { effects, operationNames } from '../../operations.js'
import type { Capabilities, Limits, ProviderOperations, SecretProvider } from '../../provider.js'
import type { SecretInput } from '../../secret.js'
import type { PutOptions, SecretStore } from '../../store.js'
import type { Timing } from '../../timing.js'
import { systemTiming } from '../../timing.js'
import { canaryValue } from '../leaks.js'

/**
 * What can be done to a backend on purpose. The next requests, until `mend`, meet it:
 *
 * - `denied`, `unauthenticated`, `throttled`, `unavailable`: the backend answers so, without an effect;
 * - `reply-lost`: the request takes effect and its answer never arrives;
 * - `hang`: no answer until the client gives up;
 * - `empty-page`: a listing answers a page without items that carries a cursor.
 */
export type FaultKind =
  | 'denied'
  | 'unauthenticated'
  | 'throttled'
  | 'unavailable'
  | 'reply-lost'
  | 'hang'
  | 'empty-page'

/** `clock`: the backend's time can be moved on. */
export type Ability = FaultKind | 'clock'

/** What the author of a provider tells the suite about a backend to try it on. Only `provider` is required. */
export interface BackendOptions {
  /** Makes a provider. All that one backend makes see the same secrets; `prefix` is the factory's option. */
  readonly provider: (options: { readonly prefix?: string }) => SecretProvider
  /** Requests on the wire so far. Default: calls of the provider's operations. */
  readonly requests?: () => number
  /** How a secret gets into a backend that cannot be written. Default: the store's `put`. */
  readonly seed?: (name: string, value: SecretInput) => Promise<void> | void
  /** Clock of the stores. Default: the system's. */
  readonly timing?: Partial<Timing>
  /** Moves the backend's clock on, and that of `timing` with it. Default: it cannot be moved. */
  readonly advance?: (ms: number) => Promise<void> | void
  /** Waits, or moves the clock, until a write that has returned is seen by every read. Default: at once. */
  readonly settle?: () => Promise<void> | void
  /** The faults that can be made. Default: none. */
  readonly faults?: { readonly [K in FaultKind]?: () => void }
  /** Ends all faults. Default: nothing to end. */
  readonly mend?: () => void
  /** Layers of the stores, to try the contract through them. Default: none. */
  readonly layers?: () => readonly Layer[]
  /** Purge what a case has made, for backends that outlive the run. Default false. */
  readonly cleanUp?: boolean
  /** Default: nothing to end. */
  readonly close?: () => Promise<void>
}

/** What a case works with: a store on the backend, and a hand on the backend itself. */
export interface Harness {
  readonly store: SecretStore
  readonly capabilities: Capabilities
  readonly limits: Limits
  readonly now: () => number
  /** Whether layers stand between the store and the boundary: they may retry, and say that no more retries help. */
  readonly isLayered: boolean
  /** A second store on the same backend. */
  readonly open: (options?: HarnessStoreOptions) => SecretStore
  /** A name that was never used: lower-case letters, digits and hyphens. */
  readonly name: () => string
  /** A text that was never used, and that a leak check finds wherever it turns up. */
  readonly value: () => string
  /** A secret of that value, under a fresh name. */
  readonly given: (value?: SecretInput, options?: PutOptions) => Promise<Given>
  /** A secret with as many versions, oldest first, whose times the backend can tell apart. */
  readonly history: (versions: number) => Promise<History>
  /** Requests on the wire so far. */
  readonly requests: () => number
  readonly can: (ability: Ability) => boolean
  /** @throws {TypeError} where the clock is not ours: see `uses`. */
  readonly advance: (ms: number) => Promise<void>
  /** Waits until a new version is younger than the last one, also where versions are ordered by whole seconds. */
  readonly nextSecond: () => Promise<void>
  readonly inject: (fault: FaultKind) => void
  readonly mend: () => void
  readonly close: () => Promise<void>
}

export interface HarnessStoreOptions {
  /** A path before every name. Default none. */
  readonly prefix?: string
  /** Wait after each write until every read sees it. Default true. */
  readonly settled?: boolean
}

export interface Given {
  readonly name: string
  readonly version: string
}

export interface History {
  readonly name: string
  readonly versions: readonly string[]
  readonly values: readonly string[]
}

export function openHarness(backend: BackendOptions): Harness {
  const {
    now = systemTiming.now,
    random = systemTiming.random,
    after = systemTiming.after,
  } = backend.timing ?? {}
  const { settle = (): void => {}, faults = {}, mend = (): void => {}, advance } = backend
  const run = randomBytes(4).toString('hex')
  const names: string[] = []
  const stores: SecretStore[] = []
  let calls = 0

  const open = ({ settled = true, ...options }: HarnessStoreOptions = {}): SecretStore => {
    const provider = counted(backend.provider(options), () => {
      calls += 1
    })
    const layers = backend.layers?.() ?? []
    const store = createStore({
      provider,
      layers: settled ? [settling(settle), ...layers] : layers,
      now,
      random,
      after,
    })
    stores.push(store)
    return store
  }
  const { capabilities, limits } = backend.provider({})
  const store = open()
  const name = (): string => {
    names.push(`case-${run}-${names.length + 1}`)
    return names.at(-1) ?? ''
  }
  const seed = async (at: string, value: SecretInput, options: PutOptions): Promise<string> => {
    if (capabilities.writable) return (await store.put(at, value, options)).version
    if (backend.seed === undefined) {
      throw new TypeError('seed: a backend that cannot be written needs a way to get secrets into it')
    }
    await backend.seed(at, value)
    return (await store.get(at)).version
  }
  const nextSecond = async (): Promise<void> => {
    if (capabilities.versionOrder === 'total') return
    if (advance === undefined) await new Promise((resolve) => setTimeout(resolve, 1_100))
    else await advance(1_100)
  }
  const cleanUp = async (): Promise<void> => {
    if (backend.cleanUp !== true || !capabilities.purge) return
    await Promise.allSettled(names.map((used) => store.delete(used, { purge: true })))
  }

  return Object.freeze({
    store,
    capabilities,
    limits,
    now,
    isLayered: (backend.layers?.() ?? []).length > 0,
    open,
    name,
    value: canaryValue,
    given: async (value: SecretInput = canaryValue(), options: PutOptions = {}) => {
      const at = name()
      return { name: at, version: await seed(at, value, options) }
    },
    history: async (count: number) => {
      const at = name()
      const values = Array.from({ length: count }, canaryValue)
      const versions: string[] = []
      for (const value of values) {
        if (versions.length > 0) await nextSecond()
        versions.push(await seed(at, value, {}))
      }
      return { name: at, versions, values }
    },
    requests: backend.requests ?? (() => calls),
    can: (ability: Ability) => (ability === 'clock' ? advance !== undefined : faults[ability] !== undefined),
    advance: async (ms: number) => {
      if (advance === undefined) throw new TypeError('advance: this backend has a clock of its own')
      await advance(ms)
    },
    nextSecond,
    inject: (fault: FaultKind) => {
      const start = faults[fault]
      if (start === undefined) throw new TypeError(`inject: this backend cannot be made ${fault}`)
      start()
    },
    mend,
    close: async () => {
      mend()
      await cleanUp()
      await Promise.all(stores.map((each) => each.close()))
      await backend.close?.()
    },
  })
}

function counted(provider: SecretProvider, onCall: () => void): SecretProvider {
  const operations = Object.fromEntries(
    operationNames.map((operation) => {
      const call = provider.operations[operation] as (input: unknown, context: unknown) => Promise<unknown>
      const counting = (input: unknown, context: unknown): Promise<unknown> => {
        onCall()
        return call(input, context)
      }
      return [operation, counting]
    }),
  )
  return { ...provider, operations: operations as unknown as ProviderOperations }
}

/** Cases read right after they write; a backend that is slow to show a write is waited for here. */
function settling(settle: () => Promise<void> | void): Layer {
  return {
    name: 'settling',
    wrap: (next) => async (call) => {
      const output = await next(call)
      if (effects[call.operation] === 'write') await settle()
      return output
    },
  }
}
