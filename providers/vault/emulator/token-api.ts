import { capabilitiesOf } from './acl.js'
import { wrappingPolicyName } from './default-policy.js'
import { readDuration, seconds, timestamp } from './durations.js'
import { badRequest, inList, VaultError } from './errors.js'
import { fieldsOf, objectOf } from './fields.js'
import { compare, listAnswer } from './listing.js'
import type { Answer, Json, JsonObject, Scope, TokenDocument } from './model.js'
import {
  authOf,
  cap,
  capWarning,
  createToken,
  findByAccessor,
  findToken,
  renewToken,
  revokeAlone,
  revokeTree,
} from './tokens.js'
import { policyKey } from './world.js'

export function createTokenHere(scope: Scope): Answer {
  return create(scope, false)
}

export function createOrphan(scope: Scope): Answer {
  return create(scope, true)
}

function create(scope: Scope, isOrphan: boolean): Answer {
  const parent = callerOf(scope)
  const fields = fieldsOf(scope.data)
  const isRoot = capabilitiesOf(scope, parent, `${scope.namespace}auth/token/create`).some(
    (capability) => capability === 'root' || capability === 'sudo',
  )
  const needRoot = (isAsked: boolean, what: string): void => {
    if (isAsked && !isRoot) throw badRequest(`root or sudo privileges required to ${what}`)
  }
  if (parent.type === 'batch') throw badRequest('batch tokens cannot create more tokens')
  if (parent.usesLeft > 0) throw badRequest('restricted use token cannot generate child tokens')
  const id = fields.text('id') || undefined
  const noParent = fields.bool('no_parent') ?? false
  needRoot(id !== undefined, 'specify token id')
  if (id?.includes('.')) throw badRequest("custom token ID cannot have a '.' in the value")
  if (id !== undefined && findToken(scope, id) !== undefined) {
    throw badRequest('cannot create a token with a duplicate ID')
  }
  const type = typeOf(fields.text('type'))
  const policies = policiesOf(scope, parent, isRoot)
  needRoot(noParent, 'create orphan token')
  const periodMs = durationOf(scope.data, 'period', 'period must be positive')
  needRoot(periodMs > 0, 'create periodic token')
  const explicitMaxTtlMs = durationOf(scope.data, 'explicit_max_ttl', 'explicit_max_ttl must be positive')
  const asked =
    durationOf(scope.data, 'ttl', 'ttl must be positive') ||
    durationOf(scope.data, 'lease', 'lease must be positive')
  const usesLeft = fields.int('num_uses') ?? 0
  if (usesLeft < 0) throw badRequest('number of uses cannot be negative')
  if (type === 'batch')
    checkBatch({ period: periodMs, num_uses: usesLeft, explicit_max_ttl: explicitMaxTtlMs }, policies)
  const { maxTtlMs } = scope.settings.facts
  const limit = cap(maxTtlMs, explicitMaxTtlMs)
  const neverExpires = asked === 0 && periodMs === 0 && explicitMaxTtlMs === 0 && policies.includes('root')
  const token = createToken(scope, {
    namespace: scope.namespace,
    policies,
    path: `auth/token/create${isOrphan ? '-orphan' : ''}`,
    displayName: displayNameOf(fields.text('display_name')),
    parent: isOrphan || noParent ? '' : parent.id,
    ttlMs: neverExpires ? 0 : asked || maxTtlMs,
    periodMs,
    explicitMaxTtlMs,
    type,
    usesLeft,
    meta: metaOf(scope.data['meta']),
    ...(id === undefined ? {} : { id }),
    ...(fields.bool('renewable') === false ? { renewable: false } : {}),
  })
  return {
    auth: authOf(scope, token),
    warnings: [
      ...(id === undefined ? [] : [customIdWarning]),
      ...(asked > limit && periodMs === 0 ? [capWarning(asked, limit)] : []),
      ...(explicitMaxTtlMs > 0 && periodMs > explicitMaxTtlMs
        ? [capWarning(periodMs, explicitMaxTtlMs, 'period')]
        : []),
      ...policies
        .filter((name) => scope.policies.get(policyKey(scope.namespace, name)) === undefined)
        .map((name) => `Policy ${JSON.stringify(name)} does not exist`),
    ],
  }
}

