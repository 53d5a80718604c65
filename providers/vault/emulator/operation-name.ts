import type { EmulatorRequest } from 'strongroom/testing'
import { bareOperation } from './bare.js'
import { VaultError } from './errors.js'
import type { World } from './model.js'
import { mountAt } from './mounts.js'
import { locate } from './namespaces.js'
import { readRequest } from './request.js'
import { routeOf } from './routes.js'

/**
 * The name of the operation in the OpenAPI document of the service, which `calls` counts by and `faults` choose by;
 * `undefined` for what is no operation.
 */
export function nameOf(world: World, request: EmulatorRequest): string | undefined {
  if (!request.path.startsWith('/v1/')) return undefined
  try {
    const bare = bareOperation(request)
    if (bare !== undefined) return bare.id
    const { kind, path } = readRequest({ ...request, body: Buffer.alloc(0) })
    const place = locate(world, String(request.headers['x-vault-namespace'] ?? ''), path)
    const mount = mountAt(world, place.namespace, place.path)
    if (mount === undefined) return undefined
    return routeOf(mount, below(mount, place.path), kind)?.operation?.id
  } catch (error) {
    if (error instanceof VaultError) return undefined
    throw error
  }
}

/** The part of a path that a mount sees. */
export function below(
  { table, path: at }: { readonly table: string; readonly path: string },
  path: string,
): string {
  return path.slice((table === 'auth' ? 'auth/'.length : 0) + at.length)
}
