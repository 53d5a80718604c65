import { approleRoutes } from './approle-routes.js'
import { cubbyholeRoutes } from './cubbyhole.js'
import { jwtRoutes } from './jwt-routes.js'
import { kubernetesRoutes } from './kubernetes-routes.js'
import { kv1Routes, kv2Routes } from './kv-routes.js'
import type { MountDocument } from './model.js'
import type { Kind } from './request.js'
import type { Operation, Routes } from './route.js'
import { systemRoutes } from './system-routes.js'
import { tokenRoutes } from './token-routes.js'

const byType: Readonly<Record<string, Routes>> = {
  approle: approleRoutes,
  cubbyhole: cubbyholeRoutes,
  jwt: jwtRoutes,
  kubernetes: kubernetesRoutes,
  system: systemRoutes,
  token: tokenRoutes,
}

export interface Found {
  /** Absent: the path is known, and this is not done on it. */
  readonly operation: Operation | undefined
  readonly parts: readonly string[]
}

export function isVersioned({ type, options }: MountDocument): boolean {
  return type === 'kv' && options?.['version'] === '2'
}

/** What answers a path of a mount; `undefined` when nothing does. */
export function routeOf(mount: MountDocument, path: string, kind: Kind): Found | undefined {
  for (const [pattern, operations] of routesOf(mount)) {
    const match = pattern.exec(path)
    if (match !== null) return { operation: operations[kind], parts: match.slice(1) }
  }
  return undefined
}

function routesOf(mount: MountDocument): Routes {
  if (mount.type === 'kv') return isVersioned(mount) ? kv2Routes : kv1Routes
  return byType[mount.type] ?? []
}
