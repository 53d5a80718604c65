import { wrappingPolicy, wrappingPolicyName } from './default-policy.js'
import type { TokenDocument, World } from './model.js'
import { type PathRule, parsePolicy } from './policy-language.js'
import type { Kind } from './request.js'
import { policyKey } from './world.js'

export type Capability =
  | 'create'
  | 'read'
  | 'update'
  | 'patch'
  | 'delete'
  | 'list'
  | 'scan'
  | 'sudo'
  | 'deny'
  | 'root'

const needed: Readonly<Record<Exclude<Kind, 'write'>, Capability>> = {
  read: 'read',
  patch: 'patch',
  delete: 'delete',
  list: 'list',
  scan: 'scan',
}

/**
 * Whether a token may do this.
 *
 * @param path with its namespace
 * @param isThere tells a write that creates from one that updates
 */
export function isAllowed(
  world: World,
  token: TokenDocument,
  kind: Kind,
  path: string,
  isThere: boolean,
  needsSudo: boolean,
): boolean {
  const granted = capabilitiesOf(world, token, path, kind === 'list' || kind === 'scan')
  if (granted.includes('root')) return true
  if (needsSudo && !granted.includes('sudo')) return false
  return granted.includes(kind === 'write' ? (isThere ? 'update' : 'create') : needed[kind])
}

/** Sorted; `['deny']` where there is none. */
export function capabilitiesOf(
  world: World,
  token: TokenDocument,
  path: string,
  isListing = false,
): readonly Capability[] {
  if (token.policies.includes('root') && path.startsWith(token.namespace)) return ['root']
  const matching = rulesFor(rulesOf(world, token), path, isListing)
  const granted = new Set(matching.flatMap((rule) => rule.capabilities))
  return granted.size === 0 || granted.has('deny') ? ['deny'] : [...granted].sort()
}

/** Whether anything is granted on a path that begins with this one. */
export function hasRulesBelow(world: World, token: TokenDocument, prefix: string): boolean {
  if (token.policies.includes('root')) return prefix.startsWith(token.namespace)
  return rulesOf(world, token).some(({ path, capabilities }) => {
    if (capabilities.includes('deny') || capabilities.length === 0) return false
    if (path.startsWith(prefix)) return true
    const literal = path.replace(/(\+|\*$).*$/s, '')
    return !isExact(path) && (prefix.startsWith(literal) || literal.startsWith(prefix))
  })
}

interface Rule extends PathRule {
  readonly matches: (path: string) => boolean
}

function rulesOf(world: World, token: TokenDocument): readonly Rule[] {
  return token.policies.flatMap((name) => {
    const policy = world.policies.get(policyKey(token.namespace, name))
    const text = name === wrappingPolicyName ? wrappingPolicy : (policy?.text ?? '')
    return parsePolicy(text).map((rule) => {
      const path = token.namespace + rule.path
      return { ...rule, path, matches: matcher(path) }
    })
  })
}

/** The rules of the one pattern that counts: an exact one, else the most specific of those that match. */
function rulesFor(rules: readonly Rule[], path: string, isListing: boolean): readonly Rule[] {
  const named = (name: string): readonly Rule[] =>
    rules.filter((rule) => rule.path === name && isExact(rule.path))
  const exact = named(path)
  if (exact.length > 0) return exact
  const asFolder = isListing ? named(path.replace(/\/$/, '')) : []
  if (asFolder.length > 0) return asFolder
  const matching = rules.filter((rule) => !isExact(rule.path) && rule.matches(path)).sort(byPriority)
  const best = matching.at(-1)
  return best === undefined ? [] : matching.filter((rule) => rule.path === best.path)
}

function isExact(pattern: string): boolean {
  return !pattern.endsWith('*') && !pattern.split('/').includes('+')
}

function matcher(pattern: string): (path: string) => boolean {
  const isPrefix = pattern.endsWith('*')
  const segments = (isPrefix ? pattern.slice(0, -1) : pattern).split('/')
  return (path) => {
    const given = path.split('/')
    if (isPrefix ? given.length < segments.length : given.length !== segments.length) return false
    return segments.every((segment, i) => {
      if (segment === '+') return true
      const isLast = i === segments.length - 1
      return isPrefix && isLast ? given[i]?.startsWith(segment) : given[i] === segment
    })
  }
}

/** Lower first: an earlier first wildcard, a `*` at the end, more `+`, shorter, smaller by bytes. */
function byPriority({ path: a }: Rule, { path: b }: Rule): number {
  const firstWildcard = (path: string): number => path.search(/\+|\*$/)
  const pluses = (path: string): number => path.split('/').filter((segment) => segment === '+').length
  return (
    firstWildcard(a) - firstWildcard(b) ||
    Number(b.endsWith('*')) - Number(a.endsWith('*')) ||
    pluses(b) - pluses(a) ||
    a.length - b.length ||
    (a < b ? -1 : 1)
  )
}
