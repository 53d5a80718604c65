import { Agent, get } from 'node:http'
import type { LookupFunction } from 'node:net'
import type { TokenCredential } from '@azure/identity'
import { SecretClient } from '@azure/keyvault-secrets'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { credential, type Harness, jwt, start, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

const challenge =
  'Bearer authorization="https://login.windows.net/00000000-0000-0000-0000-000000000000", resource="https://vault.azure.net"'

describe('a request without a token', () => {
  test.each([
    ['GET', '/secrets/a'],
    ['PUT', '/secrets/a'],
    ['PUT', '/secrets/under_score'],
    ['PUT', '/secrets/'],
    ['GET', '/nothing/here'],
    ['POST', '/deletedsecrets/a/recover'],
  ])('%s %s is challenged before anything is checked', async (method, path) => {
    const answer = await h.raw(method, path, undefined, { token: null, apiVersion: null })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe(challenge)
    expect(answer.body).toEqual({
      error: { code: 'Unauthorized', message: 'AKV10000: Request is missing a Bearer or PoP token.' },
    })
  })

  test('changes nothing, and is no call', async () => {
    await h.raw('PUT', '/secrets/a', { value: 'v' }, { token: null })
    expect((await h.raw('GET', '/secrets/a')).status).toBe(404)
    expect(h.emulator.calls).toEqual({ GetSecret: 1 })
  })

  test.each([['Basic abc'], ['Bearer'], ['Bearer ']])('%j is none', async (authorization) => {
    const answer = await h.raw('GET', '/secrets', undefined, { token: null, headers: { authorization } })
    expect(answer.status).toBe(401)
  })

  test('is told of the tenant and the resource that were asked for', async () => {
    const other = await startHarness({ tenantId: 'tenant', resource: 'https://localhost' })
    const answer = await other.raw('GET', '/secrets', undefined, { token: null })
    await other.close()
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer authorization="https://login.windows.net/tenant", resource="https://localhost"',
    )
  })
})

describe('rules for tokens', () => {
  const audience = 'https://vault.azure.net'
  const exp = start / 1000 + 60
  const check = async (token: string) => {
    const [status, , , message] = await h.refusal('GET', '/secrets', undefined, { token })
    return [status, message]
  }

  test('without rules any token is taken as it is', async () => {
    expect((await h.raw('GET', '/secrets', undefined, { token: 'x' })).status).toBe(200)
  })

  test('an audience and an expiry are read from the token, on the clock of the emulator', async () => {
    await h.close()
    h = await startHarness({ tokens: { audience, checkExpiry: true } })
    const good = jwt({ aud: audience, exp })
    expect((await h.raw('GET', '/secrets', undefined, { token: good })).status).toBe(200)
    expect(await check(jwt({ aud: 'https://management.azure.com', exp }))).toEqual([
      401,
      'AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://management.azure.com.',
    ])
    expect(await check('opaque')).toEqual([401, "Error validating token: 'S2S12005'."])
    expect(await check('a.!.c')).toEqual([401, "Error validating token: 'S2S12005'."])
    h.advance(60_000)
    expect(await check(good)).toEqual([401, "[TokenExpired] Error validating token: 'S2S12086'."])
    expect((await h.raw('GET', '/secrets', undefined, { token: good })).headers.get('www-authenticate')).toBe(
      challenge,
    )
  })

  test('a checker has the last word', async () => {
    await h.close()
    h = await startHarness({ tokens: { accept: (token) => token === 'right' } })
    expect((await h.raw('GET', '/secrets', undefined, { token: 'right' })).status).toBe(200)
    expect((await check('wrong'))[0]).toBe(401)
  })
})

describe('the official client', () => {
  test('is challenged once, then sends its token at once', async () => {
    const client = h.client()
    await client.setSecret('a', 'v')
    await client.getSecret('a')
    expect(h.emulator.calls).toEqual({ SetSecret: 1, GetSecret: 1 })
  })

  test.each([
    ['localhost:8443', 'https://vault.azure.net'],
    ['127.0.0.1:8443', 'https://vault.azure.net'],
    ['[::1]:8443', 'https://vault.azure.net'],
    ['notlocalhost', 'https://vault.azure.net'],
    ['localhost.example.com', 'https://vault.azure.net'],
    ['vault.localhost', 'https://localhost'],
    ['vault.localhost:8443', 'https://localhost:8443'],
    ['my-vault.vault.localhost:8443', 'https://vault.localhost:8443'],
  ])('of a client that calls %s names the resource %s', async (host, resource) => {
    const answer = await new Promise<string>((resolve, reject) => {
      get(`${h.emulator.httpUrl}/secrets`, { headers: { host } }, ({ headers }) => {
        resolve(headers['www-authenticate'] ?? '')
      }).on('error', reject)
    })
    expect(answer).toContain(`resource="${resource}"`)
  })

  test.each([
    [undefined, true],
    ['https://localhost', true],
    ['https://vault.azure.net', false],
  ])('verifies the resource %s of a vault on vault.localhost: %s', async (resource, passes) => {
    const other = await startHarness(resource === undefined ? {} : { resource })
    const { port } = new URL(other.emulator.httpUrl ?? '')
    const lookup: LookupFunction = (_name, _options, done) =>
      done(null, [{ address: '127.0.0.1', family: 4 }])
    const client = new SecretClient(`http://vault.localhost:${port}`, credential, {
      allowInsecureConnection: true,
      agent: new Agent({ lookup }),
    } as object)
    const set = client.setSecret('a', 'v').then(({ properties }) => properties.vaultUrl)
    if (passes) expect(await set).toBe(`http://vault.localhost:${port}`)
    else await expect(set).rejects.toThrow('does not match the requested domain')
    await other.close()
  })

  test('gets another token when claims are missing', async () => {
    const tokens: (string | undefined)[] = []
    const asking: TokenCredential = {
      getToken: async (_scopes, options) => {
        tokens.push(options?.claims)
        return { token: 'test', expiresOnTimestamp: Date.now() + 3_600_000 }
      },
    }
    const client = new SecretClient(h.emulator.httpUrl ?? '', asking, {
      disableChallengeResourceVerification: true,
      allowInsecureConnection: true,
    } as object)
    await client.setSecret('a', 'v')
    h.emulator.faults.add({ operation: 'GetSecret', error: 'insufficient_claims', times: 1 })
    expect((await client.getSecret('a')).value).toBe('v')
    expect(tokens).toEqual([undefined, '{"access_token":{"nbf":{"essential":true,"value":"0"}}}'])
  })
})
