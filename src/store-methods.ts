import { accepted } from './accepted.js'
import type { Dispatcher } from './dispatch.js'
import { defined } from './errors.js'
import { getMany, prefetch, undefinedIfMissing } from './many.js'
import type { Namespace, Page, PutInput, SecretName } from './operations.js'
import type { SecretProvider } from './provider.js'
import { readerOf } from './reader.js'
import { rollback } from './rollback.js'
import type { Schemas } from './schema.js'
import { SecretValue } from './secret.js'
import type { GetOptions, PutOptions, SecretStore } from './store.js'
import type { StoreStats } from './store-stats.js'
import type { Timing } from './timing.js'
import { watchOver } from './watch.js'
import { withSecretOver } from './with-secret.js'

/** What a store is made of. */
export interface StoreParts<S extends Schemas> {
  readonly provider: SecretProvider
  readonly dispatch: Dispatcher
  readonly secrets: S
  readonly namespace: Namespace
  readonly timing: Timing
  readonly stats: () => StoreStats
}

const partsOf = new WeakMap<object, StoreParts<Schemas>>()

/** The methods of a store over its dispatcher. */
export function storeOver<S extends Schemas>(parts: StoreParts<S>): SecretStore<S> {
  const { provider, dispatch, namespace, timing } = parts
  const { send } = dispatch
  const { get, peek, held } = readerOf(parts)

  const store: SecretStore<S> = {
    capabilities: provider.capabilities,
    get: get as SecretStore<S>['get'],
    find: (async (name: SecretName, options?: GetOptions) =>
      get(name, options).catch(undefinedIfMissing)) as SecretStore<S>['find'],
    getMany: ((names, options) => getMany(get, names, options)) as SecretStore<S>['getMany'],
    prefetch: (names, options) => prefetch(get, names, options),
    peek: peek as SecretStore<S>['peek'],
    accepted: ((name, options) =>
      accepted(
        { get, describe: store.describe, now: timing.now },
        name,
        options,
      )) as SecretStore<S>['accepted'],
    withSecret: withSecretOver({
      get,
      peek,
      timing,
      pendingIsNative: provider.capabilities.pending === 'native',
    }) as SecretStore<S>['withSecret'],
    watch: watchOver({
      describe: (name, options) => store.describe(name, options),
      list: (options) => store.list(options),
      held: (name) => held(name)?.version,
      timing,
      onClose: dispatch.onClose,
    }),
    describe: async (name, options) => send('describe', { name, namespace }, options).output,
    versions: (name, options) =>
      pages((cursor) => send('versionsPage', { name, namespace, ...cursor }, options).output),
    list: ({ prefix, tags, ...options } = {}) => {
      const filter = { ...(prefix === undefined ? {} : { prefix }), ...(tags === undefined ? {} : { tags }) }
      return pages((cursor) => send('listPage', { namespace, ...filter, ...cursor }, options).output)
    },
    async put(name, value, { signal, deadlineMs, ...asked } = {}) {
      const { input, rest } = putInput(asked)
      const call = { ...input, name, namespace, value: SecretValue.from(value) }
      return send('put', call, { ...rest, ...defined({ signal, deadlineMs }) }).output
    },
    promote: async (name, version, { ifCurrent, ...options } = {}) =>
      send(
        'promote',
        { name, namespace, version, ...(ifCurrent === undefined ? {} : { ifCurrent }) },
        options,
      ).output,
    discard: async (name, version, options) => send('discard', { name, namespace, version }, options).output,
    rollback: (name, options) => rollback(store as unknown as SecretStore, name, options),
    readRecord: async (name, options) => send('readRecord', { name, namespace }, options).output,
    swapRecord: async (name, record, { ifRevision, ...options }) =>
      send('swapRecord', { name, namespace, record, ifRevision }, options).output,
    setVersionState: async (name, version, state, options) =>
      send('setVersionState', { name, namespace, version, state }, options).output,
    tag: async (name, { set = {}, remove = [], ...options }) =>
      send('tag', { name, namespace, set, remove }, options).output,
    delete: async (name, { purge = false, ...options } = {}) =>
      send('delete', { name, namespace, purge }, options).output,
    restore: async (name, options) => send('restore', { name, namespace }, options).output,
    stats: parts.stats,
    close: dispatch.close,
    [Symbol.asyncDispose]: dispatch.close,
  }
  partsOf.set(store, parts as StoreParts<Schemas>)
  return Object.freeze(store)
}

/**
 * The same store over the system namespace, where workflows keep records and pending values. Names in it are
 * `<purpose>/<canonical>`; neither `list` nor a user name reaches them.
 *
 * @throws {TypeError} for an object that is not a store of this package.
 */
export function systemStore(store: SecretStore<Schemas>): SecretStore {
  const parts = partsOf.get(store)
  if (parts === undefined) throw new TypeError('systemStore takes a store made by createStore or openStore')
  return storeOver({ ...parts, secrets: {}, namespace: 'system' }) as SecretStore
}

/** Splits the options of a put into the call's input and what is left, which no put knows. */
function putInput(options: PutOptions): {
  readonly input: Omit<PutInput, 'name' | 'value'>
  readonly rest: object
} {
  const { stage = 'current', onDeleted = 'fail', ifVersion, ifAbsent, tags, expiresAt, ...more } = options
  const { idempotencyKey, rotationToken, ...rest } = more
  const asked = defined({ ifVersion, ifAbsent, tags, expiresAt, idempotencyKey, rotationToken })
  return { input: { ...asked, stage, onDeleted }, rest }
}

async function* pages<Item>(
  next: (cursor: { readonly cursor?: string }) => Promise<Page<Item>>,
): AsyncGenerator<Item, void> {
  let cursor: string | undefined
  do {
    const page = await next(cursor === undefined ? {} : { cursor })
    yield* page.items
    cursor = page.cursor
  } while (cursor !== undefined)
}
