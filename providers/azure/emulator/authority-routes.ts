import type { EmulatorRequest } from 'strongroom/testing'

/** What the authority of the emulator answers, beside the vault. */
export type AuthorityOperation = 'GetToken' | 'GetManagedIdentityToken' | 'Discovery' | 'Instance' | 'Keys'

export interface AuthorityRoute {
  readonly operation: AuthorityOperation
  /** Tenant id in the path; empty where there is none. */
  readonly tenant: string
}

const tenant = '/((?!(?:deleted)?secrets/)[^/]+)'

const routes: readonly (readonly [method: string, path: RegExp, operation: AuthorityOperation])[] = [
  ['POST', new RegExp(`^${tenant}/oauth2/(?:v2\\.0/)?token$`, 'i'), 'GetToken'],
  ['GET', new RegExp(`^${tenant}/(?:v2\\.0/)?\\.well-known/openid-configuration$`, 'i'), 'Discovery'],
  ['GET', new RegExp(`^${tenant}/discovery/(?:v2\\.0/)?keys$`, 'i'), 'Keys'],
  ['GET', /^\/common\/discovery\/instance$/i, 'Instance'],
  ['GET', /^\/metadata\/identity\/oauth2\/token\/?$/i, 'GetManagedIdentityToken'],
  ['GET', /^\/msi\/token\/?$/i, 'GetManagedIdentityToken'],
]

/** Whether a token is asked for: what leads there is no operation. */
export function isLogin({ operation }: AuthorityRoute): boolean {
  return operation === 'GetToken' || operation === 'GetManagedIdentityToken'
}

/** The route of a request to the authority; `undefined` for one to the vault. */
export function authorityRouteOf({ method, path }: EmulatorRequest): AuthorityRoute | undefined {
  for (const [verb, pattern, operation] of routes) {
    const match = verb === method ? pattern.exec(path) : null
    if (match !== null) return { operation, tenant: match[1] ?? '' }
  }
  return undefined
}
