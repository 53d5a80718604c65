import type { EventType, GcpEvent } from 'strongroom/gcp/emulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { base64, type Harness, numbered, project, start, startHarness } from './harness.js'

const [one, two] = ['projects/p/topics/one', 'projects/p/topics/two']
const hourMs = 3_600_000
const at = (ms: number): string => new Date(start + ms).toISOString().replace('.000Z', 'Z')
const name = `${numbered}/secrets/a`

let h: Harness
beforeEach(async () => {
  h = await startHarness('rest')
})
afterEach(() => h.close())

const types = (events: readonly GcpEvent[] = h.events): EventType[] => events.map(({ type }) => type)
const forget = (): void => {
  h.events.length = 0
}
const body = (event: GcpEvent | undefined): unknown => JSON.parse(event?.data ?? '')

test('what happens to a secret is told to each of its topics', async () => {
  await h.make('a', ['sk_live_1'], { topics: [{ name: one }, { name: two }], labels: { k: 'v' } })
  expect(h.events.map(({ topic, type }) => [type, topic])).toEqual([
    ['TOPIC_CONFIGURED', one],
    ['TOPIC_CONFIGURED', two],
    ['SECRET_CREATE', one],
    ['SECRET_CREATE', two],
    ['SECRET_VERSION_ADD', one],
    ['SECRET_VERSION_ADD', two],
  ])
  const [configured, , created, , added] = h.events
  expect(configured).toEqual({
    topic: one,
    type: 'TOPIC_CONFIGURED',
    attributes: { eventType: 'TOPIC_CONFIGURED' },
    data: '',
  })
  expect(created?.attributes).toEqual({
    eventType: 'SECRET_CREATE',
    dataFormat: 'JSON_API_V1',
    secretId: name,
    timestamp: '2026-01-01T00:00:00.000+00:00',
  })
  expect(body(created)).toMatchObject({ name, labels: { k: 'v' }, createTime: at(0) })
  expect(added?.attributes).toMatchObject({ secretId: name, versionId: `${name}/versions/1` })
  expect(body(added)).toMatchObject({ name: `${name}/versions/1`, state: 'ENABLED' })
  expect(JSON.stringify(h.events)).not.toContain(base64('sk_live_1'))
})

test('every change has its event, and reading has none', async () => {
  await h.make('a', ['x'], { topics: [{ name: one }] })
  forget()
  const version = { name: `${name}/versions/1` }
  await h.call('DisableSecretVersion', version)
  await h.call('EnableSecretVersion', version)
  await h.call('GetSecret', { name })
  await h.call('AccessSecretVersion', version)
  await h.call('ListSecrets', { parent: project })
  const update = { secret: { name, versionDestroyTtl: '86400s' }, updateMask: 'versionDestroyTtl' }
  await h.call('UpdateSecret', update)
  await h.call('DestroySecretVersion', version)
  h.advance(24 * hourMs)
  await h.call('UpdateSecret', { secret: { name, topics: [{ name: two }] }, updateMask: 'topics' })
  await h.call('DeleteSecret', { name })
  expect(h.events.map(({ type, topic }) => [type, topic === one ? 1 : 2])).toEqual([
    ['SECRET_VERSION_DISABLE', 1],
    ['SECRET_VERSION_ENABLE', 1],
    ['SECRET_UPDATE', 1],
    ['SECRET_VERSION_DESTROY_SCHEDULED', 1],
    ['SECRET_VERSION_DESTROY', 1],
    ['TOPIC_CONFIGURED', 2],
    ['SECRET_UPDATE', 2],
    ['SECRET_DELETE', 2],
  ])
  expect(h.events.at(4)?.attributes['timestamp']).toBe('2026-01-02T00:00:00.000+00:00')
  expect(h.events.at(-1)?.attributes).toMatchObject({ deleteType: 'REQUESTED' })
})

test('a secret without topics tells nobody, and a refused request tells nothing', async () => {
  await h.make('a', ['x'])
  await h.make('b', [], { topics: [{ name: one }] })
  forget()
  await h.error('UpdateSecret', {
    secret: { name: `${numbered}/secrets/b`, etag: 'x' },
    updateMask: 'labels',
  })
  await h.error('AddSecretVersion', { parent: `${numbered}/secrets/b`, payload: {} })
  expect(h.events).toEqual([])
})

describe('on the clock, without any request', () => {
  test('a secret expires', async () => {
    await h.make('a', ['x'], { topics: [{ name: one }], ttl: '3600s' })
    forget()
    h.advance(hourMs)
    await Promise.resolve()
    expect(types()).toEqual(['SECRET_DELETE'])
    expect(h.events[0]?.attributes).toMatchObject({ secretId: name, deleteType: 'EXPIRATION' })
  })

  test('a rotation is told each period, at its time, and makes no value', async () => {
    const rotation = { nextRotationTime: at(hourMs), rotationPeriod: '7200s' }
    await h.make('a', ['x'], { topics: [{ name: one }], rotation })
    forget()
    h.advance(hourMs - 1)
    h.advance(1)
    h.advance(5 * hourMs)
    await Promise.resolve()
    expect(h.events.map(({ type, attributes }) => [type, attributes['timestamp']])).toEqual([
      ['SECRET_ROTATE', '2026-01-01T01:00:00.000+00:00'],
      ['SECRET_ROTATE', '2026-01-01T03:00:00.000+00:00'],
      ['SECRET_ROTATE', '2026-01-01T05:00:00.000+00:00'],
    ])
    expect(body(h.events[2])).toMatchObject({ rotation: { nextRotationTime: at(7 * hourMs) } })
    const { versions } = await h.call('ListSecretVersions', { parent: name })
    expect(versions).toHaveLength(1)
  })

  test('one without a period is told once', async () => {
    await h.make('a', [], { topics: [{ name: one }], rotation: { nextRotationTime: at(hourMs) } })
    forget()
    h.advance(50 * hourMs)
    h.advance(50 * hourMs)
    await Promise.resolve()
    expect(types()).toEqual(['SECRET_ROTATE'])
  })

  test('a leap over a century tells the last thousand of its hours, and the expiry after them', {
    timeout: 30_000,
  }, async () => {
    const rotation = { nextRotationTime: at(hourMs), rotationPeriod: '3600s' }
    const ttl = `${99 * 365 * 86_400}s`
    await h.make('a', ['x'], { topics: [{ name: one }], rotation, ttl })
    forget()
    h.advance(100 * 365 * 24 * hourMs)
    await Promise.resolve()
    expect(types().filter((type) => type === 'SECRET_ROTATE')).toHaveLength(1_000)
    expect(types().at(-1)).toBe('SECRET_DELETE')
    const lastHour = new Date(start + (99 * 365 * 24 - 1) * hourMs).toISOString().replace('Z', '+00:00')
    expect(h.events.at(-2)?.attributes['timestamp']).toBe(lastHour)
  })
})

test('the attributes that no source tells can be left out', async () => {
  const other = await startHarness('rest', { facts: { eventDetails: false } })
  await other.make('a', ['x'], { topics: [{ name: one }] })
  await other.call('DeleteSecret', { name: `${project}/secrets/a` })
  await other.close()
  const names = new Set(other.events.flatMap(({ attributes }) => Object.keys(attributes)))
  expect([...names].sort()).toEqual(['dataFormat', 'eventType', 'secretId', 'timestamp'])
})
