import { checkFields, type Fields } from '../fields.js'
import type { Layer, LayerEnv } from '../layer.js'
import { systemRoot } from '../names.js'
import type { Call, GetInput, Named, Operation, Output, Stage } from '../operations.js'
import { effects } from '../operations.js'
import { failure, hitCall } from './endings.js'

/**
 * One rule. It covers the calls that meet every field it has; a field that is absent covers all calls.
 *
 * Two kinds of call leave open what they are about: an `{ id }` may be any name; an exact version, and
 * `newest-enabled`, may be any stage. A `deny` covers them, an `allow` does not: to allow them, write a rule without
 * `names` or without `stages`.
 */
export interface PolicyRule {
  readonly effect: 'allow' | 'deny'
  /**
   * Patterns of whole names: `*` stands for any characters within a segment, `**` also for slashes (`prod/**`). They
   * fold case where the backend does. Names of the system namespace begin with `strongroom-system/`. A listing has no
   * name, so that no rule with `names` covers it: it is decided as an operation, and shows names, never values.
   */
  readonly names?: readonly string[]
  /** Operations, or all that `read` or `write`. */
  readonly operations?: readonly (Operation | 'read' | 'write')[]
  /** Of `get` and `put`; no other operation has a stage. */
  readonly stages?: readonly Stage[]
}

export interface PolicyOptions {
  /** A `deny` that covers a call wins over every `allow`, in whatever order they stand. */
  readonly rules: readonly PolicyRule[]
  /** For a call that no rule covers. Default `deny`. */
  readonly otherwise?: 'allow' | 'deny'
}

/** How surely a rule covers a call: the least of what its fields say. */
const no = 0
const perhaps = 1
const yes = 2
type Test = (call: Call) => number

const stages: readonly Stage[] = ['current', 'previous', 'pending', 'newest-enabled']

const fields: Fields<PolicyOptions> = { rules: true, otherwise: true }

/**
 * Decides every call before anything else does, also one that a cache could answer, and also of operations that are
 * added to the contract later. What is denied rejects with `PERMISSION_DENIED`, naming the rule.
 *
 * @throws {TypeError} for a rule that could not mean what it says: an unknown effect, operation or stage, an empty
 *   list, an empty pattern.
 */
export function policy(options: PolicyOptions): Layer {
  checkFields('policy', options, fields)
  const { rules, otherwise = 'deny' } = options
  for (const [index, rule] of rules.entries()) checkRule(rule, `policy: rules[${index}]`)
  checkIn('policy: otherwise', otherwise, ['allow', 'deny'])
  return {
    name: 'policy',
    wrap: (next, env) => {
      const tests = rules.map((rule) => ({ effect: rule.effect, cover: coverOf(rule, env) }))
      const find = (call: Call, effect: PolicyRule['effect'], surety: number): number =>
        tests.findIndex((test) => test.effect === effect && test.cover(call) === surety)

      /** Why a call is denied; `undefined` where it is allowed. The rules are data: the answer never changes. */
      const objection = (call: Call): string | undefined => {
        const denied = find(call, 'deny', yes)
        if (denied >= 0) return `rule ${denied + 1} of the store's policy denies it`
        const doubtful = find(call, 'deny', perhaps)
        if (doubtful >= 0) {
          return `rule ${doubtful + 1} of the store's policy may cover it; ask by name and stage instead`
        }
        const isAllowed = otherwise === 'allow' || find(call, 'allow', yes) >= 0
        return isAllowed ? undefined : "no rule of the store's policy allows it"
      }
      env.onHit((hit, input) => (objection(hitCall(input)) === undefined ? hit : undefined))

      return async <K extends Operation>(call: Call<K>): Promise<Output<K>> => {
        const reason = objection(call)
        if (reason !== undefined) throw failure(env, call, 'PERMISSION_DENIED', reason)
        return next(call)
      }
    },
  }
}

function coverOf({ names, operations, stages: some }: PolicyRule, env: LayerEnv): Test {
  const tests: Test[] = []
  if (operations !== undefined) {
    tests.push(({ operation }) =>
      operations.includes(operation) || operations.includes(effects[operation]) ? yes : no,
    )
  }
  if (names !== undefined) tests.push(namesTest(names, env.capabilities.caseSensitiveNames))
  if (some !== undefined) tests.push((call) => stageCover(call, some))
  return (call) => Math.min(yes, ...tests.map((test) => test(call)))
}

function namesTest(patterns: readonly string[], caseSensitive: boolean): Test {
  const matchers = patterns.map((pattern) => matcherOf(pattern, caseSensitive))
  return ({ input }) => {
    if (!('name' in input)) return no
    const { name, namespace } = input as Named
    if (typeof name !== 'string') return perhaps
    const full = namespace === 'system' ? systemRoot + name : name
    return matchers.some((matcher) => matcher.test(full)) ? yes : no
  }
}

function matcherOf(pattern: string, caseSensitive: boolean): RegExp {
  const source = pattern.replace(/\*\*|\*|[\\^$.+?()[\]{}|/-]/g, (token) => {
    if (token === '**') return '.*'
    return token === '*' ? '[^/]*' : `\\${token}`
  })
  return new RegExp(`^${source}$`, caseSensitive ? 's' : 'is')
}

function stageCover({ operation, input }: Call, some: readonly Stage[]): number {
  if (operation !== 'get' && operation !== 'put') return no
  const { version, stage = 'current' } = input as Pick<GetInput, 'version' | 'stage'>
  if (version !== undefined) return perhaps
  if (some.includes(stage)) return yes
  return stage === 'newest-enabled' ? perhaps : no
}

function checkRule({ effect, names, operations, stages: some }: PolicyRule, at: string): void {
  checkIn(`${at}.effect`, effect, ['allow', 'deny'])
  checkList(`${at}.names`, names)
  checkList(`${at}.operations`, operations, [...Object.keys(effects), 'read', 'write'])
  checkList(`${at}.stages`, some, stages)
}

function checkList(at: string, list: readonly string[] | undefined, allowed?: readonly string[]): void {
  if (list === undefined) return
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(`${at} must be a list that is not empty; leave it out to cover all`)
  }
  for (const item of list) {
    if (allowed !== undefined) checkIn(at, item, allowed)
    else if (typeof item !== 'string' || item === '') throw new TypeError(`${at} must hold patterns of names`)
  }
}

function checkIn(at: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw new TypeError(`${at} must be one of ${allowed.join(', ')}`)
}
