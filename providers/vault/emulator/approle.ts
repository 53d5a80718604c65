import { randomUUID } from 'node:crypto'
import { seconds } from './durations.js'
import { badRequest, inList, notFound, unsupportedPath, VaultError } from './errors.js'
import { fieldsOf } from './fields.js'
import type { Answer, JsonObject, RoleDocument, Scope } from './model.js'
import { isFromHere } from './networks.js'
import { findSecretId, forgetSecretIds, spendSecretId } from './secret-ids.js'
import { deleteRole, findRole, logIn, roleKey, textsIn, tokenFields } from './token-role.js'

export function readRole(scope: Scope): Answer {
  const { role_id: _hidden, ...fields } = getRole(scope).fields
  return { data: fields }
}

export function writeRole(scope: Scope): undefined {
  const [name = ''] = scope.parts
  const before = findRole(scope, name)?.fields ?? {}
  const fields = fieldsOf(scope.data)
  const ttlMs = fields.duration('secret_id_ttl')
  const next: JsonObject = {
    bind_secret_id: fields.bool('bind_secret_id') ?? before['bind_secret_id'] ?? true,
    local_secret_ids: fields.bool('local_secret_ids') ?? before['local_secret_ids'] ?? false,
    secret_id_bound_cidrs: fields.texts('secret_id_bound_cidrs') ?? before['secret_id_bound_cidrs'] ?? null,
    secret_id_num_uses: fields.int('secret_id_num_uses') ?? before['secret_id_num_uses'] ?? 0,
    secret_id_ttl: ttlMs === undefined ? (before['secret_id_ttl'] ?? 0) : seconds(ttlMs),
    ...tokenFields(scope.data, before),
    role_id: fields.text('role_id') || (before['role_id'] ?? randomUUID()),
  }
  const networks = [next['secret_id_bound_cidrs'], next['token_bound_cidrs']].flat()
  if (next['bind_secret_id'] === false && networks.every((network) => network === null)) {
    throw new VaultError(500, [inList('at least one constraint should be enabled on the role')])
  }
  scope.roles.set(roleKey(scope, name), { name: name.toLowerCase(), fields: next })
}

/** With its secret ids. */
export function forgetRole(scope: Scope): undefined {
  forgetSecretIds(scope, scope.parts[0] ?? '')
  deleteRole(scope)
}

export function readRoleId(scope: Scope): Answer {
  return { data: { role_id: getRole(scope).fields['role_id'] ?? '' } }
}

export function writeRoleId(scope: Scope): undefined {
  const role = findRole(scope, scope.parts[0] ?? '')
  if (role === undefined) throw unsupportedPath()
  const roleId = fieldsOf(scope.data).text('role_id') ?? ''
  if (roleId === '') throw badRequest('missing role_id')
  scope.roles.set(roleKey(scope, role.name), { ...role, fields: { ...role.fields, role_id: roleId } })
}

export function approleLogin(scope: Scope): Answer {
  const fields = fieldsOf(scope.data)
  const roleId = fields.text('role_id') ?? ''
  if (roleId === '') throw new VaultError(500, ['missing role_id'])
  const bad = badRequest(scope.settings.facts.badLoginText)
  const role = roleById(scope, roleId)
  if (role === undefined) throw bad
  const meta: Record<string, string> = { role_name: role.name }
  if (role.fields['bind_secret_id'] === true) {
    const secretId = fields.text('secret_id') ?? ''
    if (secretId === '') throw badRequest('missing secret_id')
    const found = findSecretId(scope, role.name, secretId)
    if (found === undefined) throw bad
    Object.assign(meta, found.metadata)
    if (!isFromHere(textsIn(role.fields['secret_id_bound_cidrs']))) {
      throw badRequest('source address "127.0.0.1" unauthorized by CIDR restrictions on the role: %!w(<nil>)')
    }
    spendSecretId(scope, found)
  }
  return logIn(scope, role, { displayName: 'approle', meta, alias: roleId })
}

function roleById(scope: Scope, roleId: string): RoleDocument | undefined {
  return scope.roles
    .entries()
    .find(([key, { fields }]) => key.startsWith(`${scope.mount.id}/`) && fields['role_id'] === roleId)?.[1]
}

function getRole(scope: Scope): RoleDocument {
  const role = findRole(scope, scope.parts[0] ?? '')
  if (role === undefined) throw notFound()
  return role
}
