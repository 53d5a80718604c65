import { createHash } from 'node:crypto'
import type { Collection, ServiceContext } from 'strongroom/testing'
import { defaultPolicy } from './default-policy.js'
import type { JsonObject, MountDocument, PolicyDocument, TokenDocument, World } from './model.js'
import type { Settings } from './settings.js'

/** The server as it is kept, over what it has from its first moment: the root token, its mounts and its policies. */
export function worldOf(context: ServiceContext, settings: Settings): World {
  const open = <T extends object>(name: string): Collection<T> => context.collection<T>(name)
  return {
    now: context.now,
    settings,
    core: open('core'),
    namespaces: open('namespaces'),
    mounts: withDefaults(open('mounts'), rootMounts),
    policies: withDefaults(open('policies'), firstPolicies('', settings.startedAt)),
    tokens: withDefaults(open('tokens'), new Map([[settings.rootToken, rootToken(settings)]])),
    wrapped: open('wrapped'),
    kvConfigs: open('kvConfigs'),
    kvKeys: open('kvKeys'),
    kvValues: open('kvValues'),
    kvEntries: open('kvEntries'),
    roles: open('roles'),
    secretIds: open('secretIds'),
    authConfigs: open('authConfigs'),
    quotas: open('quotas'),
    buckets: open('buckets'),
  }
}

/** A text that is the same whenever it is asked for, in the shape of a UUID. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}

export function mountKey({
  namespace,
  table,
  path,
}: Pick<MountDocument, 'namespace' | 'table' | 'path'>): string {
  return `${namespace}:${table}:${path}`
}

export function policyKey(namespace: string, name: string): string {
  return `${namespace}:${name}`
}

const plainConfig: JsonObject = { default_lease_ttl: 0, force_no_cache: false, max_lease_ttl: 0 }

const descriptions: Readonly<Record<string, string>> = {
  cubbyhole: 'per-token private secret storage',
  identity: 'identity store',
  system: 'system endpoints used for control, policy and debugging',
  token: 'token based credentials',
}

/** What every namespace has; the root has `secret/` besides, as the dev server makes it. */
export function firstMounts(namespace: string): MountDocument[] {
  const own = (
    table: 'secret' | 'auth',
    path: string,
    type: string,
    more: Partial<MountDocument>,
  ): MountDocument => ({
    ...mountOf({ namespace, table, path, type, description: descriptions[type] ?? '', options: null }),
    ...more,
  })
  const headers = (name: string): { readonly config: JsonObject } => ({
    config: { ...plainConfig, passthrough_request_headers: [name] },
  })
  const all = [
    own('secret', 'cubbyhole/', 'cubbyhole', { local: true }),
    own('secret', 'identity/', 'identity', headers('Authorization')),
    own('secret', 'sys/', 'system', { ...headers('Accept'), sealWrap: true }),
    own('auth', 'token/', 'token', {}),
  ]
  if (namespace !== '') return all
  const description = 'key/value secret storage'
  return [
    ...all,
    mountOf({
      namespace,
      table: 'secret',
      path: 'secret/',
      type: 'kv',
      description,
      options: { version: '2' },
    }),
  ]
}

/** @param seed tells mounts apart that follow each other on one path. Default: the path alone. */
export function mountOf(
  what: Pick<MountDocument, 'namespace' | 'table' | 'path' | 'type' | 'description' | 'options'>,
  seed = '',
): MountDocument {
  const id = uuidOf(`mount ${mountKey(what)} ${seed}`)
  return {
    ...what,
    id,
    accessor: `${what.table === 'auth' ? 'auth_' : ''}${what.type}_${id.slice(-8)}`,
    config: what.table === 'auth' ? { ...plainConfig, token_type: 'default-service' } : plainConfig,
    local: false,
    sealWrap: false,
  }
}

export function firstPolicies(namespace: string, modifiedAt: number): ReadonlyMap<string, PolicyDocument> {
  return new Map([
    [policyKey(namespace, 'default'), { name: 'default', text: defaultPolicy, version: 1, modifiedAt }],
    [policyKey(namespace, 'root'), { name: 'root', text: '', version: 0, modifiedAt }],
  ])
}

function rootToken({ rootToken: id, startedAt }: Settings): TokenDocument {
  return {
    id,
    accessor: createHash('sha256').update(`accessor ${id}`).digest('hex').slice(0, 24),
    type: 'service',
    namespace: '',
    policies: ['root'],
    path: 'auth/token/create',
    displayName: 'token',
    meta: null,
    parent: '',
    entityId: '',
    createdAt: startedAt,
    ttlMs: 0,
    periodMs: 0,
    explicitMaxTtlMs: 0,
    maxTtlMs: 0,
    renewable: false,
    networks: [],
    usesLeft: 0,
  }
}

interface Gone {
  readonly isGone: true
}

/** Documents that are there without having been written. Deleting one leaves a mark. */
function withDefaults<T extends object>(
  stored: Collection<T | Gone>,
  defaults: ReadonlyMap<string, T>,
): Collection<T> {
  const live = (document: T | Gone | undefined): T | undefined =>
    document === undefined || 'isGone' in document ? undefined : document
  return {
    get(key) {
      const document = stored.get(key)
      return document === undefined ? defaults.get(key) : live(document)
    },
    set: (key, document) => stored.set(key, document),
    delete(key) {
      if (defaults.has(key)) stored.set(key, { isGone: true })
      else stored.delete(key)
    },
    entries() {
      const all = new Map<string, T | Gone>([...defaults, ...stored.entries()])
      return [...all].flatMap(([key, document]) => {
        const found = live(document)
        return found === undefined ? [] : [[key, found] as const]
      })
    },
  }
}

const rootMounts: ReadonlyMap<string, MountDocument> = new Map(
  firstMounts('').map((mount) => [mountKey(mount), mount]),
)
