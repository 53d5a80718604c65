import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { bench, collect, createEmpty, errorBody, failure, stub, stubStore } from './support.js'

const key = 'deploy-2026-01-01-0123456789abcdef'

describe('put with ifVersion', () => {
  test('carries the value in under its own label, then moves AWSCURRENT from that version', async () => {
    const server = await stub(({ operation }) =>
      operation === 'DescribeSecret'
        ? { body: { ARN: 'arn', VersionIdsToStages: { v1: ['AWSCURRENT'] } } }
        : {},
    )
    const { version } = await stubStore(server).put('db', 'two', { ifVersion: 'v1' })
    expect(server.requests.map(({ operation, body }) => [operation, body])).toEqual([
      ['DescribeSecret', { SecretId: 'db' }],
      [
        'PutSecretValue',
        {
          SecretId: 'db',
          ClientRequestToken: version,
          SecretString: 'two',
          VersionStages: ['strongroom-incoming'],
        },
      ],
      [
        'UpdateSecretVersionStage',
        { SecretId: 'db', VersionStage: 'AWSCURRENT', MoveToVersionId: version, RemoveFromVersionId: 'v1' },
      ],
    ])
  })

  test('a version that is not current is CONFLICT, and nothing is stored', async () => {
    const { store, counted } = await bench()
    const { version } = await store.put('db', 'one')
    const { version: second } = await store.put('db', 'two', { ifVersion: version })
    const calls = await counted(async () => {
      const error = await failure(store.put('db', 'three', { ifVersion: version }))
      expect(error).toMatchObject({ code: 'CONFLICT', version: second, retryable: false })
      expect(await failure(store.put('nothing', 'x', { ifVersion: version }))).toMatchObject({
        code: 'CONFLICT',
      })
    })
    expect(calls).toEqual({ DescribeSecret: 2 })
    expect(await collect(store.versions('db'))).toHaveLength(2)
  })

  test('of many writers on one version exactly one wins, and its value stays', async () => {
    const { store, open } = await bench()
    const { version } = await store.put('db', 'start')
    const writers = Array.from({ length: 20 }, (_, index) =>
      open().put('db', `writer ${index}`, { ifVersion: version }),
    )
    const settled = await Promise.allSettled(writers)
    const won = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value.version] : []))
    const lost = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
    expect(won).toHaveLength(1)
    expect(lost).toEqual(Array.from({ length: 19 }, () => 'CONFLICT'))
    expect((await store.get('db')).version).toBe(won[0])
    expect((await store.get('db', { stage: 'previous' })).version).toBe(version)
  })

  test.each(['PutSecretValue', 'UpdateSecretVersionStage'])(
    'repeated after a lost answer of %s',
    async (operation) => {
      const { store, emulator } = await bench()
      const { version } = await store.put('db', 'one')
      emulator.faults.add({ operation, drop: 'after', times: 1 })
      const put = (): Promise<{ version: string }> =>
        store.put('db', 'two', { ifVersion: version, idempotencyKey: key })
      expect(await failure(put())).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: true })
      expect(await put()).toEqual({ version: key })
      expect((await store.get('db')).version).toBe(key)
      await store.put('db', 'three')
      expect(await put()).toEqual({ version: key })
      expect((await store.get('db')).value).toBe('three')
    },
  )

  test('the reason of a refused move is kept where the fence does not explain it', async () => {
    const server = await stub(({ operation }) => {
      if (operation === 'UpdateSecretVersionStage') {
        return { status: 400, body: errorBody('InvalidParameterException', 'some other rule') }
      }
      return { body: { ARN: 'arn', VersionIdsToStages: { v1: ['AWSCURRENT'] } } }
    })
    const error = await failure(stubStore(server).put('db', 'two, long enough', { ifVersion: 'v1' }))
    expect(error).toMatchObject({ code: 'INVALID_VALUE', providerCode: 'InvalidParameterException' })
    expect(error.message).toContain('some other rule')
  })
})

describe('put with ifAbsent', () => {
  test('is one CreateSecret', async () => {
    const { store, counted } = await bench()
    expect(await counted(() => store.put('db', 'one', { ifAbsent: true }))).toEqual({ CreateSecret: 1 })
    const { version } = await store.get('db')
    expect(await failure(store.put('db', 'two', { ifAbsent: true }))).toMatchObject({
      code: 'ALREADY_EXISTS',
      version,
    })
    expect((await store.get('db')).value).toBe('one')
  })

  test('may be repeated with its key', async () => {
    const { store } = await bench()
    const put = (): Promise<{ version: string }> =>
      store.put('db', 'one', { ifAbsent: true, idempotencyKey: key })
    await put()
    expect(await put()).toEqual({ version: key })
    await store.put('db', 'two')
    expect(await put()).toEqual({ version: key })
    expect((await store.get('db')).value).toBe('two')
    await store.put('db', 'three')
    expect(await put()).toEqual({ version: key })
    expect((await store.get('db')).value).toBe('three')
  })

  test('of many writers exactly one creates', async () => {
    const { store, open } = await bench()
    const settled = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => open().put('db', `writer ${index}`, { ifAbsent: true })),
    )
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await collect(store.versions('db'))).toHaveLength(1)
  })

  test('a secret without any version counts as absent, for one of many writers', async () => {
    const { store, open, emulator } = await bench()
    await createEmpty(emulator.url, 'db')
    expect(await failure(store.get('db'))).toMatchObject({ code: 'NOT_FOUND' })
    const settled = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => open().put('db', `writer ${index}`, { ifAbsent: true })),
    )
    const won = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value.version] : []))
    const lost = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
    expect([won.length, new Set(lost)]).toEqual([1, new Set(['ALREADY_EXISTS'])])
    expect((await store.get('db')).version).toBe(won[0])
  })

  test('there the move of AWSCURRENT is the fence, where AWS has not made the first version current', async () => {
    const server = await stub(({ operation }) => {
      if (operation === 'CreateSecret') return { status: 400, body: errorBody('ResourceExistsException', '') }
      return { body: { ARN: 'arn' } }
    })
    const { version } = await stubStore(server).put('db', 'one', { ifAbsent: true, tags: { a: '1' } })
    expect(server.operations().slice(0, 5)).toEqual([
      'CreateSecret',
      'DescribeSecret',
      'ListSecretVersionIds',
      'PutSecretValue',
      'UpdateSecretVersionStage',
    ])
    expect(server.requests[2]?.body.IncludeDeprecated).toBe(true)
    expect(server.requests[4]?.body).toEqual({
      SecretId: 'db',
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: version,
    })
    expect(server.requests.at(-1)).toMatchObject({ operation: 'TagResource' })
  })

  test('a version that no label holds is a version', async () => {
    const server = await stub(({ operation }) => {
      if (operation === 'CreateSecret') return { status: 400, body: errorBody('ResourceExistsException', '') }
      return { body: { ARN: 'arn', Versions: [{ VersionId: 'v1', CreatedDate: 1 }] } }
    })
    const error = await failure(stubStore(server).put('db', 'one', { ifAbsent: true }))
    expect(error).toMatchObject({ code: 'ALREADY_EXISTS', version: 'v1' })
  })
})

