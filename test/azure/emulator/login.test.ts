import { createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClientAssertionCredential, ClientSecretCredential } from '@azure/identity'
import { SecretClient } from '@azure/keyvault-secrets'
import { parseJson } from 'strongroom/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, jwt, start, startHarness } from './harness.js'

const tenant = '00000000-0000-0000-0000-000000000000'
const audience = 'https://vault.azure.net'
const scope = `${audience}/.default`
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

let h: Harness
beforeEach(async () => {
  h = await startHarness({ tokens: { issued: true } })
})
afterEach(() => h.close())

const ask = async (form: object, path = `/${tenant}/oauth2/v2.0/token`) => {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'app', ...form })
  for (const [name, value] of [...body]) if (value === 'undefined') body.delete(name)
  return h.raw('POST', path, body.toString(), { token: null })
}
const tokenFor = async (resource = audience, client = 'app'): Promise<string> =>
  (await ask({ client_id: client, client_secret: 's', scope: `${resource}/.default` })).body.access_token
const partsOf = (token: string) =>
  token
    .split('.')
    .slice(0, 2)
    .map((part) => Buffer.from(part, 'base64url').toString())
const claimsOf = (token: string) => parseJson(partsOf(token)[1] ?? '') as Record<string, unknown>
const get = (path: string, headers: Record<string, string> = {}, query = '') =>
  h.raw('GET', path, undefined, { token: null, apiVersion: '2018-02-01', headers, query })

