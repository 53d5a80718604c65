import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { bench, collect, errorBody, failure, stub, stubStore } from './support.js'

const key = 'deploy-2026-01-01-0123456789abcdef'

describe('put', () => {
  test('one request for a secret that exists, two for a new one', async () => {
    const { store, counted } = await bench()
    expect(await counted(() => store.put('db', 'one'))).toEqual({ PutSecretValue: 1, CreateSecret: 1 })
    expect(await counted(() => store.put('db', 'two'))).toEqual({ PutSecretValue: 1 })
    expect((await store.get('db')).value).toBe('two')
  })

  test('creates with the settings of the factory; the tags of the put count more', async () => {
    const server = await stub(({ operation }) =>
      operation === 'PutSecretValue'
        ? { status: 400, body: errorBody('ResourceNotFoundException', 'nothing here') }
        : {},
    )
    const create = { kmsKeyId: 'alias/k', description: 'of team a', tags: { team: 'a', tier: '1' } }
    const { version } = await stubStore(server, { create }).put('db', 'one', { tags: { tier: '2' } })
    expect(server.requests[1]).toMatchObject({
      operation: 'CreateSecret',
      body: {
        Name: 'db',
        ClientRequestToken: version,
        SecretString: 'one',
        KmsKeyId: 'alias/k',
        Description: 'of team a',
        Tags: [
          { Key: 'team', Value: 'a' },
          { Key: 'tier', Value: '2' },
        ],
      },
    })
  })

  test('bytes go into SecretBinary alone, text into SecretString alone', async () => {
    const server = await stub(() => ({}))
    const store = stubStore(server)
    await store.put('db', new Uint8Array([1, 2]))
    await store.put('db', { a: 1 })
    expect(server.requests.map(({ body }) => [body.SecretBinary, body.SecretString])).toEqual([
      ['AQI=', undefined],
      [undefined, '{"a":1}'],
    ])
  })

  test('the rotation token of a native rotation is passed on', async () => {
    const server = await stub(() => ({}))
    const rotationToken = 'r'.repeat(36)
    await stubStore(server).put('db', 'one', { rotationToken })
    expect(server.requests[0]?.body).toMatchObject({ RotationToken: rotationToken })
  })

  test('a name that another writer creates meanwhile gets its version all the same', async () => {
    let puts = 0
    const server = await stub(({ operation }) => {
      if (operation === 'CreateSecret') return { status: 400, body: errorBody('ResourceExistsException', '') }
      puts += 1
      return puts === 1 ? { status: 400, body: errorBody('ResourceNotFoundException', '') } : {}
    })
    await stubStore(server).put('db', 'one')
    expect(server.operations()).toEqual(['PutSecretValue', 'CreateSecret', 'PutSecretValue'])
  })

  test('an ARN that leads nowhere is not created', async () => {
    const { store, counted } = await bench()
    const id = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf'
    const calls = await counted(async () => {
      expect(await failure(store.put({ id }, 'one'))).toMatchObject({ code: 'NOT_FOUND' })
    })
    expect(calls).toEqual({ PutSecretValue: 1 })
  })

  test('refuses before the wire what AWS does not hold', async () => {
    const { store, counted } = await bench()
    const calls = await counted(async () => {
      expect(await failure(store.put('db', ''))).toMatchObject({ code: 'INVALID_VALUE' })
      expect(await failure(store.put('db', 'x'.repeat(65_537)))).toMatchObject({ code: 'TOO_LARGE' })
      expect(await failure(store.put('db', 'é'.repeat(32_769)))).toMatchObject({ code: 'TOO_LARGE' })
      expect(await failure(store.put('db', 'x', { tags: { 'aws:x': '1' } }))).toMatchObject({
        code: 'INVALID_VALUE',
      })
      expect(await failure(store.put('db', 'x', { expiresAt: new Date() }))).toMatchObject({
        code: 'UNSUPPORTED',
      })
    })
    expect(calls).toEqual({})
    await store.put('db', 'x'.repeat(65_536))
  })
})

