import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { collect, errorOf, openBench } from './kit.js'
import { grpcError, notFound, type Seen, secret, stale, storeOn, stubClient, version } from './stub.js'

const name = 'projects/my-project/secrets/db'
const exists = (): Error => grpcError(6, 'Secret [projects/1/secrets/db] already exists.')
const times = (count: number, first: () => unknown, then: () => unknown) => (_: unknown, index: number) =>
  index < count ? first() : then()

function requestOf(seen: readonly Seen[], method: string): Seen['request'] {
  return seen.find((each) => each.method === method)?.request
}

describe('a plain put', () => {
  it('of a secret that exists is one request', async () => {
    const stub = stubClient({ addSecretVersion: () => version(4) })
    expect(await storeOn(stub).put('db', 'x')).toEqual({ version: '4' })
    expect(stub.methods()).toEqual(['addSecretVersion'])
  })

  it('of a new name is three: the secret is created with its tags, and gets its version', async () => {
    const stub = stubClient({
      addSecretVersion: times(1, notFound, () => version(1)),
      createSecret: () => secret(),
    })
    const store = storeOn(stub, { create: { labels: { team: 'red', tier: '1' } } })
    expect(await store.put('db', 'x', { tags: { team: 'blue' } })).toEqual({ version: '1' })
    expect(stub.methods()).toEqual(['addSecretVersion', 'createSecret', 'addSecretVersion'])
    expect(requestOf(stub.seen, 'createSecret')).toEqual({
      parent: 'projects/my-project',
      secretId: 'db',
      secret: { replication: { automatic: {} }, labels: { team: 'blue', tier: '1' } },
    })
  })

  it('meets another who creates the secret first, and adds to it', async () => {
    const stub = stubClient({ addSecretVersion: times(1, notFound, () => version(2)), createSecret: exists })
    expect(await storeOn(stub).put('db', 'x')).toEqual({ version: '2' })
    expect(stub.methods()).toEqual(['addSecretVersion', 'createSecret', 'addSecretVersion'])
  })

  it('waits for a secret that it has created and that is not known yet, and creates no second', async () => {
    const stub = stubClient({
      addSecretVersion: times(4, notFound, () => version(1)),
      createSecret: () => secret(),
    })
    expect(await storeOn(stub).put('db', 'x')).toEqual({ version: '1' })
    expect(stub.methods().filter((method) => method === 'createSecret')).toHaveLength(1)
  })

  it('gives up on one that does not turn up, and says what is left', async () => {
    const stub = stubClient({ addSecretVersion: notFound, createSecret: () => secret() })
    const error = await errorOf(storeOn(stub).put('db', 'x'))
    expect(error).toMatchObject({ code: 'NOT_FOUND', outcomeUnknown: true })
    expect(stub.methods().filter((method) => method === 'addSecretVersion')).toHaveLength(6)
  })

  it.each([
    [
      grpcError(8, 'quota', {
        reason: 'RATE_LIMIT_EXCEEDED',
        statusDetails: [{ retryDelay: { seconds: 1 } }],
      }),
      'RATE_LIMITED',
      'RATE_LIMIT_EXCEEDED',
      429,
      1000,
    ],
    [grpcError(7, 'no'), 'PERMISSION_DENIED', 'PERMISSION_DENIED', 403, undefined],
    [grpcError(14, 'down'), 'UNAVAILABLE', 'UNAVAILABLE', 503, undefined],
    [Object.assign(new Error(''), { code: 'ECONNRESET' }), 'UNAVAILABLE', 'ECONNRESET', undefined, undefined],
  ] as const)(
    'that leaves an empty secret behind says so: %#',
    async (error, code, providerCode, status, retryAfterMs) => {
      const stub = stubClient({
        addSecretVersion: times(1, notFound, () => error),
        createSecret: () => secret(),
      })
      const failed = await errorOf(storeOn(stub).put('db', 'x'))
      expect(failed).toMatchObject({ code, providerCode, outcomeUnknown: true })
      expect(failed.retryAfterMs).toBe(retryAfterMs)
      expect(failed.cause?.status).toBe(status)
      expect(failed.message).toContain(
        `the secret db was created, and storing its first version failed (${providerCode})`,
      )
      expect(failed.message).toContain('put again, or delete it with purge')
      expect(stub.methods()).toEqual(['addSecretVersion', 'createSecret', 'addSecretVersion'])
    },
  )

  it('does not delete what it left, and the next put fills it', async () => {
    const { emulator, store, close } = await openBench()
    emulator.faults.add({ operation: 'AddSecretVersion', error: 'NOT_FOUND', times: 1 })
    emulator.faults.add({ operation: 'AddSecretVersion', error: 'PERMISSION_DENIED', times: 1 })
    expect((await errorOf(store.put('db', 'x'))).code).toBe('PERMISSION_DENIED')
    expect((await errorOf(store.get('db'))).code).toBe('NOT_FOUND')
    expect(await collect(store.versions('db'))).toEqual([])
    expect(await store.put('db', 'y')).toEqual({ version: '1' })
    await close()
  })

  it('that is refused by the service has left nothing in doubt', async () => {
    const stub = stubClient({ addSecretVersion: () => grpcError(7, 'no') })
    expect(await errorOf(storeOn(stub).put('db', 'x'))).toMatchObject({ outcomeUnknown: false })
  })

  it('of which the service names no version is UNAVAILABLE, and in doubt', async () => {
    const stub = stubClient({ addSecretVersion: () => ({}) })
    expect(await errorOf(storeOn(stub).put('db', 'x'))).toMatchObject({
      code: 'UNAVAILABLE',
      outcomeUnknown: true,
    })
  })

  it('stops between two requests when it is aborted', async () => {
    const controller = new AbortController()
    const stub = stubClient({
      addSecretVersion: () => {
        controller.abort()
        return notFound()
      },
      createSecret: () => secret(),
    })
    const error = await errorOf(storeOn(stub).put('db', 'x', { signal: controller.signal }))
    expect(error.code).toBe('ABORTED')
    expect(stub.methods()).toEqual(['addSecretVersion'])
  })
})

