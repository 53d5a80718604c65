import { badRequest, notFound, VaultError } from './errors.js'
import { fieldsOf } from './fields.js'
import { compare, listAnswer } from './listing.js'
import type { Answer, JsonObject, NamespaceDocument, Scope, World } from './model.js'
import { forgetMount } from './mounts.js'
import { revokeTree } from './tokens.js'
import { firstMounts, firstPolicies, mountKey, uuidOf } from './world.js'

export interface Located {
  /** Empty for the root, else `team/`. */
  readonly namespace: string
  /** Below the namespace. */
  readonly path: string
}

/**
 * Finds the namespace of a request: what its header says, and then as much of its path as names namespaces.
 *
 * @throws {VaultError} 404 for a header that names none.
 */
export function locate(world: World, header: string, path: string): Located {
  const named = header.replace(/^\/+|\/+$/g, '')
  let namespace = named === '' || named === 'root' ? '' : `${named}/`
  if (namespace !== '' && world.namespaces.get(namespace) === undefined) {
    throw new VaultError(404, ['namespace not found'])
  }
  let rest = path
  for (;;) {
    const [segment = ''] = rest.split('/')
    const deeper = `${namespace}${segment}/`
    if (segment === '' || world.namespaces.get(deeper) === undefined) return { namespace, path: rest }
    namespace = deeper
    rest = rest.slice(segment.length + 1)
  }
}

export function listNamespaces(scope: Scope): Answer {
  const found = scope.namespaces
    .entries()
    .map(([path, document]) => [path.slice(scope.namespace.length), document] as const)
    .filter(([path, document]) => document.path.startsWith(scope.namespace) && /^[^/]+\/$/.test(path))
    .sort(([a], [b]) => compare(a, b))
  return listAnswer(
    found.map(([path]) => path),
    { key_info: Object.fromEntries(found.map(([path, document]) => [path, describe(document)])) },
  )
}

export function readNamespace(scope: Scope): Answer {
  const document = scope.namespaces.get(pathIn(scope))
  if (document === undefined) throw notFound()
  return { data: describe(document) }
}

export function createNamespace(scope: Scope): Answer {
  const path = pathIn(scope)
  const name = path.slice(scope.namespace.length, -1)
  if (['root', 'sys', 'audit', 'auth', 'cubbyhole', 'identity'].includes(name)) {
    throw badRequest(
      `${JSON.stringify(`${name}/`)} is a reserved path and cannot be used as a namespace name`,
    )
  }
  const existing = scope.namespaces.get(path)
  if (existing !== undefined) return { data: describe(existing) }
  const given = fieldsOf(scope.data).object('custom_metadata') ?? {}
  const uuid = uuidOf(`namespace ${path} ${scope.now}`)
  const document: NamespaceDocument = {
    path,
    id: uuid.slice(0, 6),
    uuid,
    customMetadata: Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)])),
  }
  scope.namespaces.set(path, document)
  for (const mount of firstMounts(path)) scope.mounts.set(mountKey(mount), mount)
  for (const [key, policy] of firstPolicies(path, scope.now)) scope.policies.set(key, policy)
  return { data: describe(document) }
}

/** With everything in it. */
export function deleteNamespace(scope: Scope): Answer {
  const path = pathIn(scope)
  if (scope.namespaces.get(path) === undefined) return { warnings: ['requested namespace does not exist'] }
  if (scope.namespaces.entries().some(([other]) => other !== path && other.startsWith(path))) {
    throw badRequest('unable to delete namespace containing child namespaces')
  }
  const own = scope.mounts.entries().filter(([, mount]) => mount.namespace === path)
  for (const [, mount] of own) forgetMount(scope, mount)
  for (const [key] of scope.policies.entries()) if (key.startsWith(`${path}:`)) scope.policies.delete(key)
  for (const [id, token] of scope.tokens.entries()) if (token.namespace === path) revokeTree(scope, id)
  scope.namespaces.delete(path)
  return { data: { status: 'in-progress' } }
}

function pathIn({ namespace, parts: [path = ''] }: Scope): string {
  return `${namespace}${path.replace(/\/+$/, '')}/`
}

function describe({ path, id, uuid, customMetadata }: NamespaceDocument): JsonObject {
  return { custom_metadata: customMetadata, id, locked: false, path, tainted: false, uuid }
}
