import {
  ChainedTokenCredential,
  EnvironmentCredential,
  DefaultAzureCredential as OfficialChain,
} from '@azure/identity'
import { SecretClient } from '@azure/keyvault-secrets'
import { createStore } from 'strongroom'
import { type AzureClient, type AzureCredential, type AzureToken, azure } from 'strongroom/azure'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { advice, defaultCredential, guarded, type Identity } from '../../providers/azure/credential.js'
import { errorOf, openBench } from './kit.js'
import { bundle, failure, openStub } from './stub.js'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const close of closers.splice(0)) await close()
})

function named(name: string, more: object): Error {
  return Object.assign(new Error('hunter2hunter2'), { name, ...more })
}

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
    ['throws', new Error('hunter2hunter2'), 'UNAUTHENTICATED', 'that was passed'],
    [
      'throws as an answer',
      Object.assign(new Error('hunter2hunter2'), { statusCode: 404 }),
      'UNAUTHENTICATED',
      'passed',
    ],
    ['gives none', null, 'UNAUTHENTICATED', 'that was passed'],
    ['cannot reach its service', named('RestError', { code: 'ENOTFOUND' }), 'UNAVAILABLE', 'gives tokens'],
    ['loses the connection', named('RestError', { code: 'ECONNRESET' }), 'UNAVAILABLE', 'gives tokens'],
    [
      'does not trust its service',
      named('RestError', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
      'CONFIG_INVALID',
      'NODE_EXTRA_CA_CERTS',
    ],
    [
      'meets a broken service',
      named('AuthenticationError', { statusCode: 503 }),
      'UNAVAILABLE',
      'not the vault',
    ],
    [
      'meets a slow service',
      named('AuthenticationError', { statusCode: 408 }),
      'TIMEOUT',
      'not of the vault',
    ],
    ['is throttled', named('AuthenticationError', { statusCode: 429 }), 'RATE_LIMITED', 'not of the vault'],
    ['is refused', named('AuthenticationError', { statusCode: 401 }), 'UNAUTHENTICATED', 'that was passed'],
    ['is ended', named('AbortError', {}), 'ABORTED', 'waited for a token'],
  ] as const)('that %s: %s is %s, and the message says %s', async (_, thrown, code, says) => {
    const stub = await openStub(() => ({ status: 200, body: bundle('x') }))
    closers.push(stub.close)
    const getToken = async (): Promise<null> => {
      if (thrown !== null) throw thrown
      return null
    }
    const store = createStore({
      provider: azure({ endpoint: stub.url, credential: { getToken } }),
      layers: [],
    })
    for (const call of [
      () => store.get('a'),
      () => store.setVersionState('a', '0'.repeat(32), 'disabled'),
      () => store.delete('a'),
    ]) {
      const error = await errorOf(call())
      expect(error).toMatchObject({ code, outcomeUnknown: false })
      expect(error.message).toContain(says)
      expect(error.message).not.toContain('hunter2')
    }
    expect(stub.requests).toEqual([])
  })

  it('that throws before it gives a promise is told from the vault too', async () => {
    const getToken = (): Promise<null> => {
      throw new Error('hunter2hunter2')
    }
    const stub = await openStub(() => ({ status: 200, body: bundle('x') }))
    closers.push(stub.close)
    const store = createStore({
      provider: azure({ endpoint: stub.url, credential: { getToken } }),
      layers: [],
    })
    expect((await errorOf(store.get('a'))).code).toBe('UNAUTHENTICATED')
  })

  it('of the official package that has nothing to go on is UNAUTHENTICATED, without what it says itself', async () => {
    for (const name of ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET']) vi.stubEnv(name, '')
    const chain = new ChainedTokenCredential(new EnvironmentCredential())
    const own = await chain
      .getToken('https://vault.azure.net/.default')
      .catch((error: Error) => error.message)
    const guard = guarded(chain, advice.chain)
    const stub = await openStub(() => ({ status: 200, body: bundle('x') }))
    closers.push(stub.close)
    const store = createStore({ provider: azure({ endpoint: stub.url, credential: guard }), layers: [] })
    const error = await errorOf(store.get('a'))
    expect(error.code).toBe('UNAUTHENTICATED')
    expect(error.message).toContain('az login')
    expect(error.message).not.toContain(String(own).slice(0, 40))
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
    const credential = defaultCredential({ load })
    expect(load).not.toHaveBeenCalled()
    const error = await errorOf(credential.getToken('scope'))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain('npm install @azure/identity')
  })

  it('of the default chain is made once, for the cloud of the vault', async () => {
    const made: object[] = []
    class DefaultAzureCredential {
      constructor(options: object) {
        made.push(options)
      }
      async getToken(): Promise<AzureToken> {
        return { token: 't', expiresOnTimestamp: 1 }
      }
    }
    const load = async (): Promise<Identity> => ({ DefaultAzureCredential })
    const china = defaultCredential({ load, authorityHost: 'https://login.chinacloudapi.cn' })
    const elsewhere = defaultCredential({ load })
    for (const credential of [china, china, elsewhere]) await credential.getToken('scope')
    expect(made).toEqual([{ authorityHost: 'https://login.chinacloudapi.cn' }, {}])
  })

  it('of the default chain that refuses its settings is CONFIG_INVALID, and names the variables', async () => {
    class DefaultAzureCredential {
      constructor() {
        throw new Error('Invalid value for AZURE_TOKEN_CREDENTIALS = hunter2hunter2')
      }
      getToken(): Promise<null> {
        return Promise.resolve(null)
      }
    }
    const error = await errorOf(
      defaultCredential({ load: async () => ({ DefaultAzureCredential }) }).getToken('scope'),
    )
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain('AZURE_TOKEN_CREDENTIALS')
    expect(error.message).not.toContain('hunter2')
  })

  it('and the client are those of the official packages', () => {
    const client: AzureClient = new SecretClient('https://my-vault.vault.azure.net', new OfficialChain())
    const credential: AzureCredential = new OfficialChain()
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

describe('a token', () => {
  const minute = 60_000
  const answered = async (getToken: AzureCredential['getToken']) => {
    const stub = await openStub(() => ({ status: 200, body: bundle('x') }))
    closers.push(stub.close)
    const provider = azure({ endpoint: stub.url, credential: { getToken } })
    const bearers = (): (string | undefined)[] => stub.requests.map(({ headers }) => headers.authorization)
    return { store: createStore({ provider, layers: [] }), bearers }
  }
  const tokens = (...lifetimes: number[]) => {
    let count = 0
    return async (): Promise<AzureToken> => {
      const lifetime = lifetimes[count]
      count += 1
      if (lifetime === undefined) throw new Error('hunter2hunter2')
      return { token: `t${count}`, expiresOnTimestamp: Date.now() + lifetime }
    }
  }

  it('is renewed before it ends, while calls go on with the old one', async () => {
    const { store, bearers } = await answered(tokens(minute, 60 * minute))
    for (let call = 0; call < 4; call += 1) await store.get('a')
    expect(bearers()[0]).toBe('Bearer t1')
    expect(bearers()[3]).toBe('Bearer t2')
  })

  it('that has ended is replaced before the next request', async () => {
    const { store, bearers } = await answered(tokens(500, 60 * minute))
    for (let call = 0; call < 2; call += 1) await store.get('a')
    expect(bearers()).toEqual(['Bearer t1', 'Bearer t2'])
  })

  it('goes on while no new one is to be had, and ends nothing', async () => {
    const getToken = vi.fn(tokens(minute))
    const { store, bearers } = await answered(getToken)
    for (let call = 0; call < 4; call += 1) expect((await store.get('a')).value).toBe('x')
    expect(new Set(bearers())).toEqual(new Set(['Bearer t1']))
    expect(getToken.mock.calls.length).toBeGreaterThan(2)
  })

  it('that has ended, with no new one, is UNAUTHENTICATED; the next call tries again', async () => {
    let isDown = false
    let count = 0
    const { store } = await answered(async () => {
      if (isDown) throw new Error('hunter2hunter2')
      count += 1
      return { token: `t${count}`, expiresOnTimestamp: Date.now() + 40 }
    })
    await store.get('a')
    isDown = true
    await vi.waitFor(
      async () => {
        const error = await errorOf(store.get('a'))
        expect(error.code).toBe('UNAUTHENTICATED')
        expect(error.message).not.toContain('hunter2')
      },
      { timeout: 3_000, interval: 10 },
    )
    isDown = false
    expect((await store.get('a')).value).toBe('x')
  })

  it.each<[string, Parameters<AzureCredential['getToken']>]>([
    ['other claims', ['scope', { tenantId: 't', claims: 'c' }]],
    ['another tenant', ['scope', { tenantId: 'u' }]],
    ['another scope', [['scope', 'more'], { tenantId: 't' }]],
  ])('is no stand-in for one with %s', async (_, asked) => {
    const credential = guarded({ getToken: tokens(minute) }, 'hint')
    await credential.getToken('scope', { tenantId: 't' })
    expect(await credential.getToken('scope', { tenantId: 't' })).toMatchObject({ token: 't1' })
    await expect(credential.getToken(...asked)).rejects.toMatchObject({
      failure: { code: 'UNAUTHENTICATED', detail: 'hint' },
    })
  })

  it('is no stand-in once it has ended', async () => {
    let now = 0
    const getToken = vi.fn<AzureCredential['getToken']>(async () => null)
    getToken.mockResolvedValueOnce({ token: 't1', expiresOnTimestamp: 1_000 })
    const credential = guarded({ getToken }, 'hint', () => now)
    await credential.getToken('scope')
    now = 999
    expect(await credential.getToken('scope')).toMatchObject({ token: 't1' })
    now = 1_000
    await expect(credential.getToken('scope')).rejects.toMatchObject({ failure: { code: 'UNAUTHENTICATED' } })
  })
})
