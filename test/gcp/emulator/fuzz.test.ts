import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rpcs } from '../../../providers/gcp/emulator/rpcs.js'
import { type Harness, project, startHarness } from './harness.js'
import { methodOf } from './oracle.js'
import { framed, grpcHeaders, http2 } from './raw.js'

const failures: unknown[] = []
let h: Harness
beforeAll(async () => {
  h = await startHarness('grpc', { onError: (error) => failures.push(error) })
})
afterAll(() => h.close())

const id = fc.constantFrom('a', 'b', 'a b', '', 'constructor', '__proto__')
const parent = fc.constantFrom(project, 'projects/p1/locations/us-east1', 'projects/UP', 'projects', '')
const secretName = fc.tuple(parent, id).map(([place, name]) => `${place}/secrets/${name}`)
const version = fc.constantFrom('1', '2', 'latest', 'live', '0', '99999999999999999999', '__proto__')
const versionName = fc.tuple(secretName, version).map(([name, one]) => `${name}/versions/${one}`)
const name = fc.oneof(secretName, versionName, parent, fc.string())
const texts = fc.dictionary(fc.constantFrom('a', 'A', '__proto__', 'constructor', ''), fc.string())
const time = fc.constantFrom('2026-01-01T01:00:00Z', '2126-01-01T00:00:00Z', '0001-01-01T00:00:00Z')
const duration = fc.constantFrom('60s', '3600s', '86400s', '-1s', '315576000000s', '0s')
const expiry = fc.oneof(fc.record({ ttl: duration }), fc.record({ expireTime: time }), fc.constant({}))
const secretWithoutExpiry = fc.record(
  {
    name,
    replication: fc.constantFrom({ automatic: {} }, { userManaged: { replicas: [] } }, {}),
    labels: texts,
    annotations: texts,
    topics: fc.array(fc.record({ name: fc.constantFrom('projects/p/topics/one', '') }), { maxLength: 2 }),
    rotation: fc.record({ nextRotationTime: time, rotationPeriod: duration }, { requiredKeys: [] }),
    versionAliases: fc.dictionary(fc.constantFrom('live', '__proto__'), fc.constantFrom('1', '-1', '9')),
    versionDestroyTtl: duration,
    etag: fc.string(),
  },
  { requiredKeys: ['replication'] },
)
const secret = fc.tuple(secretWithoutExpiry, expiry).map(([one, ends]) => ({ ...one, ...ends }))
const members = {
  name,
  parent: fc.oneof(parent, secretName),
  resource: secretName,
  secretId: id,
  secret,
  payload: fc.record(
    { data: fc.base64String(), dataCrc32c: fc.constantFrom('0', '1') },
    { requiredKeys: [] },
  ),
  updateMask: fc.constantFrom(
    'labels',
    'versionAliases,ttl',
    'rotation,topics',
    'rotation.rotationPeriod',
    '',
  ),
  etag: fc.string(),
  filter: fc.oneof(fc.string(), fc.constantFrom('name:a', 'labels.__proto__=a', 'create_time>2026-01-01')),
  pageSize: fc.integer({ min: -2, max: 5 }),
  pageToken: fc.oneof(fc.string(), fc.base64String(), fc.constant('bnVsbA')),
  policy: fc.record({ version: fc.nat(4), bindings: fc.constantFrom([], [{}]) }, { requiredKeys: [] }),
  permissions: fc.array(fc.string(), { maxLength: 2 }),
}
const rpcName = fc.constantFrom(...rpcs.map((rpc) => rpc.name))
const step = fc.record({
  rpc: rpcName,
  message: fc.record(members, { requiredKeys: [] }),
  good: fc.boolean(),
  damage: fc.option(fc.tuple(fc.nat(), fc.nat(255)), { freq: 4 }),
  advanceMs: fc.constantFrom(0, 0, 0, 61_000, 3_600_000, 86_400_000),
})

/** The bytes of a message that has the members that the method knows. */
function bytesOf(rpc: string, { updateMask, ...message }: Readonly<Record<string, unknown>>): Buffer {
  const { request } = methodOf(rpc)
  const known = Object.entries(message).filter(([key]) => request.fields[key] !== undefined)
  const one = request.fromJson(Object.fromEntries(known)) as object as Record<string, unknown>
  if (request.fields['updateMask'] !== undefined && updateMask !== undefined) {
    one['updateMask'] = { paths: String(updateMask).split(',') }
  }
  return Buffer.from(request.encode(one).finish())
}

test('no call over gRPC makes the emulator fail by itself, whatever came before', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      h.emulator.reset()
      await h.make('a', ['one'])
      for (const { rpc, message, good, damage, advanceMs } of steps) {
        h.advance(advanceMs)
        const named = good ? { parent: project, name: `${project}/secrets/a`, secretId: 'b' } : {}
        const bytes = bytesOf(rpc, { ...message, ...named })
        if (damage !== null && bytes.length > 0) bytes[damage[0] % bytes.length] = damage[1]
        const headers = { ':path': methodOf(rpc).path, ...grpcHeaders }
        const answer = await http2(h.emulator.url, headers, framed(bytes))
        expect([0, 3, 5, 6, 9, 10, 13]).toContain(Number(answer.trailers['grpc-status']))
      }
      expect(failures).toEqual([])
    }),
    { numRuns: 80 },
  )
})

test('no bytes at all do, as a body of gRPC', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      rpcName,
      fc.uint8Array({ maxLength: 40 }),
      fc.boolean(),
      async (rpc, bytes, isFramed) => {
        const headers = { ':path': methodOf(rpc).path, ...grpcHeaders }
        const body = isFramed ? framed(bytes) : Buffer.from(bytes)
        const answer = await http2(h.emulator.url, headers, body)
        expect(answer.headers[':status']).toBe(200)
        expect(failures).toEqual([])
      },
    ),
    { numRuns: 200 },
  )
})

const segment = fc.constantFrom(
  'projects',
  'p1',
  'secrets',
  'a',
  'versions',
  '1',
  'latest:access',
  '%',
  'locations',
  'x:y',
)
const restStep = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT'),
  path: fc.oneof(
    fc.array(segment, { maxLength: 8 }).map((segments) => `/v1/${segments.join('/')}`),
    fc
      .tuple(
        fc.constantFrom('', '/secrets', '/secrets/a', '/secrets/a/versions', '/secrets/a/versions/1'),
        fc.constantFrom(
          '',
          ':addVersion',
          ':access',
          ':disable',
          ':destroy',
          ':setIamPolicy',
          ':getIamPolicy',
        ),
      )
      .map(([place, verb]) => `/v1/${project}${place}${verb}`),
  ),
  query: fc.constantFrom(
    '',
    '?secretId=b',
    '?pageSize=1',
    '?updateMask=labels',
    '?__proto__=1',
    '?filter=(',
    '?a.b=1',
  ),
  body: fc.oneof(
    fc.constant(undefined),
    fc.json(),
    secret,
    fc.record(members, { requiredKeys: [] }),
    fc.string(),
  ),
})

test('no request of REST does', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(restStep, { maxLength: 10 }), async (steps) => {
      h.emulator.reset()
      await h.make('a', ['one'])
      for (const { method, path, query, body } of steps) {
        const answer = await h.raw(method, path + query, method === 'GET' ? undefined : body)
        expect([200, 400, 404, 409]).toContain(answer.status)
        if (answer.status !== 200 && answer.body !== undefined) expect(answer.body.error.status).not.toBe('')
      }
      expect(failures).toEqual([])
    }),
    { numRuns: 100 },
  )
})
