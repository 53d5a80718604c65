import { seconds, shortDuration } from './durations.js'
import { cubbyholeOf } from './kv-keys.js'
import type { JsonObject, TokenDocument, World } from './model.js'

/** What a token is made of; what is left out is as in a plain one. */
export interface TokenWish
  extends Partial<
    Pick<TokenDocument, 'id' | 'type' | 'meta' | 'entityId' | 'renewable' | 'networks' | 'usesLeft'>
  > {
  readonly namespace: string
  readonly policies: readonly string[]
  readonly path: string
  readonly displayName: string
  readonly parent: string
  readonly ttlMs: number
  readonly periodMs?: number
  readonly explicitMaxTtlMs?: number
  /** Default: that of the mount. */
  readonly maxTtlMs?: number
}

export function createToken(world: World, wish: TokenWish): TokenDocument {
  const { now, settings } = world
  const { type = 'service', periodMs = 0, explicitMaxTtlMs = 0 } = wish
  const maxTtlMs = wish.maxTtlMs || settings.facts.maxTtlMs
  const ttlMs = cap(periodMs > 0 ? periodMs : wish.ttlMs, explicitMaxTtlMs, periodMs > 0 ? 0 : maxTtlMs)
  const token: TokenDocument = {
    meta: null,
    entityId: '',
    renewable: ttlMs > 0 && type === 'service',
    networks: [],
    usesLeft: 0,
    ...wish,
    id: wish.id ?? prefixOf(type, settings.facts.tokenPrefix) + randomText(world, type === 'batch' ? 90 : 24),
    accessor: type === 'batch' ? '' : randomText(world, 24),
    type,
    createdAt: now,
    ttlMs,
    periodMs,
    explicitMaxTtlMs,
    maxTtlMs,
    ...(ttlMs > 0 ? { expiresAt: now + ttlMs } : {}),
  }
  forgetTree(world, token.id)
  world.tokens.set(token.id, token)
  return token
}

/** The longest that limits allow; 0 is no limit, and without any it is the wish. */
export function cap(ttlMs: number, ...limits: readonly number[]): number {
  return Math.min(ttlMs, ...limits.filter((limit) => limit > 0))
}

/** A token that has neither expired nor lost an ancestor that did. */
export function findToken(world: World, id: string): TokenDocument | undefined {
  const token = world.tokens.get(id)
  if (token === undefined || (token.expiresAt !== undefined && token.expiresAt <= world.now)) return undefined
  return token.parent === '' || findToken(world, token.parent) !== undefined ? token : undefined
}

export function findByAccessor(world: World, accessor: string): TokenDocument | undefined {
  const found = world.tokens.entries().find(([, token]) => token.accessor === accessor && accessor !== '')
  return found === undefined ? undefined : findToken(world, found[0])
}

/** With all that it has made. */
export function revokeTree(world: World, id: string): void {
  forgetTree(world, id)
}

/** Its children live on, as orphans. */
export function revokeAlone(world: World, id: string): void {
  for (const [key, token] of world.tokens.entries()) {
    if (token.parent === id) world.tokens.set(key, { ...token, parent: '' })
  }
  forget(world, id)
}

/** Takes one use; the last one ends the token once the request is done. */
export function useToken(world: World, token: TokenDocument): void {
  if (token.usesLeft === 0) return
  if (token.usesLeft === 1) revokeTree(world, token.id)
  else world.tokens.set(token.id, { ...token, usesLeft: token.usesLeft - 1 })
}

export interface Renewal {
  readonly token: TokenDocument
  readonly warnings: readonly string[]
}

/**
 * Without an increment, a token of a role gets the time of its role again, and any other what it last got.
 *
 * @param increment as asked for, in milliseconds; 0 for none
 */
export function renewToken(world: World, token: TokenDocument, increment: number): Renewal {
  const { now } = world
  const age = 1_000 * (seconds(now) - seconds(token.createdAt))
  const wanted = token.periodMs > 0 ? token.periodMs : increment || (token.leaseMs ?? token.ttlMs)
  const limits = [token.explicitMaxTtlMs, token.periodMs > 0 ? 0 : token.maxTtlMs].filter(
    (limit) => limit > 0,
  )
  const left = limits.map((limit) => limit - age)
  const ttlMs = Math.max(0, Math.min(wanted, ...left))
  const isOwn = token.path.startsWith('auth/token/')
  const renewed = { ...token, renewedAt: now, expiresAt: now + ttlMs, ...(isOwn ? { leaseMs: ttlMs } : {}) }
  world.tokens.set(token.id, renewed)
  const isCapped = ttlMs < wanted && token.periodMs === 0 && increment > 0
  return { token: renewed, warnings: isCapped ? [capWarning(increment, ttlMs)] : [] }
}

export function capWarning(wantedMs: number, limitMs: number, what: 'TTL' | 'period' = 'TTL'): string {
  return `${what} of "${shortDuration(wantedMs)}" exceeded the effective max_ttl of "${shortDuration(limitMs)}"; ${what} value is capped accordingly`
}

/** `auth` of an answer. */
export function authOf({ now }: World, token: TokenDocument): JsonObject {
  return {
    client_token: token.id,
    accessor: token.accessor,
    policies: token.policies,
    token_policies: token.policies,
    metadata: token.meta,
    lease_duration: token.expiresAt === undefined ? 0 : seconds(token.expiresAt - now),
    renewable: token.renewable,
    entity_id: token.entityId,
    token_type: token.type,
    orphan: token.parent === '',
    mfa_requirement: null,
    num_uses: token.usesLeft,
  }
}

export function randomText({ settings }: World, length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  return [...settings.randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join('')
}

/** Of a service, or for batch tokens the one that says so. */
function prefixOf(type: TokenDocument['type'], prefix: string): string {
  return type === 'batch' ? prefix.replace('s.', 'b.') : prefix
}

function forgetTree(world: World, id: string): void {
  for (const [key, token] of world.tokens.entries()) if (token.parent === id) forgetTree(world, key)
  forget(world, id)
}

function forget(world: World, id: string): void {
  if (world.tokens.get(id) !== undefined) world.tokens.delete(id)
  if (world.wrapped.get(id) !== undefined) world.wrapped.delete(id)
  for (const [key] of world.kvEntries.entries()) {
    if (key.startsWith(`${cubbyholeOf(id)}/`)) world.kvEntries.delete(key)
  }
}
