import { boundary, resolveName } from './boundary/index.js'
import { dispatcher } from './dispatch.js'
import { checkFields, type Fields } from './fields.js'
import { hitsAround } from './hits.js'
import { checkOrder, compose, type Layer, type StoreEnv } from './layer.js'
import { deadline, defaultLayers } from './layers/index.js'
import type { SecretProvider } from './provider.js'
import { checkSchemas, type Schemas } from './schema.js'
import type { NoSchemas, SecretStore } from './store.js'
import { storeOver } from './store-methods.js'
import { countersOf } from './store-stats.js'
import { systemTiming, type Timing } from './timing.js'

export interface StoreOptions<S extends Schemas = NoSchemas> extends Partial<Timing> {
  readonly provider: SecretProvider
  /**
   * First is outermost. Default `defaultLayers()`; `[]` for none but the deadline that a call asks for. An unsafe order
   * is refused.
   */
  readonly layers?: readonly Layer[] | undefined
  /** Standard Schemas by secret name: `.value` then has the schema's type. Default none. */
  readonly secrets?: S | undefined
}

/**
 * Makes a store of a provider and layers.
 *
 * @throws {TypeError} for an unsafe order of layers, and for options that are none, naming the field.
 */
export function createStore<S extends Schemas = NoSchemas>(options: StoreOptions<S>): SecretStore<S> {
  checkFields('createStore', options, storeFields)
  const { provider, layers = defaultLayers(), secrets = {} as S } = options
  checkProvider(provider)
  checkLayers(layers)
  checkOrder(layers)
  checkSchemas(secrets)
  const timing: Timing = {
    now: options.now ?? systemTiming.now,
    uptime: options.uptime ?? options.now ?? systemTiming.uptime,
    random: options.random ?? systemTiming.random,
    after: options.after ?? systemTiming.after,
  }
  const dispatch = dispatcher(timing)
  const env: StoreEnv = {
    ...timing,
    provider: provider.name,
    capabilities: provider.capabilities,
    limits: provider.limits,
    canonical: (name, namespace) => resolveName(provider, name, namespace).canonical,
    onClose: dispatch.onClose,
  }
  dispatch.onClose(provider.close)
  const counters = countersOf(provider.limits)
  const innermost = counters.requests(boundary(provider, timing))
  const { handler, hits } = compose(withDeadline(layers), innermost, env)
  dispatch.start({ handler: counters.calls(handler), hits: hitsAround(hits, { join: counters.hits }) })
  const { stats } = counters
  return storeOver<S>({ provider, dispatch, secrets, namespace: 'user', timing, stats })
}

const storeFields: Fields<StoreOptions<Schemas>> = {
  provider: true,
  layers: true,
  secrets: true,
  now: true,
  uptime: true,
  random: true,
  after: true,
}

function checkProvider(provider: unknown): void {
  const isProvider = typeof provider === 'object' && provider !== null && 'operations' in provider
  if (!isProvider) {
    throw new TypeError('createStore: provider must be what a factory gives, as in { provider: memory() }')
  }
}

function checkLayers(layers: unknown): void {
  const isLayer = (layer: unknown): boolean => typeof layer === 'object' && layer !== null && 'wrap' in layer
  if (!Array.isArray(layers) || !layers.every(isLayer)) {
    throw new TypeError('createStore: layers must be a list of what factories give, as in [cache(), retry()]')
  }
}

/** Every call takes `deadlineMs`: a store without a deadline layer gets one that has no default. */
function withDeadline(layers: readonly Layer[]): readonly Layer[] {
  if (layers.some(({ name }) => name === 'deadline')) return layers
  return [deadline({ defaultMs: Number.POSITIVE_INFINITY }), ...layers]
}
