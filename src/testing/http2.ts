import {
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer, type Socket } from 'node:net'
import {
  bind,
  type EmulatorReply,
  type EmulatorRequest,
  type Listener,
  type ListenOptions,
  type RequestListener,
} from './server.js'

/** As many as Google's front end lets a connection have at once; a client waits with more. */
const maxConcurrentStreams = 100
/** Megabytes that the streams of one connection may hold: Node's 10 are not enough for that many large requests. */
const maxSessionMemory = 1_024

/**
 * Starts an HTTP/2 server in plain text, whose clients know that it is one, that no request can crash. Its `url` has no
 * scheme. `'drop'` destroys the connection, with every stream on it. A body larger than `maxBodyBytes` arrives cut: the
 * protocol in it tells how long it was to be.
 */
export async function listenHttp2(
  onRequest: RequestListener,
  options: Pick<ListenOptions, 'host' | 'port' | 'maxBodyBytes'> = {},
): Promise<Listener> {
  const { host = '127.0.0.1', port = 0, maxBodyBytes = 10 * 1024 * 1024 } = options
  const connections = new Map<Socket, ServerHttp2Session>()
  const server = createServer({ noDelay: true }, (socket) => {
    const session = performServerHandshake(socket, { maxSessionMemory, settings: { maxConcurrentStreams } })
    connections.set(socket, session)
    socket.on('close', () => connections.delete(socket))
    socket.on('error', () => socket.destroy())
    session.on('error', () => socket.destroy())
    session.on('stream', (stream, headers) => {
      stream.on('error', () => stream.destroy())
      collect(stream, maxBodyBytes, (body) => {
        onRequest(toRequest(headers, body)).then(
          (reply) => (reply === 'drop' ? socket.destroy() : send(stream, reply)),
          () => send(stream, { status: 500 }),
        )
      })
    })
  })
  return {
    url: await bind(server, host, port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const session of connections.values()) session.destroy()
      }),
  }
}

/** What comes after the cut is read and thrown away, or it would block the connection. */
function collect(stream: ServerHttp2Stream, maxBytes: number, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  let left = maxBytes
  stream.on('data', (chunk: Buffer) => {
    if (left <= 0) return
    chunks.push(chunk.subarray(0, left))
    left -= chunk.length
    if (left <= 0) done(Buffer.concat(chunks))
  })
  stream.on('end', () => {
    // A client that cancels ends its stream too.
    if (left > 0 && !stream.aborted) done(Buffer.concat(chunks))
  })
}

function toRequest(sent: IncomingHttpHeaders, body: Buffer): EmulatorRequest {
  const { ':method': method = 'GET', ':path': target = '/', ':authority': authority } = sent
  const cut = target.indexOf('?')
  const headers = Object.fromEntries(Object.entries(sent).filter(([name]) => !name.startsWith(':')))
  return {
    method,
    target,
    path: cut < 0 ? target : target.slice(0, cut),
    query: new URLSearchParams(cut < 0 ? '' : target.slice(cut + 1)),
    headers,
    httpVersion: '2',
    body,
    origin: `http://${authority ?? headers['host'] ?? ''}`,
  }
}

function send(stream: ServerHttp2Stream, { status, headers, body = '', trailers }: EmulatorReply): void {
  if (stream.destroyed || stream.headersSent) return
  if (body.length === 0) {
    stream.respond({ ':status': status, ...headers, ...trailers }, { endStream: true })
    return
  }
  stream.respond({ ':status': status, ...headers }, { waitForTrailers: trailers !== undefined })
  stream.on('wantTrailers', () => stream.sendTrailers({ ...trailers }))
  stream.end(body)
}
