import type { EmulatorRequest } from 'strongroom/testing'
import { type AzureError, unauthorized } from './errors.js'
import { claimsOf, type Signer } from './jwt.js'
import type { Settings } from './model.js'

/** What a token must be. Without rules every token is taken as it is. */
export interface TokenRules {
  /**
   * The token is one that the emulator's own token endpoint signed, for the resource of the challenge, and it has not
   * expired. Default false.
   */
  readonly issued?: boolean
  /** The token is a JWT for this audience: the `resource` of the challenge, on the real service. Default: any. */
  readonly audience?: string
  /** The token is a JWT that has not expired on the emulator's clock. Default: what `issued` is. */
  readonly checkExpiry?: boolean
  /** The last word, on the text of the token. Default: accept it. */
  readonly accept?: (token: string) => boolean
}

/** The bearer token of a request; without one it is a challenge, not an operation. */
export function tokenOf({ headers }: EmulatorRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** Where a client gets its token, as the service tells it. */
export function challengeOf(request: EmulatorRequest, settings: Settings): string {
  const resource = resourceFor(request, settings)
  return `Bearer authorization="https://login.windows.net/${settings.tenantId}", resource="${resource}"`
}

function resourceFor({ headers }: EmulatorRequest, { resource }: Settings): string {
  return resource ?? resourceOf(headers.host)
}

/** Clients compare the end of the host, some with its port: below `localhost` the resource is what the vault is below. */
function resourceOf(host = ''): string {
  const parent = /^[^.:]+\.((?:[^.:]+\.)*localhost(?::\d+)?)$/i.exec(host)?.[1]
  return `https://${parent ?? 'vault.azure.net'}`
}

/** A challenge for a token with more claims, which follows on a token that was good until now. */
export function claimsChallengeOf({ tenantId }: Settings): string {
  const claims = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"0"}}}').toString('base64')
  return `Bearer realm="", authorization_uri="https://login.windows.net/${tenantId}/oauth2/authorize", error="insufficient_claims", claims="${claims}"`
}

/** What is wrong with a token, if anything is. */
export function tokenFault(
  token: string,
  request: EmulatorRequest,
  settings: Settings,
  now: number,
  signer: () => Signer,
): AzureError | undefined {
  if (settings.tokens === undefined) return undefined
  const { issued = false, checkExpiry = issued, accept = () => true } = settings.tokens
  const audience = settings.tokens.audience ?? (issued ? resourceFor(request, settings) : undefined)
  if (audience !== undefined || checkExpiry) {
    const claims = claimsOf(token)
    if (claims === undefined) return unauthorized("Error validating token: 'S2S12005'.")
    if (issued && !signer().verifies(token)) {
      return unauthorized(
        `AKV10046: Unable to resolve the key used for signature validation. EncodedJwtHeader: '${token.split('.')[0]}'.`,
      )
    }
    if (audience !== undefined && !isSameResource(claims['aud'], audience)) {
      return unauthorized(
        `AKV10022: Invalid audience. Expected ${audience}, found: ${String(claims['aud'])}.`,
      )
    }
    if (checkExpiry && !(Number(claims['exp']) * 1000 > now)) {
      return unauthorized("[TokenExpired] Error validating token: 'S2S12086'.")
    }
  }
  return accept(token) ? undefined : unauthorized("Error validating token: 'S2S12005'.")
}

function isSameResource(found: unknown, expected: string): boolean {
  const bare = (text: string): string => text.replace(/\/$/, '')
  return typeof found === 'string' && bare(found) === bare(expected)
}

/** What a table of permissions may call the bearer of a token. */
export function callersOf(token: string): readonly string[] {
  const claims = claimsOf(token)
  if (claims === undefined) return [token]
  return [claims['appid'], claims['oid']].filter((id) => typeof id === 'string')
}
