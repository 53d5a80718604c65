import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, project, start, startHarness, transports } from './harness.js'

const dayMs = 86_400_000
const at = (ms: number): string => new Date(start + ms).toISOString().replace('.000Z', 'Z')
const topics = [{ name: 'projects/p/topics/rotations' }]

describe.each(transports)('over %s', (transport) => {
  let h: Harness
  let name: string
  beforeEach(async () => {
    h = await startHarness(transport)
    name = await h.make('a', ['one', 'two'], { labels: { env: 'prod' }, annotations: { a: '1' } })
  })
  afterEach(() => h.close())

  const update = (updateMask: string, secret: object = {}): Promise<Record<string, unknown>> =>
    h.call('UpdateSecret', { secret: { name, ...secret }, updateMask })
  const refused = (updateMask: string, secret: object = {}): Promise<[string, string]> =>
    h.refusal('UpdateSecret', { secret: { name, ...secret }, updateMask })

  test('only what the mask names is changed', async () => {
    const before = await h.call('GetSecret', { name })
    const after = await update('labels', { labels: { team: 'a' }, annotations: {}, versionAliases: {} })
    expect(after).toEqual({ ...before, labels: { team: 'a' }, etag: after['etag'] })
    expect(after['etag']).not.toBe(before.etag)
    expect(await h.call('GetSecret', { name })).toEqual(after)
  })

  test.each(['versionAliases', 'version_aliases'])('the mask may be spelled %s', async (mask) => {
    expect(await update(mask, { versionAliases: { live: '2' } })).toMatchObject({
      versionAliases: { live: '2' },
    })
    expect(await update(mask)).not.toHaveProperty('versionAliases')
  })

  test('a mask takes several fields, and what is missing there is taken away', async () => {
    const after = await update('labels,annotations,expire_time', {
      labels: { x: 'y' },
      expireTime: at(dayMs),
    })
    expect(after).toMatchObject({ labels: { x: 'y' }, expireTime: at(dayMs) })
    expect(after).not.toHaveProperty('annotations')
    expect(await update('ttl', { ttl: '60s' })).toMatchObject({ expireTime: at(60_000) })
    expect(await update('expireTime')).not.toHaveProperty('expireTime')
  })

  test.each([
    '',
    'etag',
    'nothing',
    'createTime',
    'tags',
    'secretType',
    'policyMember',
    'labels.env',
    'constructor',
    '*',
  ])('the mask %j is refused', async (mask) => {
    expect((await refused(mask, { labels: {} }))[0]).toBe('INVALID_ARGUMENT')
    expect(await h.call('GetSecret', { name })).toMatchObject({ labels: { env: 'prod' } })
  })

  test('one wrong field takes back the others', async () => {
    const before = await h.call('GetSecret', { name })
    expect(await refused('labels,annotations', { labels: { x: 'y' }, annotations: { '-': '' } })).toEqual([
      'INVALID_ARGUMENT',
      expect.stringContaining('annotations'),
    ])
    expect(await h.call('GetSecret', { name })).toEqual(before)
  })

  test('an etag in the secret is compared, with its quotation marks', async () => {
    const { etag } = await h.call('GetSecret', { name })
    const { etag: second } = await update('labels', { etag, labels: { a: 'b' } })
    expect((await refused('labels', { etag, labels: {} }))[0]).toBe('FAILED_PRECONDITION')
    expect((await refused('labels', { etag: 'x', labels: {} }))[0]).toBe('FAILED_PRECONDITION')
    expect((await update('labels', { labels: {} }))['etag']).not.toBe(second)
  })

  test('a change that changes nothing is one', async () => {
    const { etag } = await h.call('GetSecret', { name })
    expect((await update('labels', { labels: { env: 'prod' } }))['etag']).not.toBe(etag)
  })

  test('a change of a version does not touch the etag of the secret, nor the other way', async () => {
    const { etag } = await h.call('GetSecret', { name })
    await h.call('DisableSecretVersion', { name: `${name}/versions/1` })
    expect((await h.call('GetSecret', { name })).etag).toBe(etag)
    const version = await h.call('GetSecretVersion', { name: `${name}/versions/1` })
    await update('labels', { labels: {} })
    expect(await h.call('GetSecretVersion', { name: `${name}/versions/1` })).toEqual(version)
  })

  test.each([
    [{ latest: '1' }],
    [{ NEW: '1' }],
    [{ '1a': '1' }],
    [{ 'a.b': '1' }],
    [{ ['a'.repeat(64)]: '1' }],
    [{ live: '3' }],
    [{ live: '0' }],
    [{ live: '-1' }],
    [{ live: String(2n ** 60n) }],
    [Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`a${i}`, '1']))],
  ])('the aliases %j are refused', async (versionAliases) => {
    expect(await refused('version_aliases', { versionAliases })).toEqual([
      'INVALID_ARGUMENT',
      expect.stringContaining('version_aliases'),
    ])
  })

  test('fifty aliases of 63 characters are kept', async () => {
    const versionAliases = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`a${i}`.padEnd(63, '-'), '2']),
    )
    expect(await update('version_aliases', { versionAliases })).toMatchObject({ versionAliases })
  })

  test('the keys of a replication may change, its kind and places not', async () => {
    const encryption = {
      customerManagedEncryption: { kmsKeyName: 'projects/p/locations/global/keyRings/r/cryptoKeys/k' },
    }
    const after = await update('replication', { replication: { automatic: encryption } })
    expect(after).toMatchObject({ replication: { automatic: encryption } })
    const userManaged = { replicas: [{ location: 'us-east1' }] }
    expect((await refused('replication', { replication: { userManaged } }))[1]).toContain('immutable')
    expect((await refused('replication'))[0]).toBe('INVALID_ARGUMENT')
    expect((await refused('customerManagedEncryption', encryption))[0]).toBe('INVALID_ARGUMENT')
  })

  test('a rotation needs topics, and each of its fields may be changed alone', async () => {
    const rotation = { nextRotationTime: at(dayMs), rotationPeriod: '3600s' }
    expect((await refused('rotation', { rotation }))[1]).toContain('topics')
    expect(await update('rotation,topics', { rotation, topics })).toMatchObject({
      rotation: { nextRotationTime: at(dayMs) },
    })
    expect(
      await update('rotation.next_rotation_time', { rotation: { nextRotationTime: at(2 * dayMs) } }),
    ).toMatchObject({ rotation: { nextRotationTime: at(2 * dayMs) } })
    await update('rotation.rotationPeriod', { rotation: { rotationPeriod: '86400s' } })
    h.advance(2 * dayMs)
    expect(await h.call('GetSecret', { name })).toMatchObject({
      rotation: { nextRotationTime: at(3 * dayMs) },
    })
    expect((await refused('topics'))[1]).toContain('topics')
    expect(await update('rotation')).not.toHaveProperty('rotation')
    expect(await update('topics')).not.toHaveProperty('topics')
  })

  test('a rotation that is near may change its period, but not have a period alone', async () => {
    await update('rotation,topics', { rotation: { nextRotationTime: at(dayMs) }, topics })
    h.advance(dayMs - 1_000)
    await update('rotation.rotation_period', { rotation: { rotationPeriod: '3600s' } })
    h.advance(1_000)
    expect(await h.call('GetSecret', { name })).toMatchObject({
      rotation: { nextRotationTime: at(dayMs + 3_600_000) },
    })
    expect((await refused('rotation.next_rotation_time'))[1]).toContain('next_rotation_time must be set')
    await update('rotation.rotation_period')
    expect(await update('rotation.next_rotation_time')).not.toHaveProperty('rotation')
  })

  test('a regional secret has a key of its own', async () => {
    const parent = `${project}/locations/us-east1`
    await h.call('CreateSecret', { parent, secretId: 'a', secret: {} })
    const kmsKeyName = 'projects/p/locations/us-east1/keyRings/r/cryptoKeys/k'
    const secret = { name: `${parent}/secrets/a`, customerManagedEncryption: { kmsKeyName } }
    const request = { secret, updateMask: 'customer_managed_encryption' }
    expect(await h.call('UpdateSecret', request)).toMatchObject({ customerManagedEncryption: { kmsKeyName } })
    const replication = { secret: { name: secret.name }, updateMask: 'replication' }
    expect((await h.refusal('UpdateSecret', replication))[0]).toBe('INVALID_ARGUMENT')
  })

  test('of a secret that is not there is NOT_FOUND', async () => {
    const secret = { name: `${project}/secrets/none` }
    expect((await h.refusal('UpdateSecret', { secret, updateMask: 'labels' }))[0]).toBe('NOT_FOUND')
  })
})
