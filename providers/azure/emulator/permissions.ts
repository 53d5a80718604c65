import { type Permission, permissions } from './actions.js'
import { denial } from './errors.js'
import type { Settings } from './model.js'
import type { OperationName } from './routes.js'

/**
 * What each caller may do, by the client id (`appid`) or object id (`oid`) of its token, or by the text of a token that is
 * no JWT. `*` stands for everybody who is not named.
 */
export type PermissionTable = Readonly<Record<string, readonly Permission[]>>

/** @throws {AzureError} `ForbiddenByRbac` where the table does not grant the operation. */
export function checkPermission(
  callers: readonly string[],
  operation: OperationName,
  settings: Settings,
): void {
  const table = settings.permissions
  if (table === undefined) return
  const name = callers.find((caller) => Object.hasOwn(table, caller)) ?? '*'
  const granted = (Object.hasOwn(table, name) && table[name]) || []
  if (!granted.includes(permissions[operation][0])) throw denial('ForbiddenByRbac', operation, settings)
}
