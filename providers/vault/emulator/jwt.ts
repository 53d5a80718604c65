import type { KeyObject } from 'node:crypto'
import { seconds } from './durations.js'
import { badRequest, notFound, type VaultError } from './errors.js'
import { fieldsOf, objectOf } from './fields.js'
import { audiencesOf, checkClaims, JwtError, keysIn, verifiedClaims } from './jwt-verify.js'
import type { Answer, Json, JsonObject, RoleDocument, Scope } from './model.js'
import { findRole, logIn, roleKey, textsByName, tokenFields } from './token-role.js'

const sources = [
  'jwt_validation_pubkeys',
  'jwks_url',
  'jwks_pairs',
  'oidc_discovery_url',
  'provider_config',
] as const

export function readJwtConfig(scope: Scope): Answer {
  const config = scope.authConfigs.get(scope.mount.id)
  if (config === undefined) throw notFound()
  return { data: config.fields }
}

export function writeJwtConfig(scope: Scope): undefined {
  const fields = fieldsOf(scope.data)
  if (sources.filter((name) => fields.has(name)).length !== 1) {
    throw badRequest(
      `exactly one of '${sources.slice(0, -1).join("', '")}', or 'provider_config' must be set`,
    )
  }
  for (const name of ['jwks_pairs', 'provider_config']) {
    if (fields.has(name))
      throw badRequest(`this emulator has no keys for ${name}; give jwt_validation_pubkeys`)
  }
  const keys = fields.texts('jwt_validation_pubkeys') ?? []
  if (keysIn(keys) === undefined) {
    throw badRequest('error parsing public key: data does not contain any valid public keys')
  }
  const url = fields.text('jwks_url') ?? fields.text('oidc_discovery_url')
  if (url !== undefined && scope.settings.keySets[url] === undefined) {
    throw badRequest(
      `error checking keys of ${url}: the emulator was started without them; give them as keySets`,
    )
  }
  scope.authConfigs.set(scope.mount.id, {
    name: 'config',
    fields: {
      bound_issuer: fields.text('bound_issuer') ?? '',
      default_role: fields.text('default_role') ?? '',
      jwks_ca_pem: fields.text('jwks_ca_pem') ?? '',
      jwks_url: fields.text('jwks_url') ?? '',
      jwt_supported_algs: fields.texts('jwt_supported_algs') ?? [],
      jwt_validation_pubkeys: keys.map((key) => key.trim()),
      namespace_in_state: true,
      oidc_client_id: fields.text('oidc_client_id') ?? '',
      oidc_discovery_ca_pem: fields.text('oidc_discovery_ca_pem') ?? '',
      oidc_discovery_url: fields.text('oidc_discovery_url') ?? '',
      oidc_response_mode: '',
      oidc_response_types: [],
      override_allowed_server_names: [],
      provider_config: {},
      status: 'valid',
    },
  })
}

export function readJwtRole(scope: Scope): Answer {
  const role = findRole(scope, scope.parts[0] ?? '')
  if (role === undefined) throw notFound()
  return { data: role.fields }
}

export function writeJwtRole(scope: Scope): undefined {
  const [name = ''] = scope.parts
  const fields = fieldsOf(scope.data)
  const type = fields.text('role_type') ?? 'oidc'
  if (type !== 'jwt' && type !== 'oidc') throw badRequest(`invalid 'role_type': ${type}`)
  const userClaim = fields.text('user_claim') ?? ''
  const audiences = fields.texts('bound_audiences') ?? null
  const subject = fields.text('bound_subject') ?? ''
  const claims = fields.object('bound_claims') ?? null
  const tokens = tokenFields(scope.data, {})
  if (userClaim === '') throw badRequest('a user claim must be defined on the role')
  if (type === 'oidc') throw badRequest("this emulator has no logins of a browser; role_type must be 'jwt'")
  if (
    audiences === null &&
    subject === '' &&
    claims === null &&
    tokens['token_bound_cidrs']?.toString() === ''
  ) {
    throw badRequest('must have at least one bound constraint when creating/updating a role')
  }
  const wait = (field: string): number => seconds(fields.duration(field) ?? 0)
  scope.roles.set(roleKey(scope, name), {
    name: name.toLowerCase(),
    fields: {
      allowed_redirect_uris: null,
      bound_audiences: audiences,
      bound_claims: claims,
      bound_claims_type: fields.text('bound_claims_type') ?? 'string',
      bound_subject: subject,
      callback_mode: 'client',
      claim_mappings: fields.object('claim_mappings') ?? null,
      clock_skew_leeway: wait('clock_skew_leeway'),
      expiration_leeway: wait('expiration_leeway'),
      groups_claim: fields.text('groups_claim') ?? '',
      max_age: 0,
      not_before_leeway: wait('not_before_leeway'),
      oauth2_metadata: null,
      oidc_disable_confirmation: false,
      oidc_scopes: null,
      role_type: type,
      ...tokens,
      token_policies_template_claims: false,
      user_claim: userClaim,
      user_claim_json_pointer: fields.bool('user_claim_json_pointer') ?? false,
      verbose_oidc_logging: false,
    },
  })
}

