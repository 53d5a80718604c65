import { connect } from 'node:http2'
import { deflateSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { base64, type Harness, numbered, project, startHarness } from './harness.js'
import { methodOf } from './oracle.js'
import { callGrpc, framed, grpcHeaders, http2 } from './raw.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness('grpc')
  await h.make('a', ['one'])
})
afterEach(() => h.close())

const { path, request: requestType } = methodOf('GetSecret')
const message = Buffer.from(requestType.encode({ name: `${project}/secrets/a` }).finish())

async function send(
  body: Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<[code: number, text: string]> {
  const answer = await http2(h.emulator.url, { ':path': path, ...grpcHeaders, ...headers }, body)
  const text = decodeURIComponent(String(answer.trailers['grpc-message'] ?? ''))
  return [Number(answer.trailers['grpc-status']), text]
}

test('an answer is headers, one frame and trailers', async () => {
  const answer = await http2(h.emulator.url, { ':path': path, ...grpcHeaders }, framed(message))
  expect(answer.headers).toMatchObject({ ':status': 200, 'content-type': 'application/grpc' })
  expect(answer.headers).not.toHaveProperty('grpc-status')
  expect([answer.body[0], answer.body.readUInt32BE(1)]).toEqual([0, answer.body.length - 5])
  expect(answer.trailers['grpc-status']).toBe('0')
})

test('an empty answer is a frame too', async () => {
  const { path: remove, request } = methodOf('DeleteSecret')
  const bytes = request.encode({ name: `${project}/secrets/a` }).finish()
  const answer = await http2(h.emulator.url, { ':path': remove, ...grpcHeaders }, framed(bytes))
  expect([answer.body, answer.trailers['grpc-status']]).toEqual([Buffer.alloc(5), '0'])
})

test('an error is trailers alone, its text percent-encoded', async () => {
  h.emulator.faults.add({ operation: '*', error: 'UNAVAILABLE', message: ' 50 % für 語\n ', times: 1 })
  const answer = await http2(h.emulator.url, { ':path': path, ...grpcHeaders }, framed(message))
  expect(answer.headers).toMatchObject({ ':status': 200, 'content-type': 'application/grpc' })
  expect(answer.trailers).toMatchObject({
    'grpc-status': '14',
    'grpc-message': '%2050 %25 f%C3%BCr %E8%AA%9E%0A%20',
  })
  expect(answer.body.length).toBe(0)
})

test.each(['application/grpc', 'application/grpc+proto', 'application/grpc; charset=utf-8'])(
  'the content type %s is gRPC',
  async (type) => {
    expect(await send(framed(message), { 'content-type': type })).toEqual([0, ''])
  },
)

test.each([
  ['application/json', 415],
  ['application/grpc+json', 415],
  ['application/grpc-web', 415],
])('%s is not, and is %d', async (type, status) => {
  const headers = { ':path': path, ...grpcHeaders, 'content-type': type }
  expect((await http2(h.emulator.url, headers, framed(message))).headers[':status']).toBe(status)
})

test('another verb than POST is 405', async () => {
  const headers = { ':path': path, ...grpcHeaders, ':method': 'PUT' }
  expect((await http2(h.emulator.url, headers, framed(message))).headers[':status']).toBe(405)
})

test.each([
  '/google.cloud.secretmanager.v1.SecretManagerService/Nothing',
  '/google.cloud.secretmanager.v1beta2.SecretManagerService/GetSecret',
  '/grpc.health.v1.Health/Check',
  '/constructor',
  '/',
])('the method %s is UNIMPLEMENTED, and counts as no call', async (unknown) => {
  expect(await send(framed(message), { ':path': unknown })).toEqual([
    12,
    expect.stringContaining('not found'),
  ])
  expect(h.emulator.calls).not.toHaveProperty('Nothing')
})

describe('a frame', () => {
  test.each([
    ['is missing', Buffer.alloc(0)],
    ['is cut in its prefix', Buffer.from([0, 0, 0])],
    ['is cut in its message', framed(message).subarray(0, 12)],
    ['has a flag that there is not', framed(message, 2)],
    ['has another behind it', Buffer.concat([framed(message), framed(message)])],
    ['holds no message of the type', framed(Buffer.from([0x0a, 0xff]))],
    ['holds a text that is no UTF-8', framed(Buffer.from([0x0a, 1, 0xff]))],
    ['says that it is compressed, and not how', framed(message, 1)],
  ])('that %s is INTERNAL', async (_, body) => {
    const [code, text] = await send(body)
    expect([code, text.length > 10]).toEqual([13, true])
    expect(await send(framed(message))).toEqual([0, ''])
  })

  test('may be compressed', async () => {
    const asGzip = framed(gzipSync(message), 1)
    expect(await send(asGzip, { 'grpc-encoding': 'gzip' })).toEqual([0, ''])
    expect(await send(framed(deflateSync(message), 1), { 'grpc-encoding': 'deflate' })).toEqual([0, ''])
    expect(await send(framed(message), { 'grpc-encoding': 'gzip' })).toEqual([0, ''])
    expect((await send(asGzip, { 'grpc-encoding': 'snappy' }))[0]).toBe(12)
    expect((await send(framed(message, 1), { 'grpc-encoding': 'gzip' }))[0]).toBe(13)
  })

  test('beyond 4 MiB is RESOURCE_EXHAUSTED, also when it is only declared or compressed, or far too large', {
    timeout: 30_000,
  }, async () => {
    const large = Buffer.alloc(4 * 1024 * 1024 + 1)
    const declared = Buffer.from([0, 0xff, 0xff, 0xff, 0xff])
    expect(await send(framed(large))).toEqual([8, 'Received message larger than max (4194305 vs. 4194304)'])
    expect((await send(declared))[0]).toBe(8)
    expect((await send(framed(gzipSync(large), 1), { 'grpc-encoding': 'gzip' }))[0]).toBe(8)
    expect((await send(framed(Buffer.alloc(12 * 1024 * 1024))))[0]).toBe(8)
    expect(await send(framed(message))).toEqual([0, ''])
  })
})

describe('a deadline', () => {
  test.each(['1H', '1M', '30S', '30000m', '30000000u', '99999999n'])('of %s is kept', async (timeout) => {
    expect(await send(framed(message), { 'grpc-timeout': timeout })).toEqual([0, ''])
  })

  test('that has passed is DEADLINE_EXCEEDED, and the call has no effect', async () => {
    h.emulator.faults.add({ operation: 'AddSecretVersion', delayMs: 30, times: 1 })
    const request = { parent: `${project}/secrets/a`, payload: { data: base64('two') } }
    const late = await callGrpc(h.emulator.url, 'AddSecretVersion', request, { 'grpc-timeout': '5m' })
    expect(late.error?.code).toBe(4)
    const { versions } = await h.call('ListSecretVersions', { parent: `${project}/secrets/a` })
    expect(versions).toHaveLength(1)
    expect((await send(framed(message), { 'grpc-timeout': '0n' }))[0]).toBe(4)
  })

  test.each(['1', 'S', '-1S', '1s', '123456789S', '1.5S', ''])('of %j is INTERNAL', async (timeout) => {
    expect((await send(framed(message), { 'grpc-timeout': timeout }))[0]).toBe(13)
  })
})

test('unknown fields are skipped, and the last of several values counts', async () => {
  const other = Buffer.from(requestType.encode({ name: `${project}/secrets/none` }).finish())
  const unknown = Buffer.from([0xfa, 0x01, 3, 1, 2, 3, 0x50, 7])
  expect(await send(framed(Buffer.concat([unknown, other, message, unknown])))).toEqual([0, ''])
})

test('300 calls on one connection are each answered with their own', { timeout: 30_000 }, async () => {
  const names = await Promise.all(
    Array.from({ length: 20 }, (_, index) => h.make(`s${index}`, [`value ${index}`.repeat(5_000)])),
  )
  const session = connect(`http://${h.emulator.url}`)
  const access = methodOf('AccessSecretVersion')
  const read = (index: number): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':method': 'POST', ':path': access.path, ...grpcHeaders })
      const chunks: Buffer[] = []
      stream.on('data', (chunk) => chunks.push(chunk))
      stream.on('error', reject)
      stream.on('end', () => {
        const answer = access.response.toJson(access.response.decode(Buffer.concat(chunks).subarray(5)))
        resolve(answer.payload.data === base64(`value ${index}`.repeat(5_000)))
      })
      stream.end(framed(access.request.encode({ name: `${names[index]}/versions/1` }).finish()))
    })
  const answers = await Promise.all(Array.from({ length: 300 }, (_, turn) => read(turn % 20)))
  session.close()
  expect(answers.filter((isRight) => !isRight)).toEqual([])
})

test('both transports speak of one state', async () => {
  await h.call('AddSecretVersion', { parent: `${project}/secrets/a`, payload: { data: base64('two') } })
  const { body } = await h.raw('GET', `/v1/${project}/secrets/a/versions/latest:access`)
  expect(body).toMatchObject({ name: `${numbered}/secrets/a/versions/2`, payload: { data: base64('two') } })
  expect(h.emulator.calls).toMatchObject({ AddSecretVersion: 2, AccessSecretVersion: 1 })
})
