import { readFileSync } from 'node:fs'
import { DefaultAzureCredential } from '@azure/identity'
import { SecretClient } from '@azure/keyvault-secrets'
import { createStore, openStore } from 'strongroom'
import { type AzureClient, type AzureCredential, type AzureOptions, azure, fromUrl } from 'strongroom/azure'
import { azureEmulator } from 'strongroom/azure/emulator'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defaultCredential } from '../../providers/azure/credential.js'
import { errorOf, foreignHand, httpUrlOf, openBench } from './kit.js'
import { bundle, failure, openStub } from './stub.js'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const close of closers.splice(0)) await close()
})

describe('the address', () => {
  it.each([
    [{}, 'vaultName or vaultUrl'],
    [{ vaultName: 'my-vault', vaultUrl: 'https://my-vault.vault.azure.net' }, 'twice'],
    [{ vaultName: 'my--vault' }, 'vaultName'],
    [{ vaultName: 'v' }, 'vaultName'],
    [{ vaultName: '1vault' }, 'vaultName'],
    [{ vaultName: 'evil.example/' }, 'vaultName'],
    [{ vaultUrl: 'my-vault' }, 'vaultUrl'],
    [{ vaultUrl: 'https://my-vault.vault.azure.net.evil.example' }, 'no host of Azure'],
    [{ vaultUrl: 'https://evilvault.azure.net' }, 'no host of Azure'],
    [{ vaultUrl: 'https://vault.azure.net' }, 'no host of Azure'],
    [{ vaultUrl: 'http://my-vault.vault.azure.net' }, 'https'],
    [{ vaultUrl: 'ftp://localhost' }, 'https'],
    [{ vaultUrl: 'https://my-vault.vault.azure.net/secrets/a' }, 'more than a host'],
    [{ vaultUrl: 'https://me:pw@my-vault.vault.azure.net' }, 'password'],
    [{ endpoint: 'http://10.0.0.1:8080' }, 'https'],
    [{ vaultName: 'my-vault', caFile: '/nowhere/ca.pem' }, 'ENOENT'],
    [{ vaultName: 'my-vault', prefix: 'a//b' }, 'slash'],
    [{ vaultName: 'my-vault', create: { tags: { 'Strongroom-After': 'x' } } }, 'create.tags'],
    [{ vaultName: 'my-vault', create: { tags: { a: 'x'.repeat(257) } } }, 'create.tags'],
  ] satisfies [AzureOptions, string][])('%j is refused, and the message says %s', (options, says) => {
    expect(() => azure(options)).toThrow(says)
  })

  it.each([
    [{ vaultName: 'my-vault' }],
    [{ vaultUrl: 'https://my-vault.vault.azure.net/' }],
    [{ vaultUrl: 'https://my-vault.vault.azure.net:443' }],
    [{ vaultUrl: 'https://my-vault.vault.azure.cn' }],
    [{ vaultUrl: 'https://my-vault.vault.usgovcloudapi.net' }],
    [{ vaultUrl: 'https://vault.localhost:8443' }],
    [{ vaultName: 'my-vault', endpoint: 'http://[::1]:8444' }],
  ] satisfies [AzureOptions][])('%j is taken, without a request', (options) => {
    expect(azure(options).name).toBe('azure')
  })

  it('never quotes a password', () => {
    const address = 'https://me:hunter2hunter2@my-vault.vault.azure.net'
    expect(() => azure({ vaultUrl: address })).toThrow(/^((?!hunter2).)*$/s)
  })

  it('is not given beside a client', async () => {
    const { emulator, close } = await openBench()
    closers.push(close)
    const client = foreignHand(emulator)
    expect(() => azure({ client, caFile: 'x' })).toThrow('drop caFile')
    expect(() => azure({ client, vaultName: 'my-vault' })).toThrow('drop vaultName')
  })
})