const customIdWarning =
  'Supplying a custom ID for the token uses the weaker SHA1 hashing instead of the more secure SHA2-256 HMAC for token obfuscation. SHA1 hashed tokens on the wire leads to less secure lookups.'

/** Those of the parent where none are asked for; otherwise a part of them, unless the caller may do anything. */
function policiesOf(scope: Scope, parent: TokenDocument, isRoot: boolean): readonly string[] {
  const fields = fieldsOf(scope.data)
  const asked = fields.list('policies') ?? []
  const names = asked.map((name) => name.toLowerCase()).filter((name) => name !== '')
  const wanted = names.length > 0 ? names : parent.policies
  const isWithin = wanted.every((name) => name === 'default' || parent.policies.includes(name))
  if (!isRoot && !isWithin) throw badRequest('child policies must be subset of parent')
  if (wanted.includes('root')) return ['root']
  if (wanted.includes(wrappingPolicyName)) {
    throw badRequest(`cannot assign policy ${JSON.stringify(wrappingPolicyName)}`)
  }
  const withDefault = fields.bool('no_default_policy') === true ? wanted : [...wanted, 'default']
  return [...new Set(withDefault)].sort(compare)
}

export function lookUpSelf(scope: Scope): Answer {
  return { data: describe(scope, callerOf(scope)) }
}

export function lookUp(scope: Scope): Answer {
  const id = fieldsOf(scope.data).text('token') || callerOf(scope).id
  const token = findToken(scope, id)
  if (token === undefined) throw new VaultError(403, ['bad token'])
  return { data: describe(scope, token) }
}

export function lookUpAccessor(scope: Scope): Answer {
  return { data: { ...describe(scope, byAccessor(scope)), id: '' } }
}

export function listAccessors(scope: Scope): Answer {
  return listAnswer(
    scope.tokens
      .entries()
      .flatMap(([id, { accessor }]) => (accessor !== '' && findToken(scope, id) ? [accessor] : [])),
  )
}

export function renewSelf(scope: Scope): Answer {
  return renewed(scope, callerOf(scope))
}

export function renew(scope: Scope): Answer {
  const id = idIn(scope)
  const token = findToken(scope, id)
  if (token === undefined) throw badRequest('token not found')
  return renewed(scope, token)
}

export function renewAccessor(scope: Scope): Answer {
  return renewed(scope, byAccessor(scope))
}

function renewed(scope: Scope, token: TokenDocument): Answer {
  const increment = fieldsOf(scope.data).duration('increment') ?? 0
  if (token.type === 'batch') throw badRequest('batch tokens cannot be renewed')
  if (!token.renewable) throw badRequest('lease is not renewable')
  const result = renewToken(scope, token, increment)
  return { auth: authOf(scope, result.token), warnings: result.warnings }
}

export function revokeSelf(scope: Scope): undefined {
  revokeTree(scope, callerOf(scope).id)
}

export function revoke(scope: Scope): undefined {
  revokeTree(scope, idIn(scope))
}

export function revokeOrphan(scope: Scope): undefined {
  const id = idIn(scope)
  if (findToken(scope, id) === undefined) throw badRequest('token to revoke not found')
  revokeAlone(scope, id)
}

export function revokeAccessor(scope: Scope): Answer | undefined {
  const accessor = fieldsOf(scope.data).text('accessor') ?? ''
  if (accessor === '') throw badRequest(inList('missing accessor'))
  const token = findByAccessor(scope, accessor)
  if (token === undefined) return { warnings: ['No token found with this accessor'] }
  revokeTree(scope, token.id)
  return undefined
}

/** The token of the request, where a route lets none through without. */
export function callerOf({ token }: Scope): TokenDocument {
  if (token === undefined) throw new VaultError(403, ['permission denied'])
  return token
}

