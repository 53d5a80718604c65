import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { denied, type Harness, patch, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
  await h.raw('POST', 'secret/data/app/a', { data: { v: 1 } })
})
afterEach(() => h.close())

type Rules = Readonly<Record<string, readonly string[]>>

/** What a token with these rules may do on a path. */
async function capabilities(rules: Rules, path: string): Promise<string[]> {
  const token = await h.token(rules)
  return (await h.raw('POST', 'sys/capabilities-self', { path }, { token })).body.capabilities
}

describe('the most specific pattern decides, and only it', () => {
  test.each<[Rules, string, string[]]>([
    [{ 'a/*': ['read'], 'a/b': ['update'] }, 'a/b', ['update']],
    [{ 'a/*': ['read'], 'a/b*': ['update'] }, 'a/bc', ['update']],
    [{ 'a/*': ['read'], 'a/b': ['deny'] }, 'a/b', ['deny']],
    [{ 'a/*': ['deny'], 'a/b': ['read'] }, 'a/b', ['read']],
    [{ 'a/+/c': ['read'], 'a/*': ['update'] }, 'a/b/c', ['read']],
    [{ 'a/+/c': ['read'], 'a/b/*': ['update'] }, 'a/b/c', ['update']],
    [{ 'a/+/+': ['read'], 'a/+/c': ['update'] }, 'a/b/c', ['update']],
    [{ '+/b': ['read'] }, 'a/b', ['read']],
    [{ '+/b': ['read'] }, 'a/x/b', ['deny']],
    [{ 'a/+': ['read'] }, 'a/', ['read']],
    [{ 'a/+/*': ['read'] }, 'a/b/c/d', ['read']],
    [{ 'a/*': ['read'] }, 'a', ['deny']],
    [{ '*': ['read'] }, 'any/thing', ['read']],
    [{ 'a*b': ['read'] }, 'axb', ['deny']],
    [{ a: ['read', 'list', 'create'] }, 'a', ['create', 'list', 'read']],
    [{ '/a': ['read'] }, 'a', ['read']],
    [{ a: [] }, 'a', ['deny']],
  ])('%j on %s: %j', async (rules, path, expected) => {
    expect(await capabilities(rules, path)).toEqual(expected)
  })

  test('several policies add up on one pattern, and a deny among them wins', async () => {
    await h.raw('PUT', 'sys/policies/acl/one', { policy: 'path "a/*" { capabilities = ["read"] }' })
    await h.raw('PUT', 'sys/policies/acl/two', { policy: 'path "a/*" { capabilities = ["list"] }' })
    await h.raw('PUT', 'sys/policies/acl/no', { policy: 'path "a/*" { capabilities = ["deny"] }' })
    const of = async (...policies: string[]) => {
      const { body } = await h.raw('POST', 'auth/token/create', { policies })
      const self = await h.raw(
        'POST',
        'sys/capabilities-self',
        { path: 'a/b' },
        { token: body.auth.client_token },
      )
      return self.body.capabilities
    }
    expect(await of('one', 'two')).toEqual(['list', 'read'])
    expect(await of('one', 'two', 'no')).toEqual(['deny'])
  })
})

describe('each way of asking needs its capability', () => {
  test.each([
    ['GET', 'secret/data/app/a', 'read'],
    ['POST', 'secret/data/app/a', 'update'],
    ['POST', 'secret/data/app/new', 'create'],
    ['PATCH', 'secret/data/app/a', 'patch'],
    ['DELETE', 'secret/data/app/a', 'delete'],
    ['LIST', 'secret/metadata/app', 'list'],
    ['GET', 'secret/metadata/app?list=true', 'list'],
    ['SCAN', 'secret/metadata/app', 'scan'],
    ['POST', 'secret/delete/app/a', 'update'],
    ['POST', 'sys/policies/acl/x', 'update'],
  ])('%s %s: %s', async (method, path, capability) => {
    const all = ['create', 'read', 'update', 'patch', 'delete', 'list', 'scan']
    const body =
      method === 'POST' || method === 'PATCH' ? { data: {}, versions: [1], policy: 'name = "x"' } : undefined
    const ask = async (capabilities: readonly string[]) => {
      const token = await h.token({ '*': capabilities })
      return h.refusal(method, path, body, { ...(method === 'PATCH' ? patch : {}), token })
    }
    expect(await ask(all.filter((other) => other !== capability))).toEqual(denied)
    expect((await ask([capability]))[0]).toBeLessThan(300)
  })

  test('a path for root needs sudo besides', async () => {
    const [without, withSudo] = [
      await h.token({ '*': ['update'] }),
      await h.token({ '*': ['update', 'sudo'] }),
    ]
    expect(await h.refusal('PUT', 'sys/seal', undefined, { token: without })).toEqual(denied)
    expect(await h.refusal('PUT', 'sys/seal', undefined, { token: withSudo })).toEqual([204])
  })

  test('a token without rights learns of no mount; one with a rule somewhere in it does', async () => {
    const look = async (rules: Rules) => {
      const token = await h.token(rules)
      return (await h.raw('GET', 'sys/internal/ui/mounts/secret/app', undefined, { token })).status
    }
    expect(await look({ 'other/*': ['read'] })).toBe(403)
    expect(await look({ 'secret/data/deep/down': ['read'] })).toBe(200)
    expect(await look({ 'secret/+/x': ['read'] })).toBe(200)
    expect(await look({ 'secret/data/x': ['deny'] })).toBe(403)
  })
})

describe('the language', () => {
  const write = (policy: string) => h.refusal('PUT', 'sys/policies/acl/p', { policy })
  test.each([
    'path "a" { capabilities = ["read"] }',
    'path "a" { capabilities = ["read",] } # end',
    '// first\npath "a" {\n  capabilities = [ "read", # why\n "list" ]\n}\n/* last */',
    'name = "p"\npath "a" { policy = "write" }',
    '{"path":{"a":{"capabilities":["read"]}}}',
    'path "quo\\"ted" { comment = "x" capabilities = ["read"] }',
  ])('reads %j', async (policy) => {
    expect(await write(policy)).toEqual([204])
    expect((await h.raw('GET', 'sys/policies/acl/p')).body.data.policy).toBe(policy)
  })

  test.each([
    'path',
    'path "a"',
    'path "a" {',
    'path "a" { capabilities = ["read" }',
    'path "a" { capabilities = [ }',
    'path "a" { capabilities }',
    'path "a" { ? }',
    '{"path":',
    'path "a+*" { capabilities = ["read"] }',
    'path "a" { policy = "some" }',
    'path "a" { capabilities = ["read"] allowed_parameters = { "x" = [] } }',
  ])('refuses %j', async (policy) => {
    const [status, text] = await write(policy)
    expect(status).toBe(400)
    expect(text).toMatch(/^failed to parse policy: ./)
  })

  test('a policy may come in base64', async () => {
    await write(Buffer.from('path "a" { capabilities = ["read"] }').toString('base64'))
    expect((await h.raw('GET', 'sys/policies/acl/p')).body.data.policy).toMatch(/^path/)
  })

  test('a policy that changes changes what its tokens may do', async () => {
    const token = await h.token({ 'secret/data/*': ['read'] })
    await h.raw('PUT', 'sys/policies/acl/p1', { policy: 'path "secret/data/*" { capabilities = ["deny"] }' })
    expect(await h.refusal('GET', 'secret/data/app/a', undefined, { token })).toEqual(denied)
  })
})
