import { capabilitiesOf, hasRulesBelow } from './acl.js'
import { seconds } from './durations.js'
import { badRequest, VaultError } from './errors.js'
import { fieldsOf, objectOf } from './fields.js'
import type { Answer, JsonObject, MountDocument, Scope, World } from './model.js'
import { callerOf } from './token-api.js'
import { mountKey, mountOf } from './world.js'

type Table = MountDocument['table']

const types: Readonly<Record<Table, readonly string[]>> = {
  secret: ['kv', 'kv-v1', 'kv-v2'],
  auth: ['approle', 'jwt', 'kubernetes'],
}
const builtIn = ['sys', 'identity', 'cubbyhole']

/** The mount that answers a path, which has no namespace: the one with the longest path. */
export function mountAt(world: World, namespace: string, path: string): MountDocument | undefined {
  const isAuth = path.startsWith('auth/')
  const rest = isAuth ? path.slice('auth/'.length) : path
  return mountsIn(world, namespace, isAuth ? 'auth' : 'secret')
    .filter((mount) => rest.startsWith(mount.path) || `${rest}/` === mount.path)
    .sort((a, b) => a.path.length - b.path.length)
    .at(-1)
}

export function mountsIn({ mounts }: World, namespace: string, table: Table): readonly MountDocument[] {
  return mounts
    .entries()
    .map(([, mount]) => mount)
    .filter((mount) => mount.namespace === namespace && mount.table === table)
}

export function listMounts(scope: Scope): Answer {
  return { data: tableOf(scope, 'secret') }
}

export function listAuth(scope: Scope): Answer {
  return { data: tableOf(scope, 'auth') }
}

export function readMount(scope: Scope): Answer {
  return { data: describe(scope, getMount(scope, 'secret')) }
}

export function readTune(scope: Scope): Answer {
  const mount = getMount(scope, 'secret')
  const ttl = seconds(scope.settings.facts.maxTtlMs)
  return {
    data: {
      default_lease_ttl: ttl,
      description: mount.description,
      force_no_cache: false,
      max_lease_ttl: ttl,
      ...(mount.options === null ? {} : { options: mount.options }),
    },
  }
}

export function writeTune(scope: Scope): undefined {
  const mount = getMount(scope, 'secret')
  const fields = fieldsOf(scope.data)
  scope.mounts.set(mountKey(mount), {
    ...mount,
    description: fields.text('description') ?? mount.description,
    options: textsIn(fields.object('options')) ?? mount.options,
  })
}

export function mountEngine(scope: Scope): undefined {
  mount(scope, 'secret')
}

export function enableAuth(scope: Scope): undefined {
  mount(scope, 'auth')
}

export function unmountEngine(scope: Scope): undefined {
  unmount(scope, 'secret')
}

export function disableAuth(scope: Scope): undefined {
  unmount(scope, 'auth')
}

/** The look-up that needs no more than some right on the path. */
export function lookUpMount(scope: Scope): Answer {
  const [path = ''] = scope.parts
  const caller = callerOf(scope)
  const mount = mountAt(scope, scope.namespace, path)
  const shown = path.endsWith('/') ? path : `${path}/`
  if (mount === undefined || !canReach(scope, caller, mount, path)) {
    throw new VaultError(403, [
      `preflight capability check returned 403, please ensure client's policies grant access to path ${JSON.stringify(shown)}`,
    ])
  }
  return { data: { ...describe(scope, mount), path: pathOf(mount) } }
}

/** Those that the caller can use; none for a caller without a token. */
export function listVisibleMounts(scope: Scope): Answer {
  const { token } = scope
  const visible = (table: Table): JsonObject =>
    Object.fromEntries(
      mountsIn(scope, scope.namespace, table)
        .filter((mount) => token !== undefined && hasRightsBelow(scope, token, mount))
        .map((mount) => [mount.path, describe(scope, mount)]),
    )
  return { data: { auth: visible('auth'), secret: visible('secret') } }
}

