import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmulators } from 'strongroom/emulators'
import { afterEach, describe, expect, test } from 'vitest'
import { denied, type Harness, startHarness } from './harness.js'

let h: Harness
afterEach(() => h.close())

describe('a node in its cluster', () => {
  test.each([
    ['active', 200, ''],
    ['standby', 429, ''],
    ['standby', 200, '?standbyok=true'],
    ['standby', 298, '?standbycode=298'],
    ['performance-standby', 473, ''],
    ['performance-standby', 200, '?perfstandbyok=true'],
    ['recovery-secondary', 472, ''],
    ['recovery-secondary', 297, '?drsecondarycode=297'],
    ['uninitialized', 501, ''],
    ['uninitialized', 296, '?uninitcode=296'],
  ] as const)('%s says %d to sys/health%s', async (node, status, query) => {
    h = await startHarness({ node })
    expect((await h.raw('GET', `sys/health${query}`, undefined, { token: null })).status).toBe(status)
    expect((await h.raw('HEAD', `sys/health${query}`, undefined, { token: null })).status).toBe(status)
  })

  test('a standby sends its clients on with 307, or says that there is no active one', async () => {
    h = await startHarness({ node: 'standby', activeUrl: 'http://127.0.0.1:1' })
    const { status, headers } = await h.raw('POST', 'secret/data/a?x=1', { data: {} })
    expect([status, headers['location']]).toEqual([307, 'http://127.0.0.1:1/v1/secret/data/a?x=1'])
    await h.close()
    h = await startHarness({ node: 'standby' })
    expect(await h.refusal('GET', 'secret/data/a')).toEqual([503, 'no active Vault instance found'])
  })

  test('sealed, it keeps its secrets to itself until its key comes', async () => {
    h = await startHarness({ unsealKey: Buffer.alloc(32, 7).toString('base64') })
    await h.raw('POST', 'secret/data/a', { data: { v: 1 } })
    await h.raw('PUT', 'sys/seal')
    expect(await h.refusal('GET', 'secret/data/a')).toEqual([503, 'Vault is sealed'])
    expect((await h.raw('GET', 'sys/health')).status).toBe(503)
    const wrong = Buffer.alloc(32, 8).toString('base64')
    expect(await h.refusal('PUT', 'sys/unseal', { key: wrong })).toEqual([
      400,
      'invalid key: cipher: message authentication failed',
    ])
    await h.raw('PUT', 'sys/unseal', { key: Buffer.alloc(32, 7).toString('base64') })
    expect((await h.raw('GET', 'secret/data/a')).body.data.data).toEqual({ v: 1 })
  })
})

describe('quotas', () => {
  const ask = async () => (await h.raw('GET', 'secret/config')).status
  test('let a number of requests through in each interval', async () => {
    h = await startHarness()
    await h.raw('POST', 'sys/quotas/rate-limit/q', { path: 'secret/', rate: 2, interval: '10s' })
    expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429])
    h.advance(9_999)
    expect(await ask()).toBe(429)
    h.advance(1)
    expect(await ask()).toBe(200)
  })

  test('may block for a time, and tell how long where that is switched on', async () => {
    h = await startHarness()
    await h.raw('POST', 'sys/quotas/config', { enable_rate_limit_response_headers: true })
    await h.raw('POST', 'sys/quotas/rate-limit/q', {
      rate: 1,
      interval: '1s',
      block_interval: '1m',
      path: 'secret/',
    })
    expect((await h.raw('GET', 'secret/config')).headers['x-ratelimit-remaining']).toBe('0')
    const first = await h.raw('GET', 'secret/config')
    expect([first.status, first.headers['retry-after'], first.headers['x-ratelimit-limit']]).toEqual([
      429,
      '60',
      '1',
    ])
    h.advance(59_000)
    expect((await h.raw('GET', 'secret/config')).headers['retry-after']).toBe('1')
    h.advance(1_000)
    expect(await ask()).toBe(200)
  })

  test('the longest path counts, and health is free', async () => {
    h = await startHarness()
    await h.raw('POST', 'sys/quotas/rate-limit/near', { path: 'secret/', rate: 100 })
    await h.raw('POST', 'sys/quotas/rate-limit/all', { path: '', rate: 1, interval: '1h' })
    expect([await ask(), await ask()]).toEqual([200, 200])
    expect((await h.raw('GET', 'sys/mounts')).status).toBe(200)
    expect((await h.raw('GET', 'sys/mounts')).status).toBe(429)
    expect((await h.raw('GET', 'sys/health')).status).toBe(200)
  })
})

