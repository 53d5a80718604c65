import { describe, expect, test } from 'vitest'
import { bench, collect, failure, raw, stub, stubStore } from './support.js'

describe('describe', () => {
  test('two requests: the second for the age of the current version', async () => {
    const { store, counted, emulator } = await bench()
    await store.put('db', 'one', { tags: { a: '1' } })
    await emulator.clock.advance(60_000)
    const { version } = await store.put('db', 'two')
    let info: unknown
    const calls = await counted(async () => {
      info = await store.describe('db')
    })
    expect(calls).toEqual({ DescribeSecret: 1, ListSecretVersionIds: 1 })
    expect(info).toMatchObject({
      name: 'db',
      canonical: 'db',
      id: expect.stringMatching(/^arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-\w{6}$/),
      state: 'active',
      tags: { a: '1' },
      current: {
        version,
        createdAt: new Date(emulator.clock.now()),
        state: 'enabled',
        stages: ['current'],
      },
      changedAt: new Date(emulator.clock.now()),
    })
    expect(info).not.toHaveProperty('pending')
    expect(info).not.toHaveProperty('nativeRotation')
  })

  test('in the trash: no current version, and no end of the recovery, which AWS does not tell', async () => {
    const { store, counted } = await bench({ recoveryWindowDays: 7 })
    await store.put('db', 'one')
    await store.delete('db')
    const calls = await counted(async () => {
      const info = await store.describe('db')
      expect(info.state).toBe('deleted')
      expect(info).not.toHaveProperty('recoverableUntil')
      expect(info).not.toHaveProperty('current')
    })
    expect(calls).toEqual({ DescribeSecret: 1 })
  })

  test('rotation by the service, as far as it was ever set up', async () => {
    const answer = { ARN: 'arn', LastAccessedDate: 86_400, RotationEnabled: false, LastRotatedDate: 1 }
    const server = await stub(() => ({ body: { ...answer, NextRotationDate: 2 } }))
    expect(await stubStore(server).describe('db')).toMatchObject({
      lastAccessedAt: new Date(86_400_000),
      nativeRotation: { enabled: false, lastAt: new Date(1_000), nextAt: new Date(2_000) },
    })
  })

  test('pending is the version with AWSPENDING, unless that is current', async () => {
    const labels = [
      { v1: ['AWSCURRENT'], v2: ['AWSPENDING', 'custom'] },
      { v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT', 'AWSPENDING'] },
    ]
    let call = -1
    const server = await stub(({ operation }) => {
      if (operation === 'DescribeSecret') call += 1
      const Versions = [
        { VersionId: 'v1', CreatedDate: 1 },
        { VersionId: 'v2', CreatedDate: 2 },
      ]
      return { body: { ARN: 'arn', VersionIdsToStages: labels[call], Versions } }
    })
    const store = stubStore(server)
    expect((await store.describe('db')).pending).toBe('v2')
    const info = await store.describe('db')
    expect(info.pending).toBeUndefined()
    expect(info.current).toMatchObject({ version: 'v2', createdAt: new Date(2_000) })
  })
})

describe('versions', () => {
  test('newest first, with those that no label holds', async () => {
    const { store, emulator } = await bench()
    const versions: string[] = []
    for (const value of ['one', 'two', 'three', 'four']) {
      versions.unshift((await store.put('db', value)).version)
      await emulator.clock.advance(1_000)
    }
    const found = await collect(store.versions('db'))
    expect(found.map(({ version, stages }) => [version, stages])).toEqual([
      [versions[0], ['current']],
      [versions[1], ['previous']],
      [versions[2], []],
      [versions[3], []],
    ])
  })

  test('asks for deprecated versions, page by page; a page may be empty', async () => {
    const server = await stub(({ body }) => {
      if (body.NextToken === undefined) return { body: { Versions: [], NextToken: 'more' } }
      return { body: { Versions: [{ VersionId: 'v1', CreatedDate: 1, VersionStages: ['custom'] }] } }
    })
    expect(await collect(stubStore(server).versions('db'))).toHaveLength(1)
    expect(server.requests.map(({ body }) => body)).toEqual([
      { SecretId: 'db', IncludeDeprecated: true, MaxResults: 100 },
      { SecretId: 'db', IncludeDeprecated: true, MaxResults: 100, NextToken: 'more' },
    ])
  })

  test('of a name that is not there', async () => {
    const { store } = await bench()
    expect(await failure(collect(store.versions('nothing')))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await failure(store.describe('nothing'))).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('identifiers', () => {
  test('an ARN, whole or without its suffix, is the secret of that name', async () => {
    const { store } = await bench({ prefix: 'prod' })
    await store.put('db', 'one')
    const { id } = await store.describe('db')
    for (const whole of [id, id.slice(0, -7)]) {
      expect((await store.get({ id: whole })).value).toBe('one')
      expect((await store.describe({ id: whole })).canonical).toBe('prod/db')
    }
    await store.put({ id }, 'two')
    expect((await store.get('db')).value).toBe('two')
  })

  test('an ARN that was cut so that its last word reads as a suffix: the error says so', async () => {
    const { store, emulator } = await bench()
    await store.put('db-secret', 'one')
    const { id } = await store.describe('db-secret')
    const cut = id.slice(0, -7)
    expect(cut).toMatch(/:db-secret$/)
    const error = await failure(store.get({ id: cut }))
    expect(error.code).toBe('NOT_FOUND')
    expect(error.message).toContain('give the whole ARN, or the name')
    emulator.faults.add({ operation: 'GetSecretValue', error: 'AccessDeniedException', times: 1 })
    const denied = await failure(store.get({ id: cut }))
    expect([denied.code, denied.message.includes('whole ARN')]).toEqual(['PERMISSION_DENIED', true])
    expect((await store.get('db-secret')).value).toBe('one')
    expect((await failure(store.get('nothing'))).message).not.toContain('ARN')
  })

  test('another region has other secrets', async () => {
    const { store, open, emulator } = await bench()
    await store.put('db', 'one')
    expect(await failure(open({ region: 'us-east-1' }).get('db'))).toMatchObject({ code: 'NOT_FOUND' })
    const { SecretList } = await raw(emulator.url, 'ListSecrets', {})
    expect(SecretList).toHaveLength(1)
  })
})
