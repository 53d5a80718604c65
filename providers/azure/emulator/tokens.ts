import { type EmulatorRequest, JsonError, parseJson } from 'strongroom/testing'
import { type AzureError, unauthorized } from './errors.js'
import type { Settings } from './model.js'

/** What a token must be. Without rules every token is taken as it is: nothing is signed here. */
export interface TokenRules {
  /** The token is a JWT for this audience: the `resource` of the challenge, on the real service. Default: any. */
  readonly audience?: string
  /** The token is a JWT that has not expired on the emulator's clock. Default false. */
  readonly checkExpiry?: boolean
  /** The last word, on the text of the token. Default: accept it. */
  readonly accept?: (token: string) => boolean
}

/** The bearer token of a request; without one it is a challenge, not an operation. */
export function tokenOf({ headers }: EmulatorRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** Where a client gets its token, as the service tells it. */
export function challengeOf({ headers }: EmulatorRequest, settings: Settings): string {
  const resource = settings.resource ?? resourceOf(headers.host)
  return `Bearer authorization="https://login.windows.net/${settings.tenantId}", resource="${resource}"`
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
export function tokenFault(token: string, rules: TokenRules, now: number): AzureError | undefined {
  const { audience, checkExpiry = false, accept = () => true } = rules
  if (audience !== undefined || checkExpiry) {
    const claims = claimsOf(token)
    if (claims === undefined) return unauthorized("Error validating token: 'S2S12005'.")
    if (audience !== undefined && claims['aud'] !== audience) {
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

function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const [, payload, ...rest] = token.split('.')
  if (payload === undefined || rest.length !== 1) return undefined
  try {
    const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? { ...claims } : undefined
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}
