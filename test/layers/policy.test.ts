import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PolicyOptions, type PolicyRule, policy } from '../../src/layers/policy.js'
import type { Input, Operation } from '../../src/operations.js'
import { operationNames } from '../../src/operations.js'
import { type RigOptions, rejection, rig } from './support.js'

/** Whether a policy lets one call pass. */
async function passes<K extends Operation>(
  options: PolicyOptions,
  operation: K,
  input: Partial<Input<K>> = {},
  backend: RigOptions = {},
): Promise<boolean> {
  const { send, requests } = rig([policy(options)], backend)
  const settled = await Promise.allSettled([send(operation, input).output])
  expect(requests).toHaveLength(settled[0].status === 'fulfilled' ? 1 : 0)
  return settled[0].status === 'fulfilled'
}

const allow = (rule: Omit<PolicyRule, 'effect'>): PolicyOptions => ({ rules: [{ effect: 'allow', ...rule }] })
const deny = (rule: Omit<PolicyRule, 'effect'>): PolicyOptions => ({
  rules: [{ effect: 'deny', ...rule }],
  otherwise: 'allow',
})

describe('policy', () => {
  it.each(operationNames)('decides %s, by default with no', async (operation) => {
    expect(await passes({ rules: [] }, operation)).toBe(false)
    expect(await passes({ rules: [], otherwise: 'allow' }, operation)).toBe(true)
    expect(await passes(allow({ operations: [operation] }), operation)).toBe(true)
    expect(await passes(deny({ operations: [operation] }), operation)).toBe(false)
  })

  it('decides an operation that it does not know', async () => {
    const later = 'shred' as Operation
    expect(await passes({ rules: [] }, later)).toBe(false)
    expect(await passes(allow({ operations: ['read', 'write'] }), later)).toBe(false)
    expect(await passes(allow({ names: ['prod/*'] }), later, { name: 'prod/db' })).toBe(true)
    expect(await passes(deny({ names: ['prod/*'] }), later, { name: 'prod/db' })).toBe(false)
  })

  it('lets a deny win over every allow, wherever it stands', async () => {
    const rules: PolicyRule[] = [
      { effect: 'allow' },
      { effect: 'deny', names: ['prod/db'] },
      { effect: 'allow' },
    ]
    expect(await passes({ rules, otherwise: 'allow' }, 'get')).toBe(false)
    expect(await passes({ rules: [...rules].reverse() }, 'get')).toBe(false)
    expect(await passes({ rules }, 'get', { name: 'prod/other' })).toBe(true)
  })

  it('says which rule denies, and what to do', async () => {
    const message = async (options: PolicyOptions, input: Partial<Input<'get'>> = {}): Promise<string> => {
      const error = await rejection(rig([policy(options)]).send('get', input).output)
      expect(error).toMatchObject({
        code: 'PERMISSION_DENIED',
        retryable: false,
        attempts: 0,
        secret: 'prod/db',
      })
      return error.message
    }
    const rules: PolicyRule[] = [{ effect: 'allow' }, { effect: 'deny', stages: ['current'] }]
    const lead = 'scripted: get "prod/db": '
    expect(await message({ rules })).toBe(`${lead}rule 2 of the store's policy denies it`)
    expect(await message({ rules }, { version: 'v1' })).toBe(
      `${lead}rule 2 of the store's policy may cover it; ask by name and stage instead`,
    )
    expect(await message({ rules: [] })).toBe(`${lead}no rule of the store's policy allows it`)
    const listing = await rejection(rig([policy({ rules: [] })]).send('listPage').output)
    expect(listing.message).toBe("scripted: listPage: no rule of the store's policy allows it")
    expect(listing).not.toHaveProperty('secret')
  })

  it('needs every field of a rule to hold', async () => {
    const rule = allow({ names: ['prod/*'], operations: ['get'], stages: ['current'] })
    expect(await passes(rule, 'get')).toBe(true)
    expect(await passes(rule, 'get', { name: 'dev/db' })).toBe(false)
    expect(await passes(rule, 'put')).toBe(false)
    expect(await passes(rule, 'get', { stage: 'previous' })).toBe(false)
  })

  it('knows reads and writes as a whole', async () => {
    expect(await passes(allow({ operations: ['read'] }), 'describe')).toBe(true)
    expect(await passes(allow({ operations: ['read'] }), 'tag')).toBe(false)
    expect(await passes(allow({ operations: ['write'] }), 'tag')).toBe(true)
    expect(await passes(allow({ operations: ['write'] }), 'describe')).toBe(false)
  })

  it.each([
    ['prod/db', 'prod/db', true],
    ['prod/db', 'prod/db2', false],
    ['prod/db', 'a/prod/db', false],
    ['prod/*', 'prod/db', true],
    ['prod/*', 'prod/db/password', false],
    ['prod/**', 'prod/db/password', true],
    ['prod/**', 'production', false],
    ['**/password', 'prod/db/password', true],
    ['*', 'stripe', true],
    ['*', 'prod/stripe', false],
    ['**', 'prod/stripe', true],
    ['p*d/*b', 'prod/db', true],
    ['prod.db', 'prodxdb', false],
    ['a+b', 'a+b', true],
    ['a+b', 'aab', false],
    ['(a|b)[c]{1}^$?\\-', '(a|b)[c]{1}^$?\\-', true],
    ['**', 'two\u2028lines', true],
    ['prod/db', 'PROD/db', false],
  ])('matches %s against %s: %s', async (pattern, name, expected) => {
    expect(await passes(allow({ names: ['nothing', pattern] }), 'get', { name })).toBe(expected)
    expect(await passes(deny({ names: ['nothing', pattern] }), 'get', { name })).toBe(!expected)
  })

  it('covers by a pattern exactly the name that it spells, whatever the name holds', async () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('*'))
    await fc.assert(
      fc.asyncProperty(name, name, async (pattern, asked) => {
        expect(await passes(allow({ names: [pattern] }), 'get', { name: asked })).toBe(pattern === asked)
      }),
      { examples: [['a-b', 'a-b']] },
    )
  })

  it('folds case where the backend does', async () => {
    const folds: RigOptions = { capabilities: { caseSensitiveNames: false } }
    expect(await passes(deny({ names: ['prod/DB'] }), 'get', { name: 'PROD/db' }, folds)).toBe(false)
    expect(await passes(allow({ names: ['prod/DB'] }), 'get', { name: 'PROD/db' }, folds)).toBe(true)
  })

  it('keeps names of the system namespace apart', async () => {
    const system = { name: 'record/x', namespace: 'system' } as const
    expect(await passes(allow({ names: ['record/*'] }), 'get', system)).toBe(false)
    expect(await passes(allow({ names: ['strongroom-system/record/*'] }), 'get', system)).toBe(true)
    const user = { name: 'record/x', namespace: 'user' } as const
    expect(await passes(allow({ names: ['record/*'] }), 'get', user)).toBe(true)
  })

  it('takes an id for any name: a deny by name covers it, an allow by name does not', async () => {
    const byId = { name: { id: 'prod/db' } }
    expect(await passes(deny({ names: ['other'] }), 'get', byId)).toBe(false)
    expect(await passes(allow({ names: ['**'] }), 'get', byId)).toBe(false)
    expect(await passes(allow({ operations: ['get'] }), 'get', byId)).toBe(true)
    expect(await passes(deny({ names: ['other'], operations: ['put'] }), 'get', byId)).toBe(true)
  })

  it('covers no listing by a rule with names', async () => {
    expect(await passes(allow({ names: ['**'] }), 'listPage')).toBe(false)
    expect(await passes(deny({ names: ['**'] }), 'listPage', { prefix: 'prod/' })).toBe(true)
  })

  it('knows the stage of get and put', async () => {
    const noPending = deny({ stages: ['pending'] })
    expect(await passes(noPending, 'get', { stage: 'pending' })).toBe(false)
    expect(await passes(noPending, 'put', { stage: 'pending' })).toBe(false)
    expect(await passes(noPending, 'get')).toBe(true)
    expect(await passes(noPending, 'put')).toBe(true)
    expect(await passes(noPending, 'promote')).toBe(true)
    expect(await passes(deny({ stages: ['current'] }), 'get')).toBe(false)
    expect(await passes(allow({ stages: ['current'] }), 'describe')).toBe(false)
  })

  it('takes an exact version and newest-enabled for any stage', async () => {
    const noPending = deny({ stages: ['pending'] })
    expect(await passes(noPending, 'get', { version: 'v1' })).toBe(false)
    expect(await passes(noPending, 'get', { stage: 'newest-enabled' })).toBe(false)
    expect(await passes(noPending, 'get', { stage: 'previous' })).toBe(true)
    expect(await passes(allow({ stages: ['current'] }), 'get', { version: 'v1' })).toBe(false)
    expect(await passes(allow({ stages: ['current'] }), 'get', { stage: 'newest-enabled' })).toBe(false)
    expect(await passes(allow({ stages: ['newest-enabled'] }), 'get', { stage: 'newest-enabled' })).toBe(true)
  })

  it.each([
    [{ effect: 'permit' }, 'policy: rules[0].effect must be one of allow, deny'],
    [
      { effect: 'deny', names: [] },
      'policy: rules[0].names must be a list that is not empty; leave it out to cover all',
    ],
    [{ effect: 'deny', names: 'prod/*' }, 'policy: rules[0].names must be a list that is not empty'],
    [{ effect: 'deny', names: [''] }, 'policy: rules[0].names must hold patterns of names'],
    [{ effect: 'deny', names: [7] }, 'policy: rules[0].names must hold patterns of names'],
    [
      { effect: 'deny', operations: ['list'] },
      'policy: rules[0].operations must be one of get, put, promote',
    ],
    [
      { effect: 'deny', stages: ['live'] },
      'policy: rules[0].stages must be one of current, previous, pending',
    ],
  ])('refuses a rule that could not mean what it says: %j', (rule, message) => {
    expect(() => policy({ rules: [rule as unknown as PolicyRule] })).toThrow(TypeError)
    expect(() => policy({ rules: [rule as unknown as PolicyRule] })).toThrow(message)
  })

  it('refuses an unknown answer for calls without a rule', () => {
    const otherwise = 'ask' as unknown as 'deny'
    expect(() => policy({ rules: [], otherwise })).toThrow(
      new TypeError('policy: otherwise must be one of allow, deny'),
    )
  })
})