describe('namespaces', () => {
  const inTeam = { headers: { 'x-vault-namespace': 'team/inner' } }
  test('nest, and keep what is theirs apart', async () => {
    h = await startHarness()
    await h.raw('POST', 'sys/namespaces/team')
    await h.raw('POST', 'sys/namespaces/inner', {}, { headers: { 'x-vault-namespace': 'team' } })
    await h.raw('POST', 'sys/mounts/secret', { type: 'kv-v2' }, inTeam)
    await h.raw('POST', 'secret/data/a', { data: { v: 'inner' } }, inTeam)
    expect((await h.raw('GET', 'team/inner/secret/data/a')).body.data.data).toEqual({ v: 'inner' })
    expect((await h.raw('GET', 'secret/data/a')).status).toBe(404)
    expect((await h.raw('LIST', 'sys/namespaces')).body.data.keys).toEqual(['team/'])
  })

  test('a token of one has no say in another, root as it may be', async () => {
    h = await startHarness()
    await h.raw('POST', 'sys/namespaces/team')
    const team = { headers: { 'x-vault-namespace': 'team' } }
    const { body } = await h.raw('POST', 'auth/token/create', { policies: ['root'] }, team)
    const token = body.auth.client_token
    expect((await h.raw('GET', 'sys/mounts', undefined, { ...team, token })).status).toBe(200)
    expect((await h.raw('GET', 'sys/mounts', undefined, { token })).status).toBe(403)
  })
})

describe('wrapping', () => {
  const wrapTtl = { headers: { 'x-vault-wrap-ttl': '60s' } }
  test('opens once, and not after its time', async () => {
    h = await startHarness()
    const wrapped = async () =>
      (await h.raw('POST', 'sys/wrapping/wrap', { v: 1 }, wrapTtl)).body.wrap_info.token
    const unwrap = (token: string) => h.raw('POST', 'sys/wrapping/unwrap', undefined, { token })
    const [soon, late] = [await wrapped(), await wrapped()]
    expect((await unwrap(soon)).body.data).toEqual({ v: 1 })
    expect((await unwrap(soon)).status).toBe(400)
    h.advance(60_000)
    expect((await unwrap(late)).status).toBe(400)
  })

  test('in the body it needs another token, which may unwrap', async () => {
    h = await startHarness()
    const { token } = (await h.raw('POST', 'sys/wrapping/wrap', { v: 1 }, wrapTtl)).body.wrap_info
    const unwrap = (by: string | null) => h.refusal('POST', 'sys/wrapping/unwrap', { token }, { token: by })
    expect(await unwrap(null)).toEqual([403, 'permission denied'])
    expect(await unwrap(await h.token({}, { no_default_policy: true }))).toEqual(denied)
    expect(await unwrap(await h.token({}))).toEqual([200])
  })

  test('a wrapped login is opened into its token', async () => {
    h = await startHarness()
    const { body } = await h.raw('POST', 'auth/token/create', { policies: ['default'] }, wrapTtl)
    expect([body.auth, body.wrap_info.creation_path]).toEqual([null, 'auth/token/create'])
    const { auth } = (await h.raw('POST', 'sys/wrapping/unwrap', { token: body.wrap_info.token })).body
    const self = await h.raw('GET', 'auth/token/lookup-self', undefined, { token: auth.client_token })
    expect(self.body.data.accessor).toBe(body.wrap_info.wrapped_accessor)
  })
})