describe('the URL', () => {
  it.each([
    ['azure://my-vault', ''],
    ['azure://my-vault/prod', 'prod/'],
    ['azure://my-vault/prod/team%20a', 'prod/team a/'],
    ['azure://my-vault.vault.azure.cn/prod', 'prod/'],
    ['azure://localhost:8443/prod', 'prod/'],
    ['azure://my-vault/prod?endpoint=http%3A%2F%2F127.0.0.1%3A1', 'prod/'],
  ])('%s has the prefix %j', (url, prefix) => {
    expect(fromUrl(new URL(url)).names.prefix).toBe(prefix)
  })

  it.each([
    ['azure:///prod', 'no vault'],
    ['azure:my-vault', 'no vault'],
    ['azure://my-vault?region=x', '"region"'],
    ['azure://my-vault#x', '#'],
    ['azure://my-vault/%', '%'],
    ['azure://evil.example/prod', 'no host of Azure'],
    ['azure://my_vault', 'vaultName'],
  ])('%s is CONFIG_INVALID, and the message says %s', async (url, says) => {
    const error = await errorOf(openStore(url))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(says)
  })

  it('opens a store on an emulator, over HTTP and over HTTPS', async () => {
    const emulator = await azureEmulator({ seed: { stripe: 'sk_test_1' } })
    closers.push(() => emulator.close())
    const https = `azure://localhost?endpoint=${emulator.url}&caFile=${encodeURIComponent(emulator.caFile ?? '')}`
    for (const url of [emulator.storeUrl, https]) {
      expect((await (await openStore(url)).get('stripe')).value).toBe('sk_test_1')
    }
  })

  it('says what to do about a certificate that nobody vouches for', async () => {
    const emulator = await azureEmulator()
    closers.push(() => emulator.close())
    const store = createStore({ provider: azure({ endpoint: emulator.url }), layers: [] })
    const error = await errorOf(store.get('a'))
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', retryable: false, outcomeUnknown: false })
    expect(error.message).toContain('caFile')
  })
})