function mount(scope: Scope, table: Table): void {
  const path = pathIn(scope)
  const fields = fieldsOf(scope.data)
  const asked = fields.text('type') ?? ''
  if (asked === '') throw badRequest('backend type must be specified as a string')
  if (table === 'secret' && builtIn.some((name) => path.startsWith(`${name}/`))) {
    throw badRequest(`cannot mount ${JSON.stringify(path)}`)
  }
  const clash = mountsIn(scope, scope.namespace, table).find(
    (other) => path.startsWith(other.path) || other.path.startsWith(path),
  )
  if (clash !== undefined) throw badRequest(`path is already in use at ${clash.path}`)
  if (!types[table].includes(asked)) throw badRequest(`plugin not found in the catalog: ${asked}`)
  const [, type = asked, version] = /^(kv)-v([12])$/.exec(asked) ?? []
  const options = { ...textsIn(fields.object('options')), ...(version === undefined ? {} : { version }) }
  const what = {
    namespace: scope.namespace,
    table,
    path,
    type,
    description: fields.text('description') ?? '',
    options,
  }
  scope.mounts.set(mountKey(what), mountOf(what, `${scope.now} ${scope.mounts.entries().length}`))
}

/** With everything in it. */
function unmount(scope: Scope, table: Table): void {
  const path = pathIn(scope)
  const mount = scope.mounts.get(mountKey({ namespace: scope.namespace, table, path }))
  if (mount === undefined) return
  if (mount.type === 'token') throw badRequest('token credential backend cannot be disabled')
  if (builtIn.includes(path.slice(0, -1))) throw badRequest(`cannot unmount ${JSON.stringify(path)}`)
  forgetMount(scope, mount)
}

export function forgetMount(world: World, mount: MountDocument): void {
  world.mounts.delete(mountKey(mount))
  const { kvKeys, kvValues, kvEntries, kvConfigs, roles, secretIds, authConfigs } = world
  for (const collection of [kvKeys, kvValues, kvEntries, kvConfigs, roles, secretIds, authConfigs]) {
    for (const [key] of collection.entries()) if (key.startsWith(mount.id)) collection.delete(key)
  }
}

function getMount(scope: Scope, table: Table): MountDocument {
  const path = pathIn(scope)
  const mount = scope.mounts.get(mountKey({ namespace: scope.namespace, table, path }))
  if (mount === undefined) throw badRequest(`No secret engine mount at ${path}`)
  return mount
}

function pathIn({ parts: [path = ''] }: Scope): string {
  return `${path.replace(/\/+$/, '')}/`
}

function pathOf({ table, path }: MountDocument): string {
  return table === 'auth' ? `auth/${path}` : path
}

function tableOf(scope: Scope, table: Table): JsonObject {
  return Object.fromEntries(
    mountsIn(scope, scope.namespace, table).map((mount) => [mount.path, describe(scope, mount)]),
  )
}

function describe({ settings }: World, mount: MountDocument): JsonObject {
  const isPlugin = ['kv', ...types.auth].includes(mount.type)
  return {
    accessor: mount.accessor,
    config: mount.config,
    ...(isPlugin ? { deprecation_status: 'supported' } : {}),
    description: mount.description,
    external_entropy_access: false,
    local: mount.local,
    options: mount.options,
    plugin_version: '',
    running_plugin_version: `v${settings.facts.version}+builtin.bao`,
    running_sha256: '',
    seal_wrap: mount.sealWrap,
    type: mount.type,
    uuid: mount.id,
  }
}

function canReach(
  scope: Scope,
  token: NonNullable<Scope['token']>,
  mount: MountDocument,
  path: string,
): boolean {
  return (
    hasRightsBelow(scope, token, mount) ||
    !capabilitiesOf(scope, token, scope.namespace + path, true).includes('deny')
  )
}

/** Whether some rule of the token names a path of the mount. */
function hasRightsBelow(scope: Scope, token: NonNullable<Scope['token']>, mount: MountDocument): boolean {
  return hasRulesBelow(scope, token, scope.namespace + pathOf(mount))
}

function textsIn(object: JsonObject | undefined): Readonly<Record<string, string>> | undefined {
  const given = objectOf(object)
  return given === undefined
    ? undefined
    : Object.fromEntries(Object.entries(given).map(([k, v]) => [k, String(v)]))
}
