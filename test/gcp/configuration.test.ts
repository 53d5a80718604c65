import { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import { createStore, openStore } from 'strongroom'
import { fromUrl, type GcpClient, type GcpCredential, type GcpOptions, gcp } from 'strongroom/gcp'
import { gcpEmulator } from 'strongroom/gcp/emulator'
import type { SecretProvider } from 'strongroom/provider'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { refuseDebugSwitch } from '../../providers/gcp/debug-switch.js'
import { endpointOf } from '../../providers/gcp/endpoint.js'
import { collect, errorOf, openBench, project, readyMade, restUrlOf } from './kit.js'
import { openRestStub, stubClient } from './stub.js'

const closers: (() => Promise<unknown>)[] = []
beforeEach(() => {
  for (const name of ['SECRET_MANAGER_EMULATOR_HOST', 'GOOGLE_CLOUD_PROJECT', 'GOOGLE_SDK_NODE_LOGGING']) {
    vi.stubEnv(name, '')
  }
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const close of closers.splice(0)) await close()
})

const aliasOf = (length: number): string => 'a'.repeat(length)

describe('the options', () => {
  it.each([
    [{}, 'no project'],
    [{ project: 'My Project' }, 'project'],
    [{ project: 'p/secrets/x' }, 'project'],
    [{ project: '-p' }, 'project'],
    [{ project, location: 'Europe' }, 'location'],
    [{ project, location: 'evil.example/' }, 'location'],
    [{ project, location: 'a-' }, 'location'],
    [{ project, transport: 'http' as 'rest' }, 'transport'],
    [{ project, prefix: 'a//b' }, 'prefix'],
    [{ project, currentAlias: '' }, 'currentAlias'],
    [{ project, currentAlias: '1st' }, 'currentAlias'],
    [{ project, currentAlias: 'latest' }, 'currentAlias'],
    [{ project, currentAlias: 'NEW' }, 'currentAlias'],
    [{ project, currentAlias: aliasOf(55) }, 'currentAlias'],
    [{ project, create: { replicas: [] } }, 'create.replicas is empty'],
    [{ project, create: { replicas: ['us-east1'] }, location: 'us-east1' }, 'contradicts location'],
    [{ project, create: { replicas: ['us-east1'], kmsKeyName: 'k' } }, 'kmsKeyName contradicts'],
    [{ project, create: { labels: { Team: 'red' } } }, 'create.labels'],
    [{ project, create: { ttlMs: 59_999 } }, 'create.ttlMs'],
    [{ project, create: { ttlMs: Number.POSITIVE_INFINITY } }, 'create.ttlMs'],
    [{ project, create: { versionDestroyTtlMs: 86_399_999 } }, 'create.versionDestroyTtlMs'],
    [{ project, client: {} as GcpClient }, 'client must be'],
  ] satisfies [GcpOptions, string][])('%j is refused, and the message says %s', (options, says) => {
    expect(() => gcp(options)).toThrow(says)
    expect(() => gcp(options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })

  it.each([
    [{ project }],
    [{ project: '123456789012' }],
    [{ project: 'example.com:my-project' }],
    [{ project, location: 'europe-west3' }],
    [{ project, location: 'us' }],
    [{ project, currentAlias: aliasOf(54) }],
    [{ project, create: { ttlMs: 60_000, versionDestroyTtlMs: 86_400_000, labels: { a: 'b' } } }],
    [{ project, create: { replicas: ['us-east1'] } }],
  ] satisfies [GcpOptions][])('%j is taken, without a request', (options) => {
    expect(gcp(options).name).toBe('gcp')
  })

  it('have no other names', () => {
    expect(() => gcp({ project, projectId: 'x' } as GcpOptions)).toThrow('projectId')
    expect(() => gcp({ project, create: { kmsKey: 'x' } } as GcpOptions)).toThrow('kmsKey')
  })

  it.each(['endpoint', 'transport', 'credential'] as const)('client comes without %s', (field) => {
    const { client } = stubClient({})
    const more = {
      endpoint: '127.0.0.1:1',
      transport: 'grpc',
      credential: { getRequestHeaders: async () => new Headers() },
    }
    expect(() => gcp({ project, client, [field]: more[field] })).toThrow(`${field} is set beside client`)
  })

  it('the project comes from the environment', async () => {
    vi.stubEnv('GOOGLE_CLOUD_PROJECT', 'from-env')
    const stub = stubClient({ deleteSecret: () => ({}) })
    await createStore({ provider: gcp({ client: stub.client }), layers: [] }).delete('db', { purge: true })
    expect(stub.seen[0]?.request).toEqual({ name: 'projects/from-env/secrets/db' })
  })

  it('takes an official client, of either transport', () => {
    const client: GcpClient = new SecretManagerServiceClient({ apiKey: 'none' })
    expect(gcp({ project, client }).name).toBe('gcp')
  })

  it('takes an official credential', () => {
    const { auth } = new SecretManagerServiceClient({ apiKey: 'none' })
    const credential: GcpCredential = auth.fromAPIKey('none')
    expect(gcp({ project, credential }).name).toBe('gcp')
  })
})

describe('the endpoint', () => {
  const plain = { isPlain: true }
  it.each([
    [{ endpoint: '127.0.0.1:9085' }, { transport: 'grpc', host: '127.0.0.1', port: 9085, ...plain }],
    [{ endpoint: 'localhost:1' }, { transport: 'grpc', host: 'localhost', port: 1, ...plain }],
    [{ endpoint: 'gsm.LOCALHOST:1' }, { transport: 'grpc', host: 'gsm.LOCALHOST', port: 1, ...plain }],
    [{ endpoint: '[::1]:1' }, { transport: 'grpc', host: '[::1]', port: 1, ...plain }],
    [
      { endpoint: 'private.example' },
      { transport: 'grpc', host: 'private.example', port: 443, isPlain: false },
    ],
    [
      { endpoint: 'private.example:8443' },
      { transport: 'grpc', host: 'private.example', port: 8443, isPlain: false },
    ],
    [{ endpoint: 'http://127.0.0.1:9086' }, { transport: 'rest', host: '127.0.0.1', port: 9086, ...plain }],
    [{ endpoint: 'HTTP://127.0.0.1/' }, { transport: 'rest', host: '127.0.0.1', port: 80, ...plain }],
    [
      { endpoint: 'https://private.example' },
      { transport: 'rest', host: 'private.example', port: 443, isPlain: false },
    ],
    [{ endpoint: 'https://127.0.0.1:1' }, { transport: 'rest', host: '127.0.0.1', port: 1, isPlain: false }],
    [
      { endpoint: '127.0.0.1:1', transport: 'rest' },
      { transport: 'rest', host: '127.0.0.1', port: 1, ...plain },
    ],
    [
      { endpoint: 'http://127.0.0.1:1', transport: 'grpc' },
      { transport: 'grpc', host: '127.0.0.1', port: 1, ...plain },
    ],
    [{}, { transport: 'grpc', isPlain: false }],
    [{ transport: 'rest' }, { transport: 'rest', isPlain: false }],
    [
      { location: 'europe-west3' },
      { transport: 'grpc', host: 'secretmanager.europe-west3.rep.googleapis.com', isPlain: false },
    ],
    [
      { location: 'us-east1', transport: 'rest' },
      { transport: 'rest', host: 'secretmanager.us-east1.rep.googleapis.com', isPlain: false },
    ],
    [
      { location: 'us-east1', endpoint: '127.0.0.1:1' },
      { transport: 'grpc', host: '127.0.0.1', port: 1, ...plain },
    ],
  ] as const)('of %j is %j', (options, expected) => {
    expect(endpointOf(options, {})).toEqual(expected)
  })

  it('comes from the environment, behind the option', () => {
    const env = { SECRET_MANAGER_EMULATOR_HOST: 'localhost:9085' }
    const found = { transport: 'grpc', host: 'localhost', port: 9085, isPlain: true }
    expect(endpointOf({}, env)).toEqual(found)
    expect(endpointOf({ location: 'us-east1' }, env)).toEqual(found)
    expect(endpointOf({ transport: 'rest' }, env)).toEqual({ ...found, transport: 'rest' })
    expect(endpointOf({ endpoint: '127.0.0.1:1' }, env)).toMatchObject({ port: 1 })
    expect(endpointOf({}, { SECRET_MANAGER_EMULATOR_HOST: '' })).toEqual({
      transport: 'grpc',
      isPlain: false,
    })
  })

  it('of a region lies in the universe of the environment', () => {
    const env = { GOOGLE_CLOUD_UNIVERSE_DOMAIN: 'example.cloud' }
    expect(endpointOf({ location: 'us-east1' }, env).host).toBe('secretmanager.us-east1.rep.example.cloud')
  })

  it.each([
    ['http://10.0.0.1:9086', 'plain http on 10.0.0.1'],
    ['http://localhost.evil.example', 'plain http'],
    ['ftp://127.0.0.1', 'endpoint must be like'],
    ['', 'endpoint must be'],
    ['127.0.0.1:99999', 'endpoint must be like'],
    ['https://host/path', 'nothing else'],
    ['https://host?x=1', 'nothing else'],
    ['host:1#x', 'nothing else'],
    ['https://me:pw@host', 'user or password'],
    ['me@host:1', 'user or password'],
  ])('%j is refused, and the message says %s', (endpoint, says) => {
    expect(() => endpointOf({ endpoint }, {})).toThrow(says)
  })

  it('of the emulator variable is on loopback', () => {
    for (const host of ['emulator:9085', 'https://127.0.0.1:1']) {
      expect(() => endpointOf({}, { SECRET_MANAGER_EMULATOR_HOST: host })).toThrow(
        'SECRET_MANAGER_EMULATOR_HOST',
      )
    }
  })
})

describe('the URL', () => {
  it.each([
    ['gcp://my-project', ''],
    ['gcp://my-project/prod', 'prod/'],
    ['gcp://my-project/prod/team%20a', 'prod/team a/'],
    ['gcp://my-project/prod?location=europe-west3', 'prod/'],
    ['gcp://my-project?endpoint=http%3A%2F%2F127.0.0.1%3A1', ''],
  ])('%s has the prefix %j', (url, prefix) => {
    expect(fromUrl(new URL(url)).names.prefix).toBe(prefix)
  })

  it.each([
    ['gcp:///prod', 'no project'],
    ['gcp://my-project:1/prod', 'port'],
    ['gcp://my-project#x', 'fragment'],
    ['gcp://my-project?region=x', '"region"'],
    ['gcp://my-project?location=a&location=b', 'twice'],
    ['gcp://my-project/%', '% escape'],
    ['gcp://my-project?location=Nowhere!', 'location'],
    ['gcp://my-project?endpoint=http://10.0.0.1', 'plain http'],
  ])('%s is CONFIG_INVALID, and the message says %s', async (url, says) => {
    const error = await errorOf(openStore(url))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(says)
  })

  it('carries no password', () => {
    expect(() => fromUrl(new URL('gcp://me:hunter2hunter2@my-project'))).toThrow(/^((?!hunter2).)*$/s)
  })

  it('opens a store on an emulator, over gRPC and over REST', async () => {
    const emulator = await gcpEmulator({ seed: { stripe: 'sk_test_1' } })
    closers.push(() => emulator.close())
    for (const url of [emulator.storeUrl, `gcp://emulator-project?endpoint=${restUrlOf(emulator)}`]) {
      const store = await openStore(url)
      expect((await store.get('stripe')).value).toBe('sk_test_1')
      await store.close()
    }
  })
})

describe('the debug switch of Google’s packages', () => {
  it.each(['*', 'all', 'secret-manager', 'x,SECRET-*', 'auth', '*auth*', 'a,,auth', 's*r'])(
    '%s is refused',
    (value) => {
      expect(() => refuseDebugSwitch({ GOOGLE_SDK_NODE_LOGGING: value })).toThrow('GOOGLE_SDK_NODE_LOGGING')
    },
  )

  it.each(['', 'storage', 'secret-manager:sub', 'xauth', 'authx', 'a.th', 'ALL', ','])(
    '%j is not',
    (value) => {
      expect(() => refuseDebugSwitch({ GOOGLE_SDK_NODE_LOGGING: value })).not.toThrow()
    },
  )

  it('is looked at when the provider is made', () => {
    vi.stubEnv('GOOGLE_SDK_NODE_LOGGING', '*')
    expect(() => gcp({ project })).toThrow('GOOGLE_SDK_NODE_LOGGING')
    vi.stubEnv('GOOGLE_SDK_NODE_LOGGING', undefined)
    expect(gcp({ project }).name).toBe('gcp')
  })
})

describe('names', () => {
  const provider = (options: GcpOptions = {}): SecretProvider => gcp({ project, ...options })

  it.each([
    ['prod/db', 'prod-x2f-db'],
    ['Already_fine-1', 'Already_fine-1'],
    ['a.b', 'a-x2e-b'],
  ])('%s is spelled %s', (name, ref) => {
    const { names } = provider()
    expect([names.encode(name), names.decode(ref)]).toEqual([ref, name])
  })

  it('take a house convention', () => {
    const names = {
      encode: (name: string) => name.replaceAll('/', '--'),
      decode: (ref: string) => ref.replaceAll('--', '/'),
    }
    expect(provider({ names }).names.encode('prod/db')).toBe('prod--db')
  })

  it.each([
    [{}, 'projects/my-project/secrets/db', 'db'],
    [{}, 'db', 'db'],
    [{}, 'projects/123456789012/secrets/db', 'projects/123456789012/secrets/db'],
    [{ location: 'us-east1' }, 'projects/my-project/locations/us-east1/secrets/db', 'db'],
  ] as const)('with %j, an { id } %s is %s', (options, id, canonical) => {
    expect(provider(options).names.refOfId(id)).toBe(canonical)
  })

  it.each([
    [{}, 'projects/p/secrets/db/versions/1'],
    [{}, 'projects/p/secrets/'],
    [{}, 'projects/p/secrets/a b'],
    [{}, 'projects/p'],
    [{}, 'a/b'],
    [{}, 'a.b'],
    [{}, `projects/p/secrets/${'a'.repeat(256)}`],
    [{}, 'projects/p/locations/us-east1/secrets/db'],
    [{ location: 'us-east1' }, 'projects/p/secrets/db'],
    [{ location: 'us-east1' }, 'projects/p/locations/us-west1/secrets/db'],
  ] as const)('with %j, %s is no { id }: INVALID_NAME, and nothing is sent', async (options, id) => {
    const stub = stubClient({ accessSecretVersion: () => undefined })
    const store = createStore({ provider: provider({ ...options, client: stub.client }), layers: [] })
    expect((await errorOf(store.get({ id }))).code).toBe('INVALID_NAME')
    expect(stub.seen).toEqual([])
  })
})

describe('the client', () => {
  it('sends each request once, over either transport, whatever the service answers', async () => {
    const { emulator, open, close } = await openBench()
    closers.push(close)
    const stores = [
      open(),
      open({ endpoint: restUrlOf(emulator) }),
      open({ client: readyMade(emulator, 'grpc') }),
      open({ client: readyMade(emulator, 'rest') }),
    ]
    for (const error of ['UNAVAILABLE', 'RESOURCE_EXHAUSTED']) {
      emulator.faults.add({ operation: '*', error })
      for (const store of stores) {
        const calls = [store.get('db'), store.put('db', 'x'), store.describe('db'), collect(store.list())]
        for (const call of calls.map(errorOf)) expect((await call).retryable).toBe(true)
      }
      emulator.faults.clear()
    }
    expect(emulator.calls).toEqual({
      AccessSecretVersion: 8,
      AddSecretVersion: 8,
      GetSecret: 8,
      ListSecrets: 8,
    })
  })

  it('shows its credential to the service, over REST as over gRPC, and asks anew for every request', async () => {
    const stub = await openRestStub(() => ({ status: 404, body: { error: { status: 'NOT_FOUND' } } }))
    closers.push(stub.close)
    let count = 0
    const getRequestHeaders = async (): Promise<Headers> => {
      count += 1
      return new Headers({ authorization: `Bearer token-${count}`, 'x-goog-user-project': 'billing' })
    }
    const store = createStore({
      provider: gcp({ project, endpoint: stub.url, credential: { getRequestHeaders } }),
      layers: [],
    })
    for (const name of ['a', 'b']) await errorOf(store.get(name))
    expect(stub.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ])
    expect(stub.requests[0]?.headers['x-goog-user-project']).toBe('billing')
    expect(stub.requests[0]?.headers['x-goog-request-params']).toBe(
      'name=projects%2Fmy-project%2Fsecrets%2Fa%2Fversions%2Flatest',
    )
  })

  it('shows its credential to the service in plain text too, where it was given', async () => {
    const emulator = await gcpEmulator({ tokens: { required: true } })
    closers.push(() => emulator.close())
    const getRequestHeaders = async (): Promise<Headers> => new Headers({ authorization: 'Bearer a-token' })
    for (const endpoint of [emulator.url, restUrlOf(emulator)]) {
      const anonymous = createStore({ provider: gcp({ project, endpoint }), layers: [] })
      expect((await errorOf(anonymous.get('db'))).code).toBe('UNAUTHENTICATED')
      const known = createStore({
        provider: gcp({ project, endpoint, credential: { getRequestHeaders } }),
        layers: [],
      })
      expect((await errorOf(known.get('db'))).code).toBe('NOT_FOUND')
      closers.push(anonymous.close, known.close)
    }
  })

  it('sends no ambient credential to loopback', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '/nowhere/key.json')
    const stub = await openRestStub(() => ({ status: 404, body: { error: { status: 'NOT_FOUND' } } }))
    closers.push(stub.close)
    const store = createStore({ provider: gcp({ project, endpoint: stub.url }), layers: [] })
    expect((await errorOf(store.get('db'))).code).toBe('NOT_FOUND')
    expect(stub.requests[0]?.headers.authorization).toBeUndefined()
  })

  it.each([
    ['refuses', new Error('invalid_grant: hunter2hunter2'), 'UNAUTHENTICATED'],
    ['refuses over HTTP', Object.assign(new Error('x'), { response: { status: 400 } }), 'UNAUTHENTICATED'],
    ['is down', Object.assign(new Error('x'), { response: { status: 503 } }), 'UNAVAILABLE'],
    ['is throttled', Object.assign(new Error('x'), { status: 429 }), 'RATE_LIMITED'],
    ['is not there', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'UNAVAILABLE'],
    [
      'has no name',
      new Error('x', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) }),
      'UNAVAILABLE',
    ],
    ['has a code of its own', Object.assign(new Error('x'), { code: 'NO_TOKEN' }), 'UNAUTHENTICATED'],
  ] as const)('whose token server %s: nothing was sent', async (_, reason, code) => {
    const emulator = await gcpEmulator()
    closers.push(() => emulator.close())
    const credential = { getRequestHeaders: () => Promise.reject(reason) }
    const rest = createStore({
      provider: gcp({ project, endpoint: restUrlOf(emulator), credential }),
      layers: [],
    })
    const error = await errorOf(rest.put('db', 'x'))
    expect(error).toMatchObject({ code, outcomeUnknown: false })
    expect(error.message).not.toContain('hunter2')
    expect(emulator.calls).toEqual({})
  })

  it('is made anew after it could not be made ready', async () => {
    const { client } = stubClient({ accessSecretVersion: () => undefined })
    let tries = 0
    const initialize = async (): Promise<object> => {
      tries += 1
      if (tries === 1) throw new Error('Could not load the default credentials. Browse to https://…')
      return {}
    }
    const store = createStore({ provider: gcp({ project, client: { ...client, initialize } }), layers: [] })
    expect((await errorOf(store.get('db'))).code).toBe('UNAUTHENTICATED')
    expect((await errorOf(store.get('db'))).code).toBe('UNAVAILABLE')
    await errorOf(store.get('db'))
    expect(tries).toBe(2)
  })

  it.each([
    ['The configured universe domain (a) does not match the universe domain found', 'CONFIG_INVALID'],
    ['No authentication was provided', 'UNAUTHENTICATED'],
    ['something else', 'UNAVAILABLE'],
  ])('that is not made ready by %j is %s', async (message, code) => {
    const { client } = stubClient({})
    const initialize = (): Promise<never> => Promise.reject(new Error(message))
    const store = createStore({ provider: gcp({ project, client: { ...client, initialize } }), layers: [] })
    expect(await errorOf(store.get('db'))).toMatchObject({ code })
  })

  it('that lacks a call is CONFIG_INVALID', async () => {
    const store = createStore({ provider: gcp({ project, client: stubClient({}).client }), layers: [] })
    expect(await errorOf(store.get('db'))).toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('of a user stays open; our own is closed with the store, and one that was never needed is not made', async () => {
    const close = vi.fn(async () => {})
    const { client } = stubClient({ accessSecretVersion: () => undefined })
    const theirs = createStore({ provider: gcp({ project, client: { ...client, close } }), layers: [] })
    await errorOf(theirs.get('db'))
    await theirs.close()
    expect(close).not.toHaveBeenCalled()
    const ours = vi.spyOn(SecretManagerServiceClient.prototype, 'close')
    await createStore({ provider: gcp({ project }), layers: [] }).close()
    expect(ours).not.toHaveBeenCalled()
    const { store, close: end } = await openBench()
    await store.put('db', 'x')
    await end()
    expect(ours).toHaveBeenCalledTimes(1)
    ours.mockRestore()
  })
})
