import { once } from 'node:events'
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listenHttp2 } from '../../src/testing/http2.js'
import type { EmulatorReply, EmulatorRequest, Listener } from '../../src/testing/server.js'

let answer: (request: EmulatorRequest) => Promise<EmulatorReply | 'drop'>
let listener: Listener
let session: ClientHttp2Session
const requests: EmulatorRequest[] = []

beforeEach(async () => {
  requests.length = 0
  answer = async ({ body }) => ({ status: 200, body, trailers: { 'x-after': '1' } })
  listener = await listenHttp2(
    (request) => {
      requests.push(request)
      return answer(request)
    },
    { maxBodyBytes: 300_000 },
  )
  session = connect(`http://${listener.url}`, { maxSessionMemory: 1_024 })
  session.on('error', () => {})
})
afterEach(async () => {
  session.destroy()
  await listener.close()
})

interface Answer {
  readonly headers: Record<string, unknown>
  readonly trailers: Record<string, unknown> | undefined
  readonly body: Buffer
}

function send(path: string, body: Buffer, on: ClientHttp2Session = session): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = on.request({ ':method': 'POST', ':path': path, 'x-mine': 'yes' })
    const chunks: Buffer[] = []
    let headers: Record<string, unknown> = {}
    let trailers: Record<string, unknown> | undefined
    stream.on('response', (given) => {
      headers = given
    })
    stream.on('trailers', (given) => {
      trailers = given
    })
    stream.on('data', (chunk) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('close', () => {
      if (stream.rstCode === constants.NGHTTP2_NO_ERROR)
        resolve({ headers, trailers, body: Buffer.concat(chunks) })
      else reject(new Error(`reset with ${stream.rstCode}`))
    })
    stream.end(body)
  })
}

test('its address has no scheme', () => {
  expect(listener.url).toMatch(/^127\.0\.0\.1:\d+$/)
})

test('a request arrives as one of HTTP/1.1 does, and its answer has trailers', async () => {
  const { headers, trailers, body } = await send('/a%2Fb?x=1', Buffer.from('hello'))
  expect(body.toString()).toBe('hello')
  expect(headers[':status']).toBe(200)
  expect(trailers).toMatchObject({ 'x-after': '1' })
  expect(requests[0]).toMatchObject({
    method: 'POST',
    target: '/a%2Fb?x=1',
    path: '/a%2Fb',
    httpVersion: '2',
    headers: { 'x-mine': 'yes' },
    origin: `http://${listener.url}`,
  })
  expect(requests[0]?.query.get('x')).toBe('1')
  expect(Object.keys(requests[0]?.headers ?? {}).filter((name) => name.startsWith(':'))).toEqual([])
})

test('without a body the trailers are the headers', async () => {
  answer = async () => ({ status: 200, headers: { a: '1' }, trailers: { b: '2' } })
  const { headers, trailers } = await send('/', Buffer.from('x'))
  expect(headers).toMatchObject({ ':status': 200, a: '1', b: '2' })
  expect(trailers).toBeUndefined()
})

test('bodies beyond the window of a stream come whole, a hundred of them at once', {
  timeout: 30_000,
}, async () => {
  const bodies = Array.from({ length: 100 }, (_, index) => Buffer.alloc(200_000, index))
  const answers = await Promise.all(bodies.map((body) => send('/', body)))
  expect(answers.every(({ body }, index) => body.equals(bodies[index] as Buffer))).toBe(true)
})

test('a body beyond the limit arrives cut, and the connection lives on', async () => {
  answer = async ({ body }) => ({ status: 200, body: String(body.length) })
  expect((await send('/', Buffer.alloc(2_000_000))).body.toString()).toBe('300000')
  expect((await send('/', Buffer.alloc(10))).body.toString()).toBe('10')
})

test('a fault of the listener is 500 without details', async () => {
  answer = async () => {
    throw new Error('sk_live_1')
  }
  const { headers, body } = await send('/', Buffer.from('x'))
  expect([headers[':status'], body.length]).toEqual([500, 0])
})

describe('the end of a connection', () => {
  test('a dropped answer destroys it, and no other', async () => {
    const other = connect(`http://${listener.url}`)
    await send('/', Buffer.from('x'), other)
    answer = async () => 'drop'
    await expect(send('/', Buffer.from('x'))).rejects.toThrow()
    answer = async () => ({ status: 200 })
    expect((await send('/', Buffer.from('x'), other)).headers[':status']).toBe(200)
    other.destroy()
  })

  test('closing says goodbye first, and ends what is under way', async () => {
    let isAsked = (): void => {}
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve
    })
    answer = () => {
      isAsked()
      return new Promise(() => {})
    }
    const goodbye = once(session, 'goaway')
    const pending = send('/', Buffer.from('x')).then(
      () => 'answered',
      () => 'ended',
    )
    await asked
    await listener.close()
    await goodbye
    expect(await pending).toBe('ended')
  })

  test('a client that goes away in the middle harms nobody', async () => {
    const gone = connect(`http://${listener.url}`)
    const stream = gone.request({ ':method': 'POST', ':path': '/' })
    stream.on('error', () => {})
    stream.write('half')
    await once(gone, 'connect')
    gone.destroy()
    const cancelled = session.request({ ':method': 'POST', ':path': '/' })
    cancelled.on('error', () => {})
    cancelled.write('half')
    cancelled.close(constants.NGHTTP2_CANCEL)
    expect((await send('/last', Buffer.from('x'))).body.toString()).toBe('x')
    expect(requests.map(({ path }) => path)).toEqual(['/last'])
  })
})

test.each([
  ['HTTP/1.1', 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00'],
  [
    'a frame of no kind after the preface',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff',
  ],
  ['headers of stream 0', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x01\x01\x05\0\0\0\0\x82'],
])('%s is refused, and the next client served', async (_, text) => {
  const socket = connectSocket(Number(listener.url.split(':')[1]), '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  socket.write(Buffer.from(text, 'latin1'))
  await once(socket, 'close')
  expect((await send('/', Buffer.from('x'))).body.toString()).toBe('x')
})