describe('tags of a put', () => {
  it('replace those of a secret that exists, in a second request', async () => {
    const stub = stubClient({ addSecretVersion: () => version(2), updateSecret: () => secret() })
    await storeOn(stub, { create: { labels: { never: 'again' } } }).put('db', 'x', { tags: { team: 'red' } })
    expect(requestOf(stub.seen, 'updateSecret')).toEqual({
      secret: { name, labels: { team: 'red' } },
      updateMask: { paths: ['labels'] },
    })
    expect(stub.seen[1]?.options).toMatchObject({
      otherArgs: { headers: { 'x-goog-request-params': `secret.name=${encodeURIComponent(name)}` } },
    })
  })

  it('that fail leave the version stored, and the outcome unknown', async () => {
    const stub = stubClient({ addSecretVersion: () => version(2), updateSecret: () => grpcError(7, 'no') })
    const error = await errorOf(storeOn(stub).put('db', 'x', { tags: { team: 'red' } }))
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', outcomeUnknown: true })
  })

  it.each([
    [{ Team: 'red' }],
    [{ team: 'Red' }],
    [{ '1st': 'x' }],
    [{ 'a b': 'x' }],
    [{ a: 'x.y' }],
    [{ ['秘'.repeat(43)]: 'x' }],
    [{ a: '秘'.repeat(43) }],
  ])('that labels do not hold are INVALID_VALUE, and nothing is sent: %j', async (tags) => {
    const stub = stubClient({ addSecretVersion: () => version(1), getSecret: () => secret() })
    const calls = [
      () => storeOn(stub).put('db', 'x', { tags }),
      () => storeOn(stub, { currentAlias: 'c' }).put('db', 'x', { tags }),
      () => storeOn(stub).tag('db', { set: tags }),
    ]
    for (const call of calls) {
      expect((await errorOf(call())).code).toBe('INVALID_VALUE')
    }
    expect(stub.seen).toEqual([])
  })

  it.each([[{ ü: 'é' }], [{ a_b: '' }], [{ 秘密: '1' }], [{ ['秘'.repeat(42)]: '秘'.repeat(42) }]])(
    'of any script that has no case are held: %j',
    async (tags) => {
      const { store, close } = await openBench()
      await store.put('db', 'x', { tags })
      expect((await store.describe('db')).tags).toEqual(tags)
      await close()
    },
  )
})

