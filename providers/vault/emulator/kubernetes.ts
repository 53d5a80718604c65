import type { KeyObject } from 'node:crypto'
import { badRequest, notFound, VaultError } from './errors.js'
import { fieldsOf, objectOf } from './fields.js'
import {
  checkAudience,
  checkClaims,
  JwtError,
  keysIn,
  unverifiedClaims,
  verifiedClaims,
} from './jwt-verify.js'
import type { Answer, Json, JsonObject, RoleDocument, Scope } from './model.js'
import { findRole, logIn, roleKey, tokenFields } from './token-role.js'

/** What the API server of Kubernetes says of a token. */
export interface Review {
  readonly authenticated: boolean
  /** `system:serviceaccount:NAMESPACE:NAME`. */
  readonly username?: string
}

interface Account {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

export function readKubernetesConfig(scope: Scope): Answer {
  const config = scope.authConfigs.get(scope.mount.id)
  if (config === undefined) throw notFound()
  return { data: config.fields }
}

export function writeKubernetesConfig(scope: Scope): undefined {
  const fields = fieldsOf(scope.data)
  const host = fields.text('kubernetes_host') ?? ''
  if (host === '') throw badRequest('no host provided')
  const keys = fields.texts('pem_keys') ?? []
  if (keysIn(keys) === undefined) throw badRequest('data does not contain any valid RSA or ECDSA public keys')
  scope.authConfigs.set(scope.mount.id, {
    name: 'config',
    fields: {
      disable_iss_validation: fields.bool('disable_iss_validation') ?? true,
      disable_local_ca_jwt: fields.bool('disable_local_ca_jwt') ?? false,
      issuer: fields.text('issuer') ?? '',
      kubernetes_ca_cert: fields.text('kubernetes_ca_cert') ?? '',
      kubernetes_host: host,
      pem_keys: keys.map((key) => key.trim()),
      token_reviewer_jwt_set: (fields.text('token_reviewer_jwt') ?? '') !== '',
    },
  })
}

export function readKubernetesRole(scope: Scope): Answer {
  const role = findRole(scope, scope.parts[0] ?? '')
  if (role === undefined) throw notFound()
  return { data: role.fields }
}

export function writeKubernetesRole(scope: Scope): undefined {
  const [name = ''] = scope.parts
  const fields = fieldsOf(scope.data)
  const names = fields.texts('bound_service_account_names') ?? []
  const namespaces = fields.texts('bound_service_account_namespaces') ?? []
  if (names.length === 0) throw badRequest('"bound_service_account_names" can not be empty')
  if (namespaces.length === 0) {
    throw badRequest(
      '"bound_service_account_namespaces" can not be empty if "bound_service_account_namespace_selector" is not set',
    )
  }
  const audience = fields.text('audience') ?? ''
  scope.roles.set(roleKey(scope, name), {
    name: name.toLowerCase(),
    fields: {
      alias_name_source: fields.text('alias_name_source') ?? 'serviceaccount_uid',
      ...(audience === '' ? {} : { audience }),
      bound_service_account_names: names,
      bound_service_account_namespace_selector: '',
      bound_service_account_namespaces: namespaces,
      ...tokenFields(scope.data, {}),
    },
  })
}

export function kubernetesLogin(scope: Scope): Answer {
  const fields = fieldsOf(scope.data)
  const name = fields.text('role') ?? ''
  const jwt = fields.text('jwt') ?? ''
  if (name === '') throw badRequest('missing role')
  if (jwt === '') throw badRequest('missing jwt')
  const role = findRole(scope, name)
  if (role === undefined) throw badRequest(`invalid role name ${JSON.stringify(name)}`)
  const config = scope.authConfigs.get(scope.mount.id)
  if (config === undefined) throw new VaultError(500, ['could not load backend configuration'])
  const account = accountOf(scope, config.fields, role, jwt)
  const alias =
    role.fields['alias_name_source'] === 'serviceaccount_name'
      ? `${account.namespace}/${account.name}`
      : account.uid
  return logIn(scope, role, {
    displayName: `${scope.mount.path.slice(0, -1)}-${account.namespace}-${account.name}`,
    meta: {
      role: role.name,
      service_account_name: account.name,
      service_account_namespace: account.namespace,
      service_account_secret_name: '',
      service_account_uid: account.uid,
    },
    alias,
  })
}

/** Whose token it is: what it says, once the role allows that, its keys have signed it, and the cluster vouches for it. */
function accountOf(scope: Scope, config: JsonObject, role: RoleDocument, jwt: string): Account {
  const { tokenReview } = scope.settings
  const audience = role.fields['audience']
  const audiences = typeof audience === 'string' ? [audience] : []
  const keys = keysIn((config['pem_keys'] as readonly string[] | undefined) ?? []) ?? []
  const claims = claimsOf(jwt, keys)
  const account = accountIn(claims)
  checkRole(role, account)
  try {
    if (audiences.length > 0) checkAudience(claims, audiences)
    checkClaims(claims, {}, scope.now)
  } catch (error) {
    if (error instanceof JwtError) throw new VaultError(403, [error.message])
    throw error
  }
  if (tokenReview === undefined) {
    if (keys.length === 0) throw denied()
    return account
  }
  const review = tokenReview(jwt, audiences)
  const username = `system:serviceaccount:${account.namespace}:${account.name}`
  if (!review.authenticated || review.username !== username) throw denied()
  return account
}

function claimsOf(jwt: string, keys: readonly KeyObject[]): JsonObject {
  try {
    return keys.length === 0 ? unverifiedClaims(jwt) : verifiedClaims(jwt, keys)
  } catch (error) {
    if (error instanceof JwtError) throw denied()
    throw error
  }
}

function checkRole({ fields }: RoleDocument, { name, namespace }: Account): void {
  if (!isAmong(fields['bound_service_account_namespaces'], namespace)) {
    throw new VaultError(403, ['namespace not authorized'])
  }
  if (!isAmong(fields['bound_service_account_names'], name)) {
    throw new VaultError(403, ['service account name not authorized'])
  }
}

function isAmong(list: Json | undefined, text: string): boolean {
  return Array.isArray(list) && list.some((item) => item === '*' || item === text)
}

/** Claims as bound tokens have them, or as those from secrets had. */
function accountIn(claims: JsonObject): Account {
  const bound = objectOf(claims['kubernetes.io'])
  const account = objectOf(bound?.['serviceaccount'])
  const old = (name: string): Json | undefined => claims[`kubernetes.io/serviceaccount/${name}`]
  const [namespace, name, uid] = [
    bound?.['namespace'] ?? old('namespace'),
    account?.['name'] ?? old('service-account.name'),
    account?.['uid'] ?? old('service-account.uid'),
  ]
  if (typeof namespace !== 'string' || typeof name !== 'string' || typeof uid !== 'string') throw denied()
  return { namespace, name, uid }
}

function denied(): VaultError {
  return new VaultError(403, ['permission denied'])
}
