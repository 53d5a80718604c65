import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { base64, type Harness, numbered, project, start, startHarness, transports } from './harness.js'

const dayMs = 86_400_000
const at = (ms: number): string => new Date(start + ms).toISOString().replace('.000Z', 'Z')
const automatic = { replication: { automatic: {} } }
const topic = 'projects/p/topics/rotations'

describe.each(transports)('over %s', (transport) => {
  let h: Harness
  beforeEach(async () => {
    h = await startHarness(transport)
  })
  afterEach(() => h.close())

  const create = (secret: object, secretId = 'a', parent = project): Promise<unknown> =>
    h.call('CreateSecret', { parent, secretId, secret })
  const refused = (secret: object, secretId = 'a', parent = project): Promise<[string, string]> =>
    h.refusal('CreateSecret', { parent, secretId, secret })

  test('a secret is made without versions, and named by the number of its project', async () => {
    const secret = await create({
      ...automatic,
      labels: { env: 'prod' },
      annotations: { 'a.b-C': 'Any Text' },
    })
    expect(secret).toEqual({
      name: `${numbered}/secrets/a`,
      replication: { automatic: {} },
      createTime: at(0),
      labels: { env: 'prod' },
      annotations: { 'a.b-C': 'Any Text' },
      etag: expect.stringMatching(/^"[0-9a-f]{10,}"$/),
    })
    expect(await h.call('GetSecret', { name: `${project}/secrets/a` })).toEqual(secret)
    expect(await h.call('ListSecretVersions', { parent: `${numbered}/secrets/a` })).toEqual({})
    expect(await h.refusal('AccessSecretVersion', { name: `${project}/secrets/a/versions/latest` })).toEqual([
      'NOT_FOUND',
      `Secret [${numbered}/secrets/a] not found or has no versions.`,
    ])
  })

  test('a name is taken once, and free again after a deletion', async () => {
    await h.make('a', ['one', 'two'])
    expect(await refused(automatic)).toEqual([
      'ALREADY_EXISTS',
      `Secret [${numbered}/secrets/a] already exists.`,
    ])
    expect(await h.call('DeleteSecret', { name: `${project}/secrets/a` })).toEqual({})
    for (const rpc of ['GetSecret', 'DeleteSecret']) {
      expect(await h.refusal(rpc, { name: `${project}/secrets/a` })).toEqual([
        'NOT_FOUND',
        `Secret [${numbered}/secrets/a] not found.`,
      ])
    }
    await h.make('a', ['three'])
    const answer = await h.call('AccessSecretVersion', { name: `${project}/secrets/a/versions/latest` })
    expect(answer.name).toBe(`${numbered}/secrets/a/versions/1`)
    expect(answer.payload.data).toBe(base64('three'))
  })

  test.each(['a', 'A_b-9', 'x'.repeat(255), '_', '-'])('%s is a name', async (id) => {
    expect(await create(automatic, id)).toMatchObject({ name: `${numbered}/secrets/${id}` })
  })

  test.each(['', 'a b', 'a.b', 'a/b', 'ä', 'x'.repeat(256)])('%j is none', async (id) => {
    expect((await refused(automatic, id))[0]).toBe('INVALID_ARGUMENT')
  })

  test('a project has a number in every name, and one that is a number keeps it', async () => {
    expect(await create(automatic, 'a', 'projects/42')).toMatchObject({ name: 'projects/42/secrets/a' })
    const other = (await create(automatic, 'a', 'projects/other-project')) as { name: string }
    expect(other.name).toMatch(/^projects\/\d{12}\/secrets\/a$/)
    expect(await h.call('GetSecret', { name: 'projects/other-project/secrets/a' })).toEqual(other)
    const error = await h.error('CreateSecret', {
      parent: 'projects/UPPER',
      secretId: 'a',
      secret: automatic,
    })
    expect([error.message, error.details[0].reason]).toEqual([
      'Invalid resource field value in the request.',
      'RESOURCE_PROJECT_INVALID',
    ])
  })

  test('or its id, where that is asked for', async () => {
    const other = await startHarness(transport, { namesBy: 'id', projectNumbers: { mine: '42' } })
    const secret = { replication: { automatic: {} } }
    const made = await other.call('CreateSecret', { parent: 'projects/42', secretId: 'a', secret })
    const read = await other.call('GetSecret', { name: 'projects/mine/secrets/a' })
    await other.close()
    expect([made.name, read.name]).toEqual(['projects/mine/secrets/a', 'projects/mine/secrets/a'])
  })

  test('every place has secrets of its own, and a regional one has no replication', async () => {
    const [east, west] = [`${project}/locations/us-east1`, `${project}/locations/europe-west1`]
    await create(automatic)
    expect(await create({}, 'a', east)).toEqual({
      name: `${numbered}/locations/us-east1/secrets/a`,
      createTime: at(0),
      etag: expect.any(String),
    })
    await h.call('AddSecretVersion', { parent: `${east}/secrets/a`, payload: { data: base64('east') } })
    const read = await h.call('AccessSecretVersion', { name: `${east}/secrets/a/versions/1` })
    expect(read.name).toBe(`${numbered}/locations/us-east1/secrets/a/versions/1`)
    expect(read.payload.data).toBe(base64('east'))
    expect((await h.refusal('GetSecret', { name: `${west}/secrets/a` }))[0]).toBe('NOT_FOUND')
    const names = async (parent: string): Promise<unknown> =>
      (await h.call('ListSecrets', { parent })).secrets?.map(({ name }: { name: string }) => name)
    expect(await names(project)).toEqual([`${numbered}/secrets/a`])
    expect(await names(east)).toEqual([`${numbered}/locations/us-east1/secrets/a`])
    expect(await names(west)).toBeUndefined()
    expect((await refused(automatic, 'b', east))[0]).toBe('INVALID_ARGUMENT')
  })

  const key = (location: string): object => ({
    customerManagedEncryption: {
      kmsKeyName: `projects/p/locations/${location}/keyRings/r/cryptoKeys/k`,
    },
  })
  test.each([
    [{ automatic: {} }],
    [{ automatic: key('global') }],
    [{ userManaged: { replicas: [{ location: 'us-east1' }, { location: 'europe-west1' }] } }],
    [{ userManaged: { replicas: [{ location: 'us-east1', ...key('us-east1') }] } }],
  ])('the replication %j is kept', async (replication) => {
    expect(await create({ replication })).toMatchObject({ replication })
  })

  test.each([
    [undefined],
    [{}],
    [{ userManaged: {} }],
    [{ userManaged: { replicas: [{ location: 'us-east1' }, { location: 'us-east1' }] } }],
    [{ userManaged: { replicas: [{}] } }],
    [{ userManaged: { replicas: [{ location: 'us-east1', ...key('us-east1') }, { location: 'us-west1' }] } }],
    [{ userManaged: { replicas: [{ location: 'us-east1', ...key('global') }] } }],
    [{ automatic: key('us-east1') }],
    [{ automatic: { customerManagedEncryption: { kmsKeyName: 'k' } } }],
  ])('the replication %j is refused', async (replication) => {
    const [code, message] = await refused(replication === undefined ? {} : { replication })
    expect(code).toBe('INVALID_ARGUMENT')
    expect(message).toContain('replication')
  })

  test('a key shows in the versions that are made with it', async () => {
    await create({ replication: { automatic: key('global') } })
    const version = await h.call('AddSecretVersion', {
      parent: `${project}/secrets/a`,
      payload: { data: base64('x') },
    })
    expect(version.replicationStatus.automatic.customerManagedEncryption.kmsKeyVersionName).toBe(
      'projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1',
    )
    const parent = `${project}/locations/us-east1`
    await create(key('us-east1'), 'a', parent)
    const regional = await h.call('AddSecretVersion', {
      parent: `${parent}/secrets/a`,
      payload: { data: base64('x') },
    })
    expect(regional.customerManagedEncryption.kmsKeyVersionName).toContain('/locations/us-east1/')
    expect((await refused(key('us-west1'), 'b', parent))[0]).toBe('INVALID_ARGUMENT')
    expect((await refused({ ...automatic, ...key('global') }, 'b'))[0]).toBe('INVALID_ARGUMENT')
  })

  test.each([
    ['labels', { ...automatic, labels: { Upper: 'a' } }],
    ['labels', { ...automatic, labels: { a: 'Upper' } }],
    ['labels', { ...automatic, labels: { '1a': 'a' } }],
    ['labels', { ...automatic, labels: { '': 'a' } }],
    ['labels', { ...automatic, labels: { ['a'.repeat(64)]: 'a' } }],
    ['labels', { ...automatic, labels: { a: 'a'.repeat(64) } }],
    ['labels', { ...automatic, labels: { ['語'.repeat(43)]: 'a' } }],
    [
      'labels',
      { ...automatic, labels: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, ''])) },
    ],
    ['annotations', { ...automatic, annotations: { '-a': 'a' } }],
    ['annotations', { ...automatic, annotations: { 'a.': 'a' } }],
    ['annotations', { ...automatic, annotations: { ['a'.repeat(64)]: 'a' } }],
    ['annotations', { ...automatic, annotations: { a: 'a'.repeat(16 * 1024 - 1) } }],
    ['topics', { ...automatic, topics: [{ name: 'a' }] }],
    ['topics', { ...automatic, topics: [{ name: topic }, { name: topic }] }],
    ['topics', { ...automatic, topics: Array.from({ length: 11 }, (_, i) => ({ name: `${topic}${i}` })) }],
    ['expire_time', { ...automatic, expireTime: at(59_000) }],
    ['expire_time', { ...automatic, expireTime: at(101 * 366 * dayMs) }],
    ['expire_time', { ...automatic, ttl: '59s' }],
    ['version_destroy_ttl', { ...automatic, versionDestroyTtl: '86399s' }],
    ['version_destroy_ttl', { ...automatic, versionDestroyTtl: '86400001s' }],
    ['rotation', { ...automatic, rotation: { nextRotationTime: at(dayMs) } }],
    ['rotation', { ...automatic, topics: [{ name: topic }], rotation: { rotationPeriod: '3600s' } }],
    ['rotation', { ...automatic, topics: [{ name: topic }], rotation: { nextRotationTime: at(299_000) } }],
    [
      'rotation',
      {
        ...automatic,
        topics: [{ name: topic }],
        rotation: { nextRotationTime: at(dayMs), rotationPeriod: '3599s' },
      },
    ],
    ['version_aliases', { ...automatic, versionAliases: { live: '1' } }],
    ['secret_type', { ...automatic, secretType: 7 }],
  ])('refuses %s that break a rule, and names the field', async (field, secret) => {
    const { code, message, details } = await h.error('CreateSecret', {
      parent: project,
      secretId: 'a',
      secret,
    })
    expect([code, message]).toEqual([3, expect.stringContaining(field)])
    expect(details[0].fieldViolations[0].field).toContain(field)
    expect((await h.refusal('GetSecret', { name: `${project}/secrets/a` }))[0]).toBe('NOT_FOUND')
  })

  test('what stays within the rules is kept', async () => {
    const secret = {
      ...automatic,
      labels: Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`k${i}`, 'v-_1'])),
      annotations: { ['a'.repeat(63)]: 'Å'.repeat(8_000) },
      topics: Array.from({ length: 10 }, (_, i) => ({ name: `${topic}${i}` })),
      rotation: { nextRotationTime: at(300_000) },
      expireTime: at(60_000),
      versionDestroyTtl: '86400s',
      secretType: 'CERTIFICATE',
    }
    const made = (await create(secret)) as object
    const { secretType, ...kept } = { ...secret, name: `${numbered}/secrets/a` }
    expect(made).toMatchObject(kept)
    expect(await create({ ...automatic, labels: { é_語1: 'ß' } }, 'b')).toMatchObject({
      labels: { é_語1: 'ß' },
    })
    expect([secretType, 3]).toContain((made as { secretType: unknown }).secretType)
  })

  test('a ttl is answered as the time of expiry, and then everything is gone for good', async () => {
    expect(await create({ ...automatic, ttl: '3600s' })).toMatchObject({ expireTime: at(3_600_000) })
    await h.call('AddSecretVersion', { parent: `${project}/secrets/a`, payload: { data: base64('x') } })
    h.advance(3_599_999)
    expect(await h.call('GetSecret', { name: `${project}/secrets/a` })).not.toHaveProperty('ttl')
    h.advance(1)
    expect((await h.refusal('GetSecret', { name: `${project}/secrets/a` }))[0]).toBe('NOT_FOUND')
    expect((await h.refusal('AccessSecretVersion', { name: `${project}/secrets/a/versions/1` }))[0]).toBe(
      'NOT_FOUND',
    )
    expect(h.emulator.state.dump().collections).toMatchObject({
      secrets: [],
      versions: [],
      payloads: [],
      timers: [],
    })
  })

  test('names that are none are refused where no front end does it before', async () => {
    for (const [rpc, request] of [
      ['GetSecret', { name: 'projects/p1/secrets/a.b' }],
      ['CreateSecret', { parent: 'projects/p1/locations/UPPER', secretId: 'a', secret: {} }],
      ['AccessSecretVersion', { name: `projects/p1/secrets/a/versions/${'9'.repeat(64)}` }],
    ] as const) {
      expect((await h.refusal(rpc, request))[0]).toBe('INVALID_ARGUMENT')
    }
  })

  test('deleting takes an etag, or none', async () => {
    const name = await h.make('a')
    const { etag } = await h.call('GetSecret', { name })
    expect((await h.refusal('DeleteSecret', { name, etag: '"1"' }))[0]).toBe('FAILED_PRECONDITION')
    expect((await h.refusal('DeleteSecret', { name, etag: etag.slice(1, -1) }))[0]).toBe(
      'FAILED_PRECONDITION',
    )
    expect(await h.call('DeleteSecret', { name, etag })).toEqual({})
  })
})

test('versions go on counting where that is asked for', async () => {
  const h = await startHarness('rest', { facts: { numbersRestart: false } })
  await h.make('a', ['one', 'two'])
  await h.call('DeleteSecret', { name: `${project}/secrets/a` })
  await h.make('a', ['three'])
  const { name } = await h.call('GetSecretVersion', { name: `${project}/secrets/a/versions/latest` })
  await h.close()
  expect(name).toBe(`${numbered}/secrets/a/versions/3`)
})