function byAccessor(scope: Scope): TokenDocument {
  const accessor = fieldsOf(scope.data).text('accessor') ?? ''
  if (accessor === '') throw badRequest(inList('missing accessor'))
  const token = findByAccessor(scope, accessor)
  if (token === undefined) throw badRequest(inList('invalid accessor'))
  return token
}

function idIn(scope: Scope): string {
  const id = fieldsOf(scope.data).text('token') ?? ''
  if (id === '') throw badRequest('missing token ID')
  return id
}

function describe({ now }: Scope, token: TokenDocument): JsonObject {
  return {
    accessor: token.accessor,
    creation_time: seconds(token.createdAt),
    creation_ttl: seconds(token.ttlMs),
    display_name: token.displayName,
    entity_id: token.entityId,
    expire_time: token.expiresAt === undefined ? null : timestamp(token.expiresAt),
    explicit_max_ttl: seconds(token.explicitMaxTtlMs),
    id: token.id,
    issue_time: timestamp(token.createdAt),
    meta: token.meta,
    num_uses: token.usesLeft,
    orphan: token.parent === '',
    path: token.path,
    policies: token.policies,
    ...(token.networks.length === 0 ? {} : { bound_cidrs: token.networks }),
    renewable: token.renewable,
    ttl: token.expiresAt === undefined ? 0 : seconds(token.expiresAt - now),
    type: token.type,
    ...(token.periodMs > 0 ? { period: seconds(token.periodMs) } : {}),
    ...(token.namespace === '' ? {} : { namespace_path: token.namespace }),
    ...(token.renewedAt === undefined
      ? {}
      : { last_renewal: timestamp(token.renewedAt), last_renewal_time: seconds(token.renewedAt) }),
  }
}

/** Read by the endpoint itself, which words its refusals without the name of the field. */
function durationOf(data: JsonObject, name: string, negative: string): number {
  const value = data[name] ?? ''
  const ms = readDuration(value)
  if (ms === undefined) throw badRequest(`time: invalid duration ${JSON.stringify(value)}`)
  if (ms < 0) throw badRequest(negative)
  return ms
}

function typeOf(text: string | undefined): TokenDocument['type'] {
  if (text === undefined || text === '' || text === 'service' || text === 'default') return 'service'
  if (text === 'batch') return 'batch'
  throw badRequest("invalid 'token_type' value")
}

/** An object, or texts that say `name=value`. */
function metaOf(meta: Json | undefined): Readonly<Record<string, string>> | null {
  if (meta === undefined || meta === null) return null
  const pairs = objectOf(meta)
  if (pairs !== undefined)
    return Object.fromEntries(Object.entries(pairs).map(([name, value]) => [name, String(value)]))
  return Object.fromEntries(
    (Array.isArray(meta) ? meta : [meta]).map((pair, index) => {
      const [, name, value] = /^([^=]*)=(.*)$/s.exec(String(pair)) ?? []
      if (name !== undefined && value !== undefined) return [name, value]
      throw badRequest(
        `Field validation failed: error converting input for field "meta": invalid key pair at index ${index} in field "meta"`,
      )
    }),
  )
}

/** What a token that is kept nowhere cannot have. */
function checkBatch(limits: Readonly<Record<string, number>>, policies: readonly string[]): void {
  const set = Object.entries(limits).find(([, value]) => value > 0)
  if (set !== undefined) throw badRequest(`batch tokens cannot have ${JSON.stringify(set[0])} set`)
  if (policies.includes('root')) throw badRequest('batch tokens cannot be root tokens')
}

/** Token roles are not here. */
export function createTokenOfRole({ parts: [role = ''] }: Scope): never {
  throw badRequest(`unknown role ${role}`)
}

/** After `token-`, without what is no letter, digit or hyphen. */
function displayNameOf(text: string | undefined): string {
  const name = (text ?? '').replace(/[^a-zA-Z0-9-]/g, '-').replace(/^-+|-+$/g, '')
  return name === '' ? 'token' : `token-${name}`
}