describe('idempotency', () => {
  test('a key that AWS takes is the version id; another one is hashed', async () => {
    const { store } = await bench()
    expect(await store.put('db', 'one', { idempotencyKey: key })).toEqual({ version: key })
    const hashed = createHash('sha256').update('short').digest('hex')
    expect(await store.put('db', 'two', { idempotencyKey: 'short' })).toEqual({ version: hashed })
  })

  test('same key and value is the same version, also where the first answer was lost', async () => {
    const { store, emulator } = await bench()
    emulator.faults.add({ operation: 'CreateSecret', drop: 'after', times: 1 })
    const lost = await failure(store.put('db', 'one', { idempotencyKey: key }))
    expect(lost).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: true })
    expect(await store.put('db', 'one', { idempotencyKey: key })).toEqual({ version: key })
    await store.put('db', 'two')
    expect(await store.put('db', 'one', { idempotencyKey: key })).toEqual({ version: key })
    expect((await store.get('db')).value).toBe('two')
    expect(await collect(store.versions('db'))).toHaveLength(2)
  })

  test.each([{}, { ifAbsent: true }])('same key and another value is ALREADY_EXISTS %o', async (options) => {
    const { store } = await bench()
    await store.put('db', 'one', { idempotencyKey: key, ...options })
    const error = await failure(store.put('db', 'two', { idempotencyKey: key, ...options }))
    expect(error).toMatchObject({ code: 'ALREADY_EXISTS', version: key })
  })

  test('without a key every put has a token of its own, which the SDK did not choose', async () => {
    const server = await stub(() => ({}))
    const store = stubStore(server)
    const versions = [await store.put('db', 'one'), await store.put('db', 'one')]
    expect(versions.map(({ version }) => version)).toEqual(
      server.requests.map(({ body }) => body.ClientRequestToken),
    )
    expect(new Set(versions.map(({ version }) => version)).size).toBe(2)
  })
})

describe('tags', () => {
  test('a plain put keeps them; given ones replace them', async () => {
    const { store } = await bench()
    await store.put('db', 'one', { tags: { a: '1', b: '2' } })
    await store.put('db', 'two')
    expect((await store.describe('db')).tags).toEqual({ a: '1', b: '2' })
    await store.put('db', 'three', { tags: { b: '3', c: '' } })
    expect((await store.describe('db')).tags).toEqual({ b: '3', c: '' })
    await store.put('db', 'four', { tags: {} })
    expect((await store.describe('db')).tags).toEqual({})
  })

  test('replacing leaves the tags of the factory and those of AWS', async () => {
    const server = await stub(({ operation }) =>
      operation === 'DescribeSecret'
        ? {
            body: {
              ARN: 'arn',
              Tags: ['team', 'old', 'aws:cloudformation:stack-name'].map((Key) => ({ Key })),
            },
          }
        : {},
    )
    await stubStore(server, { create: { tags: { team: 'a' } } }).put('db', 'v', { tags: { new: '1' } })
    expect(server.requests.slice(2).map(({ operation, body }) => [operation, body])).toEqual([
      ['UntagResource', { SecretId: 'db', TagKeys: ['old'] }],
      ['TagResource', { SecretId: 'db', Tags: [{ Key: 'new', Value: '1' }] }],
    ])
  })

  test('a failure after the value was stored says that the outcome is unknown', async () => {
    const { store, emulator } = await bench()
    await store.put('db', 'one')
    emulator.faults.add({ operation: 'TagResource', error: 'ThrottlingException', times: 1 })
    const error = await failure(store.put('db', 'two', { tags: { a: '1' } }))
    expect(error).toMatchObject({ code: 'RATE_LIMITED', outcomeUnknown: true })
    expect((await store.get('db')).value).toBe('two')
  })
})

describe('the trash', () => {
  test('a put to a deleted name fails unless it may restore', async () => {
    const { store } = await bench()
    await store.put('db', 'one')
    await store.delete('db')
    expect(await failure(store.put('db', 'two'))).toMatchObject({ code: 'PENDING_DELETION' })
    expect(await failure(store.put('db', 'two', { ifAbsent: true }))).toMatchObject({
      code: 'PENDING_DELETION',
    })
    await store.put('db', 'two', { onDeleted: 'restore' })
    expect((await store.get('db')).value).toBe('two')
    expect((await store.get('db', { stage: 'previous' })).value).toBe('one')
  })

  test('a put that is refused does not restore', async () => {
    const { store } = await bench()
    const { version } = await store.put('db', 'one')
    await store.delete('db')
    const restore = { onDeleted: 'restore' } as const
    expect(await failure(store.put('db', 'two', { ...restore, ifAbsent: true }))).toMatchObject({
      code: 'ALREADY_EXISTS',
      version,
    })
    expect(await failure(store.put('db', 'two', { ...restore, ifVersion: 'other' }))).toMatchObject({
      code: 'CONFLICT',
      version,
    })
    expect((await store.describe('db')).state).toBe('deleted')
    await store.put('db', 'two', { ...restore, ifVersion: version })
    expect((await store.get('db')).value).toBe('two')
  })
})
