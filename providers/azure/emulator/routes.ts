import type { EmulatorRequest } from 'strongroom/testing'

/** The operations of the service, by the names of its REST reference. */
export type OperationName =
  | 'SetSecret'
  | 'GetSecret'
  | 'UpdateSecret'
  | 'DeleteSecret'
  | 'GetSecrets'
  | 'GetSecretVersions'
  | 'GetDeletedSecret'
  | 'GetDeletedSecrets'
  | 'RecoverDeletedSecret'
  | 'PurgeDeletedSecret'
  | 'BackupSecret'
  | 'RestoreSecret'

export interface Route {
  readonly operation: OperationName
  /** As sent, decoded; empty where the operation names no secret. */
  readonly name: string
  /** Empty for the latest one. */
  readonly version: string
}

type Methods = Readonly<Partial<Record<string, OperationName>>>

const ofOneSecret: Methods = {
  PUT: 'SetSecret',
  GET: 'GetSecret',
  PATCH: 'UpdateSecret',
  DELETE: 'DeleteSecret',
}

/**
 * In order: `versions` and `backup` are never version ids. A slash at the end is an empty version; more than one at
 * the beginning, as behind the URL of a vault that ends in one, are one. Case does not count.
 */
const routes: readonly (readonly [path: RegExp, methods: Methods])[] = [
  [/^\/secrets\/?$/i, { GET: 'GetSecrets' }],
  [/^\/secrets\/([^/]+)\/versions\/?$/i, { GET: 'GetSecretVersions' }],
  [/^\/secrets\/([^/]+)\/backup\/?$/i, { POST: 'BackupSecret' }],
  [/^\/secrets\/(restore)\/?$/i, { ...ofOneSecret, POST: 'RestoreSecret' }],
  [/^\/secrets\/([^/]+)\/?$/i, ofOneSecret],
  [/^\/secrets\/([^/]+)\/([^/]+)\/?$/i, { GET: 'GetSecret', PATCH: 'UpdateSecret' }],
  [/^\/deletedsecrets\/?$/i, { GET: 'GetDeletedSecrets' }],
  [/^\/deletedsecrets\/([^/]+)\/?$/i, { GET: 'GetDeletedSecret', DELETE: 'PurgeDeletedSecret' }],
  [/^\/deletedsecrets\/([^/]+)\/recover\/?$/i, { POST: 'RecoverDeletedSecret' }],
]

/** The route of a request; or whether its path is known and only the method is not. */
export function routeOf({ path, method }: EmulatorRequest): Route | 'unknown-method' | 'unknown-path' {
  for (const [pattern, methods] of routes) {
    const match = pattern.exec(path.replace(/^\/+/, '/'))
    if (match === null) continue
    const operation = methods[method]
    const [, name = '', version = ''] = match
    return operation === undefined
      ? 'unknown-method'
      : { operation, name: decode(name), version: decode(version) }
  }
  return 'unknown-path'
}

/** What is no percent-encoding stays as it is: no rule of names lets a `%` pass. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (error) {
    if (error instanceof URIError) return segment
    throw error
  }
}
