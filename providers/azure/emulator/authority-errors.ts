import { randomUUID } from 'node:crypto'
import type { EmulatorReply, Failure } from 'strongroom/testing'

/** A refusal of the authority. Thrown, it is answered in the shape of OAuth 2.0 with the numbers of Microsoft Entra. */
export class AuthorityError extends Error {
  override readonly name = 'AuthorityError'
  readonly status: number
  readonly code: string
  /** `AADSTS` and this; none for errors of a managed identity. */
  readonly number: number | undefined

  constructor(status: number, code: string, text: string, number?: number) {
    super(text)
    this.status = status
    this.code = code
    this.number = number
  }
}

export const missingParameter = (name: string): AuthorityError =>
  new AuthorityError(
    400,
    'invalid_request',
    `The request body must contain the following parameter: '${name}'.`,
    900144,
  )
export const unknownTenant = (tenant: string): AuthorityError =>
  new AuthorityError(400, 'invalid_request', `Tenant '${tenant}' not found.`, 90002)
export const unknownGrant = (grant: string): AuthorityError =>
  new AuthorityError(
    400,
    'unsupported_grant_type',
    `The app requested an unsupported grant type '${grant}'.`,
    70003,
  )
export const unknownClient = (client: string, tenant: string): AuthorityError =>
  new AuthorityError(
    400,
    'unauthorized_client',
    `Application with identifier '${client}' was not found in the directory '${tenant}'.`,
    700016,
  )
export const wrongSecret = (client: string): AuthorityError =>
  new AuthorityError(
    401,
    'invalid_client',
    `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client}'.`,
    7000215,
  )
export const noClientProof = (): AuthorityError =>
  new AuthorityError(
    401,
    'invalid_client',
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    7000218,
  )
export const wrongAssertion = (): AuthorityError =>
  new AuthorityError(401, 'invalid_client', 'Client assertion is not a valid JWT.', 50027)
export const wrongScope = (scope: string): AuthorityError =>
  new AuthorityError(
    400,
    'invalid_scope',
    `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    1002012,
  )
export const noMetadataHeader = (header: string): AuthorityError =>
  new AuthorityError(400, 'invalid_request', `Required header ${header} not specified`)

/** A failure that a fault rule asks for: its error is a code of OAuth, such as `invalid_client`. */
export function authorityFailure({ error, status, message, retryAfterMs }: Failure): EmulatorReply {
  const code = error ?? 'temporarily_unavailable'
  const refused = new AuthorityError(status ?? (error === undefined ? 500 : 400), code, message ?? code)
  const reply = authorityErrorReply(refused, 0)
  if (retryAfterMs === undefined) return reply
  const wait = String(Math.ceil(retryAfterMs / 1000))
  return { ...reply, headers: { ...reply.headers, 'retry-after': wait } }
}

export function authorityErrorReply(
  { status, code, number, message }: AuthorityError,
  now: number,
): EmulatorReply {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store, no-cache' }
  if (number === undefined) {
    return { status, headers, body: JSON.stringify({ error: code, error_description: message }) }
  }
  const [trace, correlation] = [randomUUID(), randomUUID()]
  const timestamp = new Date(now)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
  const body = {
    error: code,
    error_description: `AADSTS${number}: ${message} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    error_codes: [number],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
  }
  return { status, headers, body: JSON.stringify(body) }
}