describe('the token endpoint', () => {
  test('gives a signed token for a secret', async () => {
    const { status, body } = await ask({ client_secret: 's', scope })
    expect([status, body]).toEqual([
      200,
      { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: expect.any(String) },
    ])
    expect(claimsOf(body.access_token)).toMatchObject({
      aud: audience,
      iss: `https://sts.windows.net/${tenant}/`,
      iat: start / 1000,
      nbf: start / 1000,
      exp: start / 1000 + 3599,
      appid: 'app',
      appidacr: '1',
      oid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      tid: tenant,
      ver: '1.0',
    })
  })

  test('and one for an assertion, in a directory where a client has one object', async () => {
    const client_assertion = jwt({ iss: 'app', sub: 'app' })
    const { body } = await ask({ client_assertion, client_assertion_type: jwtBearer, scope })
    const first = claimsOf(body.access_token)
    const second = claimsOf(await tokenFor())
    const other = claimsOf(await tokenFor(audience, 'other'))
    expect([first['appidacr'], first['oid'] === second['oid'], first['oid'] === other['oid']]).toEqual([
      '2',
      true,
      false,
    ])
  })

  test('speaks the first version of the protocol too', async () => {
    const { body } = await ask({ client_secret: 's', resource: audience }, `/${tenant}/oauth2/token`)
    expect(body).toMatchObject({
      expires_in: '3599',
      expires_on: String(start / 1000 + 3599),
      not_before: String(start / 1000),
      resource: audience,
    })
  })

  test.each([
    [{ scope }, 401, 'invalid_client', 7000218],
    [{ client_secret: '', scope }, 401, 'invalid_client', 7000218],
    [{ client_secret: 's' }, 400, 'invalid_request', 900144],
    [{ client_secret: 's', scope: audience }, 400, 'invalid_scope', 1002012],
    [{ client_secret: 's', scope, client_id: '' }, 400, 'invalid_request', 900144],
    [{ client_secret: 's', scope, grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
    [{ client_assertion: 'no', client_assertion_type: jwtBearer, scope }, 401, 'invalid_client', 50027],
  ])('%j is refused: %d %s', async (form, status, error, number) => {
    const answer = await ask(form)
    expect(answer.status).toBe(status)
    expect(answer.body).toEqual({
      error,
      error_description: expect.stringMatching(
        `^AADSTS${number}: .+ Trace ID: .+ Timestamp: 2026-01-01 00:00:00Z$`,
      ),
      error_codes: [number],
      timestamp: '2026-01-01 00:00:00Z',
      trace_id: expect.any(String),
      correlation_id: expect.any(String),
    })
  })

  test('knows its tenant, and those of everybody', async () => {
    const form = { client_secret: 's', scope }
    expect((await ask(form, '/other/oauth2/v2.0/token')).body.error_codes).toEqual([90002])
    expect((await ask(form, '/organizations/oauth2/v2.0/token')).status).toBe(200)
  })

  test('knows the clients that it was told of, and their secrets', async () => {
    await h.close()
    h = await startHarness({ clients: { app: { secret: 'right' }, open: {} } })
    const numbers = []
    for (const form of [
      { client_secret: 'wrong' },
      { client_secret: 'right' },
      { client_id: 'open', client_secret: 'x' },
      { client_id: 'toString', client_secret: 'x' },
    ]) {
      const { status, body } = await ask({ ...form, scope })
      numbers.push([status, body.error_codes?.[0]])
      expect(JSON.stringify(body)).not.toMatch(/wrong|right/)
    }
    expect(numbers).toEqual([
      [401, 7000215],
      [200, undefined],
      [200, undefined],
      [400, 700016],
    ])
  })

  test('is counted, and may fail', async () => {
    h.emulator.faults.add({ operation: 'GetToken', error: 'invalid_client', status: 401, times: 1 })
    h.emulator.faults.add({ operation: 'GetToken', status: 429, retryAfterMs: 1_500, times: 1 })
    h.emulator.faults.add({ operation: '*', status: 503, message: 'later', times: 1 })
    const answers = []
    for (let turn = 0; turn < 4; turn += 1) {
      const { status, headers, body } = await ask({ client_secret: 's', scope })
      answers.push([status, body.error, headers.get('retry-after')])
    }
    expect(answers).toEqual([
      [401, 'invalid_client', null],
      [429, 'temporarily_unavailable', '2'],
      [503, 'temporarily_unavailable', null],
      [200, undefined, null],
    ])
    expect(h.emulator.calls).toEqual({ GetToken: 4 })
  })
})

describe('discovery', () => {
  test('leads to the endpoints on the host that was called, and to the keys', async () => {
    const authority = `${h.emulator.httpUrl}/${tenant}`
    const { body } = await get(`/${tenant}/v2.0/.well-known/openid-configuration`)
    expect(body).toMatchObject({
      issuer: `${authority}/v2.0`,
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      jwks_uri: `${authority}/discovery/v2.0/keys`,
    })
    const token = await tokenFor()
    const { keys } = (await get(`/${tenant}/discovery/v2.0/keys`)).body
    expect(keys[0]).not.toHaveProperty('d')
    expect(JSON.stringify(partsOf(token)[0])).toContain(keys[0].kid)
    const [header, payload, signature = ''] = token.split('.')
    const key = createPublicKey({ key: keys[0], format: 'jwk' })
    const signed = Buffer.from(`${header}.${payload}`)
    const options = { key, dsaEncoding: 'ieee-p1363' } as const
    expect(verify('sha256', signed, options, Buffer.from(signature, 'base64url'))).toBe(true)
  })

  test('of an instance leads to the tenant', async () => {
    expect((await get('/common/discovery/instance')).body.tenant_discovery_endpoint).toBe(
      `${h.emulator.httpUrl}/${tenant}/v2.0/.well-known/openid-configuration`,
    )
  })
})

describe('a managed identity', () => {
  const query = `&resource=${encodeURIComponent(audience)}`

  test.each([
    ['/metadata/identity/oauth2/token', { metadata: 'true' }],
    ['/msi/token', { 'x-identity-header': 'any' }],
  ])('gets a token at %s', async (path, headers) => {
    const { status, body } = await get(path, headers, query)
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        expires_on: String(start / 1000 + 86_399),
        client_id: 'emulator',
        resource: audience,
        token_type: 'Bearer',
      }),
    ])
    expect((await h.raw('GET', '/secrets', undefined, { token: body.access_token })).status).toBe(200)
    const named = await get(path, headers, `${query}&client_id=mine`)
    expect(claimsOf(named.body.access_token)['appid']).toBe('mine')
    expect((await get(path, {}, query)).body).toMatchObject({ error: 'invalid_request' })
    expect((await get(path, headers)).status).toBe(400)
  })
})