describe('ifVersion', () => {
  it('is a look at latest before the version is added', async () => {
    const stub = stubClient({
      getSecretVersion: () => version(3, 'DISABLED'),
      addSecretVersion: () => version(4),
    })
    expect(await storeOn(stub).put('db', 'x', { ifVersion: '3' })).toEqual({ version: '4' })
    expect(stub.methods()).toEqual(['getSecretVersion', 'addSecretVersion'])
    expect(stub.seen[0]?.request).toEqual({ name: `${name}/versions/latest` })
  })

  it.each([
    ['another', () => version(3), '3'],
    ['none', notFound, undefined],
  ])('that finds %s is CONFLICT, and adds nothing', async (_, latest, current) => {
    const stub = stubClient({ getSecretVersion: latest, addSecretVersion: () => version(4) })
    const error = await errorOf(storeOn(stub).put('db', 'x', { ifVersion: '2' }))
    expect(error).toMatchObject({ code: 'CONFLICT', outcomeUnknown: false })
    expect(error.version).toBe(current)
    expect(error.message).toContain(current === undefined ? 'no version is current' : 'version 3 is current')
    expect(stub.methods()).toEqual(['getSecretVersion'])
  })

  it('that cannot look has written nothing', async () => {
    const stub = stubClient({ getSecretVersion: () => grpcError(14, 'down') })
    expect(await errorOf(storeOn(stub).put('db', 'x', { ifVersion: '2' }))).toMatchObject({
      code: 'UNAVAILABLE',
      outcomeUnknown: false,
    })
  })

  it('creates no secret', async () => {
    const stub = stubClient({
      getSecretVersion: () => version(3),
      addSecretVersion: notFound,
      createSecret: () => secret(),
    })
    expect((await errorOf(storeOn(stub).put('db', 'x', { ifVersion: '3' }))).code).toBe('NOT_FOUND')
    expect(stub.methods()).toEqual(['getSecretVersion', 'addSecretVersion'])
  })
})

describe('ifAbsent', () => {
  it('creates the secret first', async () => {
    const stub = stubClient({ createSecret: () => secret(), addSecretVersion: () => version(1) })
    expect(await storeOn(stub).put('db', 'x', { ifAbsent: true })).toEqual({ version: '1' })
    expect(stub.methods()).toEqual(['createSecret', 'addSecretVersion'])
  })

  it('fills a secret that has no version', async () => {
    const stub = stubClient({
      createSecret: exists,
      getSecretVersion: notFound,
      addSecretVersion: () => version(1),
      updateSecret: () => secret(),
    })
    const tags = { team: 'red' }
    expect(await storeOn(stub).put('db', 'x', { ifAbsent: true, tags })).toEqual({ version: '1' })
    expect(stub.methods()).toEqual(['createSecret', 'getSecretVersion', 'addSecretVersion', 'updateSecret'])
  })

  it('is ALREADY_EXISTS with the version that is there, also when it is destroyed', async () => {
    const stub = stubClient({ createSecret: exists, getSecretVersion: () => version(3, 'DESTROYED') })
    const error = await errorOf(storeOn(stub).put('db', 'x', { ifAbsent: true }))
    expect(error).toMatchObject({ code: 'ALREADY_EXISTS', version: '3', outcomeUnknown: false })
  })
})

describe('a new secret', () => {
  const created = async (options: Parameters<typeof storeOn>[1]): Promise<Seen['request']> => {
    const stub = stubClient({ createSecret: () => secret(), addSecretVersion: () => version(1) })
    await storeOn(stub, options).put('db', 'x', { ifAbsent: true })
    return requestOf(stub.seen, 'createSecret')
  }
  const key = 'projects/p/locations/global/keyRings/r/cryptoKeys/k'

  it('lies in the region of the store, under its key', async () => {
    expect(await created({ location: 'europe-west3', create: { kmsKeyName: key } })).toEqual({
      parent: 'projects/my-project/locations/europe-west3',
      secretId: 'db',
      secret: { customerManagedEncryption: { kmsKeyName: key }, labels: {} },
    })
  })

  it('has what the options say', async () => {
    const create = {
      kmsKeyName: key,
      labels: { team: 'red' },
      annotations: { owner: 'Ann' },
      topics: ['projects/p/topics/t'],
      ttlMs: 90_500,
      versionDestroyTtlMs: 86_400_000,
    }
    expect((await created({ create })).secret).toEqual({
      replication: { automatic: { customerManagedEncryption: { kmsKeyName: key } } },
      labels: { team: 'red' },
      annotations: { owner: 'Ann' },
      topics: [{ name: 'projects/p/topics/t' }],
      ttl: { seconds: 91 },
      versionDestroyTtl: { seconds: 86_400 },
    })
  })

  it('is kept where the options say', async () => {
    const replicas = ['us-east1', { location: 'us-west1', kmsKeyName: 'k' }]
    expect((await created({ create: { replicas } })).secret.replication).toEqual({
      userManaged: {
        replicas: [
          { location: 'us-east1' },
          { location: 'us-west1', customerManagedEncryption: { kmsKeyName: 'k' } },
        ],
      },
    })
  })

  it('of another project is created there, by its whole name', async () => {
    const stub = stubClient({ createSecret: () => secret(), addSecretVersion: () => version(1) })
    await storeOn(stub).put({ id: 'projects/other/secrets/db' }, 'x', { ifAbsent: true })
    expect(requestOf(stub.seen, 'createSecret')).toMatchObject({ parent: 'projects/other', secretId: 'db' })
    expect(requestOf(stub.seen, 'addSecretVersion')).toMatchObject({ parent: 'projects/other/secrets/db' })
  })
})

