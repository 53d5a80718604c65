import { createHash, randomUUID } from 'node:crypto'
import type { EmulatorReply, EmulatorRequest } from 'strongroom/testing'
import {
  missingParameter,
  noClientProof,
  noMetadataHeader,
  unknownClient,
  unknownGrant,
  unknownTenant,
  wrongAssertion,
  wrongScope,
  wrongSecret,
} from './authority-errors.js'
import type { AuthorityRoute } from './authority-routes.js'
import { claimsOf, type Signer } from './jwt.js'
import type { Settings } from './model.js'

/** A client that may ask for tokens. */
export interface AzureClient {
  /** Default: any secret, and any assertion, is taken. */
  readonly secret?: string
}

const tokenSeconds = 3_599
const managedSeconds = 86_399
const wellKnownTenants = ['common', 'organizations']
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

interface Asked {
  readonly request: EmulatorRequest
  readonly settings: Settings
  readonly now: number
  readonly signer: Signer
}

/** Answers a request to the authority. @throws {AuthorityError} where it gives no token. */
export function answerAuthority({ operation, tenant }: AuthorityRoute, asked: Asked): EmulatorReply {
  const { origin } = asked.request
  switch (operation) {
    case 'GetToken':
      return tokenForClient(asked, tenant)
    case 'GetManagedIdentityToken':
      return tokenForManagedIdentity(asked)
    case 'Keys':
      return json({ keys: [asked.signer.publicJwk()] })
    case 'Discovery':
      return json(discoveryOf(`${origin}/${tenant}`))
    case 'Instance':
      return json({
        tenant_discovery_endpoint: `${origin}/${asked.settings.tenantId}/v2.0/.well-known/openid-configuration`,
        'api-version': '1.1',
        metadata: [],
      })
  }
}

function discoveryOf(authority: string): object {
  return {
    issuer: `${authority}/v2.0`,
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    token_endpoint: `${authority}/oauth2/v2.0/token`,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    response_types_supported: ['token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['ES256'],
    scopes_supported: ['.default'],
  }
}

/** Client credentials, by a secret or by an assertion whose signature nobody checks. */
function tokenForClient(asked: Asked, tenant: string): EmulatorReply {
  const { request, settings } = asked
  if (tenant.toLowerCase() !== settings.tenantId.toLowerCase() && !wellKnownTenants.includes(tenant)) {
    throw unknownTenant(tenant)
  }
  const form = new URLSearchParams(request.body.toString('utf8'))
  const grant = required(form, 'grant_type')
  if (grant !== 'client_credentials') throw unknownGrant(grant)
  const client = required(form, 'client_id')
  const isAssertion = checkClient(client, form, settings)
  const isV2 = /\/v2\.0\/token$/i.test(request.path)
  const resource = isV2 ? resourceOfScope(required(form, 'scope')) : required(form, 'resource')
  const access_token = issue(asked, client, resource, tokenSeconds, { appidacr: isAssertion ? '2' : '1' })
  const answer = { token_type: 'Bearer', access_token }
  return isV2
    ? json({ ...answer, expires_in: tokenSeconds, ext_expires_in: tokenSeconds })
    : json({ ...answer, ...timesOf(asked, tokenSeconds), resource })
}

/** Whether the client proved itself by an assertion. */
function checkClient(client: string, form: URLSearchParams, { clients, tenantId }: Settings): boolean {
  const known = clients === undefined || Object.hasOwn(clients, client)
  if (!known) throw unknownClient(client, tenantId)
  const assertion = form.get('client_assertion')
  if (assertion !== null && form.get('client_assertion_type') === jwtBearer) {
    if (claimsOf(assertion) === undefined) throw wrongAssertion()
    return true
  }
  const secret = form.get('client_secret')
  if (secret === null || secret === '') throw noClientProof()
  const expected = clients?.[client]?.secret
  if (expected !== undefined && secret !== expected) throw wrongSecret(client)
  return false
}

function resourceOfScope(scope: string): string {
  const resource = /^(\S+)\/\.default$/.exec(scope)?.[1]
  if (resource === undefined) throw wrongScope(scope)
  return resource
}

/** As the metadata service of a machine gives it, or the endpoint of an App Service. */
function tokenForManagedIdentity(asked: Asked): EmulatorReply {
  const { query, headers, path } = asked.request
  const isMachine = /^\/metadata\//i.test(path)
  if (isMachine && headers['metadata'] !== 'true') throw noMetadataHeader('Metadata')
  if (!isMachine && headers['x-identity-header'] === undefined) throw noMetadataHeader('X-IDENTITY-HEADER')
  required(query, 'api-version')
  const resource = required(query, 'resource')
  const client = query.get('client_id') ?? query.get('clientid') ?? asked.settings.managedClientId
  const access_token = issue(asked, client, resource, managedSeconds, { appidacr: '2' })
  return json({
    access_token,
    client_id: client,
    ...timesOf(asked, managedSeconds),
    resource,
    token_type: 'Bearer',
  })
}

function timesOf({ now }: Asked, seconds: number): object {
  const start = Math.floor(now / 1000)
  return {
    expires_in: String(seconds),
    ext_expires_in: String(seconds),
    expires_on: String(start + seconds),
    not_before: String(start),
  }
}

function issue(asked: Asked, client: string, resource: string, seconds: number, more: object): string {
  const { settings, now, signer } = asked
  const start = Math.floor(now / 1000)
  const issuer = `https://sts.windows.net/${settings.tenantId}/`
  const oid = objectIdOf(client)
  return signer.sign({
    aud: resource,
    iss: issuer,
    iat: start,
    nbf: start,
    exp: start + seconds,
    appid: client,
    idp: issuer,
    oid,
    sub: oid,
    tid: settings.tenantId,
    uti: randomUUID(),
    ver: '1.0',
    ...more,
  })
}

/** The same for the same client, as in a directory. */
function objectIdOf(client: string): string {
  const hex = createHash('sha256').update(client).digest('hex')
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function required(parameters: URLSearchParams, name: string): string {
  const value = parameters.get(name)
  if (value === null || value === '') throw missingParameter(name)
  return value
}

function json(body: object): EmulatorReply {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store, no-cache' },
    body: JSON.stringify(body),
  }
}