describe('the emulator', () => {
  test('tells clients where it is', async () => {
    h = await startHarness({ rootToken: 'dev' })
    const { url, env, storeUrl } = h.emulator
    expect(env).toEqual({ VAULT_ADDR: url, VAULT_TOKEN: 'dev' })
    expect(storeUrl).toBe(`vault+${url}/secret`)
  })

  test('starts with seeds: a text is one field, an object the fields', async () => {
    h = await startHarness({ seed: { stripe: 'sk_test_1', 'team/db': { user: 'u' } } })
    expect((await h.raw('GET', 'secret/data/stripe')).body.data.data).toEqual({ value: 'sk_test_1' })
    expect((await h.raw('GET', 'secret/data/team/db')).body.data.data).toEqual({ user: 'u' })
    expect(() => h.emulator.seed({ 'a/': 'v' })).toThrow('neither begins nor ends with a slash')
  })

  test('keeps its state in a folder, the root token and its policies with it', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'strongroom-vault-'))
    h = await startHarness({ dataDir })
    await h.raw('POST', 'secret/data/a', { data: { v: 1 } })
    const token = await h.token({ 'secret/data/*': ['read'] })
    await h.raw('POST', 'auth/token/revoke-self')
    await h.close()
    h = await startHarness({ dataDir })
    expect((await h.raw('GET', 'secret/data/a', undefined, { token })).status).toBe(403)
    expect((await h.raw('GET', 'secret/data/a')).status).toBe(403)
    await h.close()
    rmSync(dataDir, { recursive: true })
    h = await startHarness()
  })

  test('speaks TLS where it is asked to, and tells its authority', async () => {
    h = await startHarness({ secure: true })
    const { url, httpUrl, env, caFile = '' } = h.emulator
    expect([env['VAULT_ADDR'], env['VAULT_CACERT']]).toEqual([url, caFile])
    expect([url.slice(0, 8), httpUrl?.slice(0, 7)]).toEqual(['https://', 'http://'])
    expect(h.emulator.storeUrl).toBe(`vault+${httpUrl}/secret`)
    const outgoing = request(`${url}/v1/sys/health`, { ca: readFileSync(caFile, 'utf8') }).end()
    const [answer] = await once(outgoing, 'response')
    expect(answer.statusCode).toBe(200)
    answer.resume()
  })

  test('counts by the names of the OpenAPI document, in any mount and namespace', async () => {
    h = await startHarness()
    await h.raw('POST', 'sys/mounts/old', { type: 'kv' })
    h.emulator.reset()
    await h.raw('POST', 'secret/data/a', { data: {} })
    await h.raw('GET', 'secret/data/a', undefined, { token: 'wrong' })
    await h.raw('LIST', 'secret/metadata')
    await h.raw('GET', 'sys/health')
    await h.raw('POST', 'auth/token/lookup-self')
    await h.raw('GET', 'nothing/here')
    expect(h.emulator.calls).toEqual({
      'kv-v2-write': 1,
      'kv-v2-read': 1,
      'kv-v2-list': 1,
      'read-health-status': 1,
      'token-look-up-self2': 1,
    })
  })

  test.each([
    [{ error: 'Vault is sealed' }, 503, 'Vault is sealed'],
    [{ error: 'permission denied' }, 403, 'permission denied'],
    [{ status: 412 }, 412, 'required index state not present'],
    [{ status: 429, retryAfterMs: 1_500 }, 429, 'rate limit quota exceeded'],
    [{ status: 502, message: 'upstream' }, 502, 'upstream'],
    [{ status: 404 }, 404, undefined],
  ])('a fault %j is %d %s', async (rule, status, text) => {
    h = await startHarness()
    h.emulator.faults.add({ operation: 'kv-v2-read', times: 1, ...rule })
    const answer = await h.raw('GET', 'secret/data/a')
    expect([answer.status, answer.body.errors[0]]).toEqual([status, text])
    if ('retryAfterMs' in rule) expect(answer.headers['retry-after']).toBe('2')
    expect((await h.raw('GET', 'secret/data/a')).status).toBe(404)
  })

  test('a lagging read sees the past, and the first mounts are always there', async () => {
    h = await startHarness()
    await h.raw('POST', 'secret/data/a', { data: { v: 1 } })
    h.advance(10_000)
    await h.raw('POST', 'secret/data/a', { data: { v: 2 } })
    h.emulator.faults.add({ operation: 'kv-v2-read', lagMs: 5_000, times: 1 })
    expect((await h.raw('GET', 'secret/data/a')).body.data.data).toEqual({ v: 1 })
    h.emulator.faults.add({ operation: 'kv-v2-read', lagMs: 50_000, times: 1 })
    expect((await h.raw('GET', 'secret/data/a')).status).toBe(404)
    expect((await h.raw('GET', 'secret/data/a')).body.data.data).toEqual({ v: 2 })
  })

  test('stands beside the others on one clock', async () => {
    h = await startHarness()
    const all = await startEmulators({ services: ['aws', 'vault'], vault: { rootToken: 'mine' } })
    expect(all.vault.env['VAULT_TOKEN']).toBe('mine')
    expect(all.vault.clock).toBe(all.aws.clock)
    await all.close()
  })
})