describe('tag', () => {
  it('is a compare-and-set of the whole map: what others set meanwhile stays', async () => {
    const states = [
      secret({ labels: { a: '1', b: '2' }, etag: '"1"' }),
      secret({ labels: { a: '1', b: '2', c: '3' }, etag: '"2"' }),
    ]
    const stub = stubClient({
      getSecret: (_, index) => states[index],
      updateSecret: times(1, stale, () => secret()),
    })
    await storeOn(stub).tag('db', { set: { a: '9' }, remove: ['b', 'none'] })
    expect(stub.methods()).toEqual(['getSecret', 'updateSecret', 'getSecret', 'updateSecret'])
    expect(stub.seen[1]?.request).toEqual({
      secret: { name, etag: '"1"', labels: { a: '9' } },
      updateMask: { paths: ['labels'] },
    })
    expect(stub.seen[3]?.request.secret).toEqual({ name, etag: '"2"', labels: { a: '9', c: '3' } })
  })

  it.each([
    [3, 'INVALID_VALUE'],
    [2, 'UNKNOWN'],
    [7, 'PERMISSION_DENIED'],
  ])('that is refused with status %i is not tried again', async (status, code) => {
    const stub = stubClient({ getSecret: () => secret(), updateSecret: () => grpcError(status, 'no') })
    expect((await errorOf(storeOn(stub).tag('db', { set: { a: '1' } }))).code).toBe(code)
    expect(stub.methods()).toEqual(['getSecret', 'updateSecret'])
  })

  it('that loses every turn is CONFLICT', async () => {
    const stub = stubClient({ getSecret: () => secret(), updateSecret: stale })
    const error = await errorOf(storeOn(stub).tag('db', { set: { a: '1' } }))
    expect(error).toMatchObject({ code: 'CONFLICT', outcomeUnknown: false })
    expect(stub.methods()).toHaveLength(128)
  })

  it.each([
    ['read', { getSecret: () => grpcError(14, 'down') }, false],
    ['read that makes no sense', { getSecret: () => secret({ etag: '' }) }, false],
    ['write', { getSecret: () => secret(), updateSecret: () => grpcError(14, 'down') }, true],
  ])('is in doubt only after a failed write: a failed %s', async (_, answers, outcomeUnknown) => {
    const error = await errorOf(storeOn(stubClient(answers)).tag('db', { set: { a: '1' } }))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown })
  })
})

describe('a call that is aborted', () => {
  it('ends at once, and cancels the request', async () => {
    const controller = new AbortController()
    const stub = stubClient({ addSecretVersion: () => new Promise(() => {}) })
    const failed = errorOf(storeOn(stub).put('db', 'x', { signal: controller.signal }))
    await turn()
    controller.abort()
    expect(await failed).toMatchObject({ code: 'ABORTED', outcomeUnknown: true })
    expect(stub.cancelled()).toBe(1)
  })

  it('ends while the client is not ready', async () => {
    const controller = new AbortController()
    const stub = stubClient({ accessSecretVersion: () => new Promise(() => {}) })
    const client = { ...stub.client, initialize: () => new Promise<never>(() => {}) }
    const failed = errorOf(storeOn({ ...stub, client }).get('db', { signal: controller.signal }))
    await turn()
    controller.abort()
    expect((await failed).code).toBe('ABORTED')
    expect(stub.seen).toEqual([])
  })
})