export function jwtLogin(scope: Scope): Answer {
  const config = scope.authConfigs.get(scope.mount.id)
  if (config === undefined) throw badRequest('could not load configuration')
  const fields = fieldsOf(scope.data)
  const name = fields.text('role') || String(config.fields['default_role'] ?? '')
  if (name === '') throw badRequest('missing role')
  const role = findRole(scope, name)
  if (role === undefined) throw badRequest(`role ${JSON.stringify(name)} could not be found`)
  const jwt = fields.text('jwt') ?? ''
  if (jwt === '') throw badRequest('missing token')
  const claims = claimsOf(scope, config.fields, role, jwt)
  if (role.fields['bound_audiences'] === null && audiencesOf(claims).length > 0) {
    throw badRequest('audience claim found in JWT but no audiences bound to the role')
  }
  checkBoundClaims(role, claims)
  const user = textAt(claims, String(role.fields['user_claim']))
  const groups = String(role.fields['groups_claim'])
  if (groups !== '' && at(claims, groups) === undefined) {
    throw badRequest(`${JSON.stringify(groups)} claim not found in token`)
  }
  const alias = scope.mount.path.slice(0, -1)
  return logIn(scope, role, {
    displayName: `${alias}-${user}`,
    meta: { role: role.name, ...mappedClaims(role, claims) },
    alias: user,
  })
}

function claimsOf(scope: Scope, config: JsonObject, role: RoleDocument, jwt: string): JsonObject {
  try {
    const claims = verifiedClaims(jwt, keysOf(scope, config))
    const ms = (name: string): number => Number(role.fields[name] ?? 0) * 1_000
    const issuer = String(config['bound_issuer'] ?? '')
    const subject = String(role.fields['bound_subject'] ?? '')
    const audiences = role.fields['bound_audiences'] as readonly string[] | null
    const expected = {
      ...(issuer === '' ? {} : { issuer }),
      ...(subject === '' ? {} : { subject }),
      ...(audiences === null ? {} : { audiences }),
      skewMs: ms('clock_skew_leeway') || 60_000,
      leewayMs: ms('expiration_leeway') || 150_000,
    }
    checkClaims(claims, expected, scope.now)
    return claims
  } catch (error) {
    if (error instanceof JwtError) throw badRequest(`error validating token: ${error.message}`)
    throw error
  }
}

function keysOf({ settings }: Scope, config: JsonObject): readonly KeyObject[] {
  const url = String(config['jwks_url'] || config['oidc_discovery_url'] || '')
  if (url !== '') return settings.keySets[url] ?? []
  return keysIn((config['jwt_validation_pubkeys'] as readonly string[] | undefined) ?? []) ?? []
}

function checkBoundClaims(role: RoleDocument, claims: JsonObject): void {
  const fail = (text: string): VaultError => badRequest(`error validating claims: ${text}`)
  const isGlob = role.fields['bound_claims_type'] === 'glob'
  for (const [name, wanted] of Object.entries(textsByName(role.fields['bound_claims']))) {
    const value = at(claims, name)
    if (value === undefined) throw fail(`claim ${JSON.stringify(name)} is missing`)
    const given = (Array.isArray(value) ? value : [value]).map(String)
    const matches = (pattern: string, text: string): boolean =>
      isGlob ? globOf(pattern).test(text) : pattern === text
    if (!wanted.some((pattern) => given.some((text) => matches(pattern, text)))) {
      throw fail(`claim ${JSON.stringify(name)} does not match any associated bound claim values`)
    }
  }
}

function globOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}

function mappedClaims(role: RoleDocument, claims: JsonObject): Readonly<Record<string, string>> {
  const mappings = Object.entries(objectOf(role.fields['claim_mappings']) ?? {})
  return Object.fromEntries(
    mappings.flatMap(([claim, name]) => {
      const value = at(claims, claim)
      return value === undefined ? [] : [[String(name), String(value)]]
    }),
  )
}

function textAt(claims: JsonObject, name: string): string {
  const value = at(claims, name)
  if (value === undefined) throw badRequest(`claim ${JSON.stringify(name)} not found in token`)
  if (typeof value !== 'string')
    throw badRequest(`claim ${JSON.stringify(name)} could not be converted to string`)
  return value
}

/** A claim by its name, or by a path that begins with a slash. */
function at(claims: JsonObject, name: string): Json | undefined {
  if (!name.startsWith('/')) return claims[name]
  return name
    .slice(1)
    .split('/')
    .reduce<Json | undefined>((value, key) => objectOf(value)?.[key], claims)
}