describe('a token', () => {
  const check = async (token: string) => {
    const [status, , , text] = await h.refusal('GET', '/secrets', undefined, { token })
    return [status, text]
  }

  test('of the endpoint opens the vault until it expires', async () => {
    const token = await tokenFor()
    expect((await check(token))[0]).toBe(200)
    expect((await check(await tokenFor(`${audience}/`)))[0]).toBe(200)
    h.advance(3_599_000)
    expect(await check(token)).toEqual([401, "[TokenExpired] Error validating token: 'S2S12086'."])
  })

  test('for another resource does not', async () => {
    expect(await check(await tokenFor('https://management.azure.com'))).toEqual([
      401,
      `AKV10022: Invalid audience. Expected ${audience}, found: https://management.azure.com.`,
    ])
  })

  test('of somebody else, or changed, does not', async () => {
    const [header, payload, signature] = (await tokenFor()).split('.')
    const changed = `${header}.${Buffer.from(JSON.stringify({ aud: audience, exp: 1e10 })).toString('base64url')}.${signature}`
    for (const token of [changed, `${header}.${payload}.`, jwt({ aud: audience, exp: 1e10 })]) {
      expect(await check(token)).toEqual([
        401,
        expect.stringContaining('AKV10046: Unable to resolve the key'),
      ])
    }
    expect(await check('opaque')).toEqual([401, "Error validating token: 'S2S12005'."])
  })

  test('is good after a reset, in another emulator only with its state, and after a restart', async () => {
    const token = await tokenFor()
    h.emulator.reset()
    expect((await check(token))[0]).toBe(200)
    const dump = h.emulator.state.dump()
    await h.close()
    h = await startHarness({ tokens: { issued: true } })
    expect((await check(token))[0]).toBe(401)
    h.emulator.state.load(dump)
    expect((await check(token))[0]).toBe(200)
    const dataDir = mkdtempSync(join(tmpdir(), 'strongroom-azure-'))
    for (const turn of [0, 1]) {
      await h.close()
      h = await startHarness({ tokens: { issued: true }, dataDir })
      if (turn === 0) h.emulator.state.load(dump)
      expect((await check(token))[0]).toBe(200)
    }
    await h.close()
    rmSync(dataDir, { recursive: true })
  })

  test('carries the permissions of its client', async () => {
    await h.close()
    h = await startHarness({ tokens: { issued: true }, permissions: { app: ['get', 'list'] } })
    expect((await check(await tokenFor()))[0]).toBe(200)
    expect((await check(await tokenFor(audience, 'other')))[0]).toBe(403)
  })
})

describe('the official credentials', () => {
  const clientOf = (kind: 'secret' | 'assertion') => {
    const { url, caFile = '' } = h.emulator
    const tlsOptions = { ca: readFileSync(caFile, 'utf8') }
    const options = { authorityHost: url, disableInstanceDiscovery: true, tlsOptions }
    const credential =
      kind === 'secret'
        ? new ClientSecretCredential(tenant, 'app', 'right', options)
        : new ClientAssertionCredential(tenant, 'app', async () => jwt({ iss: 'app' }), options)
    return new SecretClient(url, credential, {
      disableChallengeResourceVerification: true,
      retryOptions: { maxRetries: 0 },
      tlsOptions,
    })
  }

  test.each(['secret', 'assertion'] as const)('log in by %s', async (kind) => {
    const client = clientOf(kind)
    await client.setSecret('a', 'v')
    expect((await client.getSecret('a')).value).toBe('v')
    expect(h.emulator.calls).toEqual({ GetToken: 1, SetSecret: 1, GetSecret: 1 })
  })

  test('tell why they cannot', async () => {
    await h.close()
    h = await startHarness({ clients: { app: { secret: 'other' } } })
    await expect(clientOf('secret').getSecret('a')).rejects.toThrow(/invalid_client.*AADSTS7000215/s)
  })

  test('log in again when claims are missing', async () => {
    const client = clientOf('secret')
    await client.setSecret('a', 'v')
    h.emulator.faults.add({ operation: 'GetSecret', error: 'insufficient_claims', times: 1 })
    expect((await client.getSecret('a')).value).toBe('v')
    expect(h.emulator.calls).toMatchObject({ GetToken: 2, GetSecret: 2 })
  })
})