describe('put with stage pending', () => {
  test('hides the value from plain readers', async () => {
    const { store, counted } = await bench()
    const { version: first } = await store.put('db', 'one')
    let pending = ''
    const calls = await counted(async () => {
      pending = (await store.put('db', 'two', { stage: 'pending' })).version
    })
    expect(calls).toEqual({ DescribeSecret: 1, PutSecretValue: 1 })
    expect((await store.get('db')).version).toBe(first)
    expect((await store.get('db', { stage: 'pending' })).version).toBe(pending)
    expect(await store.describe('db')).toMatchObject({ pending, current: { version: first } })
  })

  test('a name without a version is refused: AWS would make the value current', async () => {
    const { store, emulator, counted } = await bench()
    await createEmpty(emulator.url, 'empty')
    const calls = await counted(async () => {
      for (const name of ['empty', 'nothing']) {
        const error = await failure(store.put(name, 'one', { stage: 'pending' }))
        expect(error.code).toBe('CONFLICT')
        expect(error.message).toContain('put it with stage "current"')
      }
    })
    expect(calls).toEqual({ DescribeSecret: 2 })
  })

  test('ifAbsent: no version is pending, for one of many writers', async () => {
    const { store, open } = await bench()
    await store.put('db', 'one')
    const settled = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        open().put('db', `writer ${index}`, { stage: 'pending', ifAbsent: true }),
      ),
    )
    const won = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value.version] : []))
    expect(won).toHaveLength(1)
    expect((await store.describe('db')).pending).toBe(won[0])
    const error = await failure(store.put('db', 'late', { stage: 'pending', ifAbsent: true }))
    expect(error).toMatchObject({ code: 'ALREADY_EXISTS', version: won[0] })
  })

  test('ifAbsent: may be repeated with its key, and AWSPENDING on the current version is no pending', async () => {
    const { store, emulator } = await bench()
    await store.put('db', 'one')
    const put = (idempotencyKey: string): Promise<{ version: string }> =>
      store.put('db', 'two', { stage: 'pending', ifAbsent: true, idempotencyKey })
    await put(key)
    expect(await put(key)).toEqual({ version: key })
    emulator.faults.add({ operation: 'UpdateSecretVersionStage', delayMs: 0, times: 1 })
    emulator.faults.add({ operation: 'UpdateSecretVersionStage', drop: 'before', times: 1 })
    expect((await failure(store.promote('db', key))).code).toBe('UNAVAILABLE')
    expect((await store.describe('db')).pending).toBeUndefined()
    const other = randomUUID()
    await put(other)
    expect((await store.describe('db')).pending).toBe(other)
  })

  test('ifVersion: the current version decides', async () => {
    const { store } = await bench()
    const { version } = await store.put('db', 'one')
    const options = { stage: 'pending', ifVersion: version } as const
    const { version: pending } = await store.put('db', 'two', options)
    expect((await store.describe('db')).pending).toBe(pending)
    await store.promote('db', pending)
    expect(await failure(store.put('db', 'three', options))).toMatchObject({
      code: 'CONFLICT',
      version: pending,
    })
    expect((await store.describe('db')).pending).toBeUndefined()
  })

  test('ifVersion: a writer that slips in between takes the pending label off again', async () => {
    let described = 0
    const server = await stub(({ operation }) => {
      if (operation !== 'DescribeSecret') return {}
      described += 1
      return { body: { ARN: 'arn', VersionIdsToStages: { [`v${described}`]: ['AWSCURRENT'] } } }
    })
    const error = await failure(stubStore(server).put('db', 'x', { stage: 'pending', ifVersion: 'v1' }))
    expect(error).toMatchObject({ code: 'CONFLICT', version: 'v2' })
    const token = server.requests[1]?.body.ClientRequestToken
    expect(server.requests.at(-1)).toMatchObject({
      operation: 'UpdateSecretVersionStage',
      body: { SecretId: 'db', VersionStage: 'AWSPENDING', RemoveFromVersionId: token },
    })
  })
})
