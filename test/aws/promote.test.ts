import { describe, expect, test } from 'vitest'
import { bench, errorBody, failure, raw, stub, stubStore } from './support.js'

describe('promote', () => {
  test('moves AWSCURRENT from the expected version, then takes AWSPENDING off', async () => {
    const server = await stub(() => ({}))
    const result = await stubStore(server).promote('db', 'v2', { ifCurrent: 'v1' })
    expect(result).toEqual({ version: 'v2', previous: 'v1' })
    expect(server.requests.map(({ operation, body }) => [operation, body])).toEqual([
      [
        'UpdateSecretVersionStage',
        { SecretId: 'db', VersionStage: 'AWSCURRENT', MoveToVersionId: 'v2', RemoveFromVersionId: 'v1' },
      ],
      ['UpdateSecretVersionStage', { SecretId: 'db', VersionStage: 'AWSPENDING', RemoveFromVersionId: 'v2' }],
    ])
  })

  test('makes the pending value current and keeps the old one as previous', async () => {
    const { store } = await bench()
    const { version: one } = await store.put('db', 'one')
    const { version: two } = await store.put('db', 'two', { stage: 'pending' })
    expect(await store.promote('db', two)).toEqual({ version: two, previous: one })
    expect(await store.get('db')).toMatchObject({ version: two, stages: ['current'] })
    expect((await store.get('db', { stage: 'previous' })).version).toBe(one)
    expect((await store.describe('db')).pending).toBeUndefined()
  })

  test('already current is success, with and without a fence', async () => {
    const { store } = await bench()
    const { version: one } = await store.put('db', 'one')
    const { version: two } = await store.put('db', 'two', { stage: 'pending' })
    await store.promote('db', two, { ifCurrent: one })
    expect(await store.promote('db', two, { ifCurrent: one })).toEqual({ version: two })
    expect(await store.promote('db', two)).toEqual({ version: two })
    expect(await store.promote('db', two, { ifCurrent: two })).toEqual({ version: two })
  })

  test('CONFLICT when another version is current, and nothing moves', async () => {
    const { store } = await bench()
    const { version: one } = await store.put('db', 'one')
    const { version: two } = await store.put('db', 'two')
    const { version: three } = await store.put('db', 'three', { stage: 'pending' })
    for (const ifCurrent of [one, three]) {
      expect(await failure(store.promote('db', three, { ifCurrent }))).toMatchObject({
        code: 'CONFLICT',
        version: two,
      })
    }
    expect((await store.describe('db')).pending).toBe(three)
  })

  test('a repetition finishes what stopped between the two requests', async () => {
    const { store, emulator } = await bench()
    const { version: one } = await store.put('db', 'one')
    const { version: two } = await store.put('db', 'two', { stage: 'pending' })
    emulator.faults.add({ operation: 'UpdateSecretVersionStage', delayMs: 0, times: 1 })
    emulator.faults.add({ operation: 'UpdateSecretVersionStage', error: 'ThrottlingException', times: 1 })
    const promote = (): Promise<unknown> => store.promote('db', two, { ifCurrent: one })
    expect(await failure(promote())).toMatchObject({ code: 'RATE_LIMITED', outcomeUnknown: true })
    expect((await store.get('db')).stages).toEqual(['current'])
    expect(await failure(store.get('db', { stage: 'pending' }))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await promote()).toEqual({ version: two })
    const { VersionIdsToStages } = await raw(emulator.url, 'DescribeSecret', { SecretId: 'db' })
    expect(VersionIdsToStages).toEqual({ [one]: ['AWSPREVIOUS'], [two]: ['AWSCURRENT'] })
  })

  test('a version that no label holds can be promoted; one that does not exist cannot', async () => {
    const { store } = await bench()
    const { version: one } = await store.put('db', 'one')
    await store.put('db', 'two')
    await store.put('db', 'three')
    await store.promote('db', one)
    expect((await store.get('db')).value).toBe('one')
    const missing = '00000000-0000-0000-0000-000000000000'
    expect(await failure(store.promote('db', missing))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await failure(store.promote('nothing', missing))).toMatchObject({ code: 'NOT_FOUND' })
  })

  test('one of many promoters wins', async () => {
    const { store, open } = await bench()
    const { version: start } = await store.put('db', 'start')
    const versions: string[] = []
    for (let index = 0; index < 8; index += 1) {
      versions.push((await store.put('db', `v${index}`, { stage: 'pending' })).version)
    }
    const settled = await Promise.allSettled(
      versions.map((version) => open().promote('db', version, { ifCurrent: start })),
    )
    const won = versions.filter((_, index) => settled[index]?.status === 'fulfilled')
    expect(won).toEqual([(await store.get('db')).version])
  })

  test('a secret without a current version gets one', async () => {
    const server = await stub(({ operation }) =>
      operation === 'DescribeSecret' ? { body: { ARN: 'arn' } } : {},
    )
    expect(await stubStore(server).promote('db', 'v1')).toEqual({ version: 'v1' })
    expect(server.requests[1]?.body).toEqual({
      SecretId: 'db',
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: 'v1',
    })
  })

  test('a version without AWSPENDING loses nothing', async () => {
    const server = await stub(({ body }) =>
      body.VersionStage === 'AWSPENDING'
        ? { status: 400, body: errorBody('InvalidParameterException', 'the label is not there') }
        : {},
    )
    expect(await stubStore(server).promote('db', 'v2', { ifCurrent: 'v1' })).toMatchObject({ version: 'v2' })
  })

  test('in the trash', async () => {
    const { store } = await bench()
    const { version } = await store.put('db', 'one')
    await store.delete('db')
    for (const options of [{}, { ifCurrent: 'v0' }]) {
      expect(await failure(store.promote('db', version, options))).toMatchObject({ code: 'PENDING_DELETION' })
    }
  })
})

describe('discard', () => {
  test('takes AWSPENDING off; the value stays readable by its id', async () => {
    const { store, counted } = await bench()
    await store.put('db', 'one')
    const { version } = await store.put('db', 'two', { stage: 'pending' })
    expect(await counted(() => store.discard('db', version))).toEqual({
      DescribeSecret: 1,
      UpdateSecretVersionStage: 1,
    })
    expect(await failure(store.get('db', { stage: 'pending' }))).toMatchObject({ code: 'NOT_FOUND' })
    expect((await store.get('db', { version })).value).toBe('two')
    expect((await store.get('db', { stage: 'newest-enabled' })).value).toBe('one')
    expect(await failure(store.discard('db', version))).toMatchObject({ code: 'CONFLICT' })
  })

  test('what is not pending is CONFLICT, also where the current version still carries the label', async () => {
    const labels = { v1: ['AWSCURRENT', 'AWSPENDING'], v2: ['AWSPREVIOUS'] }
    const server = await stub(() => ({ body: { ARN: 'arn', VersionIdsToStages: labels } }))
    for (const version of ['v1', 'v2', 'v3']) {
      expect(await failure(stubStore(server).discard('db', version))).toMatchObject({ code: 'CONFLICT' })
    }
    expect(new Set(server.operations())).toEqual(new Set(['DescribeSecret']))
  })

  test('a label that moved away meanwhile is CONFLICT', async () => {
    const server = await stub(({ operation }) =>
      operation === 'DescribeSecret'
        ? { body: { ARN: 'arn', VersionIdsToStages: { v2: ['AWSPENDING'] } } }
        : { status: 400, body: errorBody('InvalidParameterException', 'it is not there') },
    )
    expect(await failure(stubStore(server).discard('db', 'v2'))).toMatchObject({ code: 'CONFLICT' })
  })
})