describe('the credential', () => {
  it('is a dummy on loopback, whatever the environment holds', async () => {
    vi.stubEnv('AZURE_CLIENT_ID', 'ambient')
    vi.stubEnv('AZURE_TENANT_ID', 'ambient')
    vi.stubEnv('AZURE_CLIENT_SECRET', 'ambient')
    const stub = await openStub(() => ({ status: 200, body: bundle('x') }))
    closers.push(stub.close)
    await createStore({ provider: azure({ endpoint: stub.url }), layers: [] }).get('a')
    expect(stub.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer loopback'])
  })

  it('is the given one, also on loopback, asked once for many calls', async () => {
    const stub = await openStub(() => ({ status: 200, body: bundle('x') }))
    closers.push(stub.close)
    const getToken = vi.fn(async () => ({ token: 'mine', expiresOnTimestamp: Date.now() + 3_600_000 }))
    const store = createStore({
      provider: azure({ endpoint: stub.url, credential: { getToken } }),
      layers: [],
    })
    await Promise.all(['a', 'b', 'c'].map((name) => store.get(name)))
    expect(getToken).toHaveBeenCalledTimes(1)
    expect(getToken.mock.calls[0]).toMatchObject([
      ['https://vault.azure.net/.default'],
      { tenantId: 'tenant' },
    ])
    expect(new Set(stub.requests.map(({ headers }) => headers.authorization))).toEqual(
      new Set(['Bearer mine']),
    )
  })

  it.each([
    ['throws', new Error('hunter2hunter2'), 'UNAUTHENTICATED'],
    ['throws as an answer', Object.assign(new Error(), { statusCode: 404 }), 'UNAUTHENTICATED'],
    ['gives none', null, 'UNAUTHENTICATED'],
    [
      'cannot reach its service',
      Object.assign(new Error(), { name: 'RestError', code: 'ENOTFOUND' }),
      'UNAVAILABLE',
    ],
  ] as const)('that %s: %s is %s', async (_, failure, code) => {
    const stub = await openStub(() => ({ status: 200, body: bundle('x') }))
    closers.push(stub.close)
    const getToken = async (): Promise<null> => {
      if (failure !== null) throw failure
      return null
    }
    const store = createStore({
      provider: azure({ endpoint: stub.url, credential: { getToken } }),
      layers: [],
    })
    const error = await errorOf(store.get('a'))
    expect(error.code).toBe(code)
    expect(error.message).not.toContain('hunter2')
    expect(stub.requests).toEqual([])
  })

  it('is asked again when the vault asks for other claims', async () => {
    const { emulator, open, close } = await openBench({ seed: { a: 'x' } })
    closers.push(close)
    const getToken = vi.fn(async () => ({ token: 'mine', expiresOnTimestamp: Date.now() + 3_600_000 }))
    const store = open({ credential: { getToken } })
    await store.get('a')
    emulator.faults.add({ operation: 'GetSecret', error: 'insufficient_claims', times: 1 })
    expect((await store.get('a')).value).toBe('x')
    expect(getToken).toHaveBeenCalledTimes(2)
    expect(getToken.mock.lastCall).toMatchObject([{}, { claims: expect.any(String) }])
  })

  it('is the default chain elsewhere, loaded at the first token; a missing package is named', async () => {
    const load = vi.fn(() => Promise.reject(Object.assign(new Error(), { code: 'ERR_MODULE_NOT_FOUND' })))
    const credential = defaultCredential(load)
    expect(load).not.toHaveBeenCalled()
    const error = await errorOf(credential.getToken('scope'))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain('npm install @azure/identity')
  })

  it('and the client are those of the official packages', () => {
    const client: AzureClient = new SecretClient(
      'https://my-vault.vault.azure.net',
      new DefaultAzureCredential(),
    )
    const credential: AzureCredential = new DefaultAzureCredential()
    expect(azure({ client }).name).toBe('azure')
    expect(azure({ vaultName: 'my-vault', credential }).name).toBe('azure')
  })

  it('is checked by the vault: a refused token is UNAUTHENTICATED', async () => {
    const stub = await openStub(() => ({ status: 401, body: failure('Unauthorized') }))
    closers.push(stub.close)
    const store = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    expect((await errorOf(store.get('a'))).code).toBe('UNAUTHENTICATED')
  })
})

describe('a ready-made client', () => {
  it('that checks the challenge against loopback is CONFIG_INVALID, with the option', async () => {
    const emulator = await azureEmulator()
    closers.push(() => emulator.close())
    const credential = { getToken: async () => ({ token: 't', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }
    const ca = readFileSync(emulator.caFile ?? '', 'utf8')
    const strict = new SecretClient(emulator.url, credential, { tlsOptions: { ca } })
    const plain = new SecretClient(httpUrlOf(emulator), credential)
    for (const [client, says] of [
      [strict, 'disableChallengeResourceVerification'],
      [plain, 'allowInsecureConnection'],
    ] as const) {
      const error = await errorOf(createStore({ provider: azure({ client }), layers: [] }).get('a'))
      expect(error.code).toBe('CONFIG_INVALID')
      expect(error.message).toContain(says)
    }
  })
})

describe('the first call', () => {
  it('goes alone, so that no body is lost to the challenge', async () => {
    const bodies: string[] = []
    let challenges = 0
    const stub = await openStub(
      ({ headers, body, method }) => {
        if (headers.authorization === undefined) {
          challenges += 1
          return {
            status: 401,
            headers: {
              'www-authenticate': 'Bearer authorization="https://l/t", resource="https://vault.azure.net"',
            },
            body: failure('Unauthorized'),
            delayMs: challenges === 1 ? 30 : 0,
          }
        }
        if (method === 'PATCH') bodies.push(body)
        return { status: 200, body: bundle('x') }
      },
      { challenged: false },
    )
    closers.push(stub.close)
    const store = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    const versions = ['1', '2', '3'].map((digit) => digit.repeat(32))
    await Promise.all(versions.map((version) => store.setVersionState('a', version, 'disabled')))
    expect(bodies.map((body) => body.length > 0)).toEqual([true, true, true])
    expect(challenges).toBe(1)
  })

  it('may fail: the next one takes its place, and one that waits can be aborted', async () => {
    let count = 0
    const stub = await openStub(
      ({ headers }) => {
        count += 1
        if (count === 1) return 'hang'
        if (headers.authorization === undefined) {
          return {
            status: 401,
            headers: {
              'www-authenticate': 'Bearer authorization="https://l/t", resource="https://vault.azure.net"',
            },
          }
        }
        return { status: 200, body: bundle('x') }
      },
      { challenged: false },
    )
    closers.push(stub.close)
    const store = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    const [first, second] = [new AbortController(), new AbortController()]
    const hanging = errorOf(store.get('a', { signal: first.signal }))
    const waiting = errorOf(store.get('a', { signal: second.signal }))
    const patient = store.get('a')
    while (stub.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    second.abort()
    expect((await waiting).code).toBe('ABORTED')
    first.abort()
    expect((await hanging).code).toBe('ABORTED')
    expect((await patient).value).toBe('x')
  })
})
