import { seconds } from './durations.js'
import { badRequest } from './errors.js'
import { fieldsOf, intOf, objectOf } from './fields.js'
import { compare, listAnswer } from './listing.js'
import type { Answer, Json, JsonObject, RoleDocument, Scope } from './model.js'
import { checkNetworks } from './networks.js'
import { authOf, createToken } from './tokens.js'
import { uuidOf } from './world.js'

/** What a role of any auth method says of its tokens, in the form in which it is read. Seconds. */
export function tokenFields(data: JsonObject, before: JsonObject): JsonObject {
  const fields = fieldsOf(data)
  const duration = (name: string): Json => {
    const ms = fields.duration(name)
    return ms === undefined ? (before[name] ?? 0) : seconds(ms)
  }
  const policies = fields.texts('token_policies') ?? fields.texts('policies')
  const result: JsonObject = {
    token_bound_cidrs: fields.texts('token_bound_cidrs') ?? before['token_bound_cidrs'] ?? [],
    token_explicit_max_ttl: duration('token_explicit_max_ttl'),
    token_max_ttl: duration('token_max_ttl'),
    token_no_default_policy:
      fields.bool('token_no_default_policy') ?? before['token_no_default_policy'] ?? false,
    token_num_uses: fields.int('token_num_uses') ?? before['token_num_uses'] ?? 0,
    token_period: duration('token_period'),
    token_policies: policies ?? before['token_policies'] ?? [],
    token_strictly_bind_ip:
      fields.bool('token_strictly_bind_ip') ?? before['token_strictly_bind_ip'] ?? false,
    token_ttl: duration('token_ttl'),
    token_type: fields.text('token_type') || (before['token_type'] ?? 'default'),
  }
  const type = String(result['token_type'])
  if (!/^(default|service|batch|default-service|default-batch)$/.test(type)) {
    throw badRequest(`invalid 'token_type' value ${JSON.stringify(type)}`)
  }
  checkNetworks(textsIn(result['token_bound_cidrs']))
  const [ttl, max] = [Number(result['token_ttl']), Number(result['token_max_ttl'])]
  if (max > 0 && ttl > max) throw badRequest("'token_ttl' cannot be greater than 'token_max_ttl'")
  return result
}

export interface Login {
  readonly displayName: string
  readonly meta: Readonly<Record<string, string>>
  /** What it logged in as: the same entity each time. */
  readonly alias: string
}

/** A token as the role makes it, without a parent. */
export function logIn(scope: Scope, role: RoleDocument, { displayName, meta, alias }: Login): Answer {
  const { fields } = role
  const ms = (name: string): number => Number(fields[name] ?? 0) * 1_000
  const named = (fields['token_policies'] as readonly string[] | undefined) ?? []
  const policies = fields['token_no_default_policy'] === true ? named : [...named, 'default']
  const { maxTtlMs } = scope.settings.facts
  const token = createToken(scope, {
    namespace: scope.namespace,
    policies: [...new Set(policies)].sort(compare),
    path: `auth/${scope.mount.path}login`,
    displayName,
    parent: '',
    ttlMs: ms('token_ttl') || maxTtlMs,
    periodMs: ms('token_period'),
    explicitMaxTtlMs: ms('token_explicit_max_ttl'),
    maxTtlMs: ms('token_max_ttl') || maxTtlMs,
    networks: textsIn(fields['token_bound_cidrs']),
    usesLeft: intOf(fields['token_num_uses']) ?? 0,
    type: fields['token_type'] === 'batch' ? 'batch' : 'service',
    meta,
    entityId: uuidOf(`entity ${scope.mount.id} ${alias}`),
  })
  return { auth: authOf(scope, token) }
}

export function roleKey({ mount }: Scope, name: string): string {
  return `${mount.id}/${name.toLowerCase()}`
}

export function findRole(scope: Scope, name: string): RoleDocument | undefined {
  return scope.roles.get(roleKey(scope, name))
}

export function hasRole(scope: Scope): boolean {
  return findRole(scope, scope.parts[0] ?? '') !== undefined
}

export function listRoles(scope: Scope): Answer {
  const names = scope.roles
    .entries()
    .filter(([key]) => key.startsWith(`${scope.mount.id}/`))
    .map(([, { name }]) => name)
  return listAnswer(names.sort(compare))
}

export function deleteRole(scope: Scope): undefined {
  scope.roles.delete(roleKey(scope, scope.parts[0] ?? ''))
}

export function textsIn(list: Json | undefined): readonly string[] {
  return Array.isArray(list) ? list.map(String) : []
}

/** Texts by name, of which each may stand alone or in a list. */
export function textsByName(value: Json | undefined): Readonly<Record<string, readonly string[]>> {
  const entries = Object.entries(objectOf(value) ?? {})
  return Object.fromEntries(
    entries.map(([name, wanted]) => [name, (Array.isArray(wanted) ? wanted : [wanted]).map(String)]),
  )
}
