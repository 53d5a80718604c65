import {
  type ClientHttp2Session,
  connect,
  type Http2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Stream,
} from 'node:http2'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type FaultServer, type Forged, HangListeners, type Passing, type Trick } from './fault-server.js'

/** A fault server that speaks gRPC: HTTP/2 in plain text, whose connections last. */
export async function startGrpcFaultServer(upstream: string): Promise<FaultServer> {
  let trick: Trick = { kind: 'pass' }
  let applies: (request: Passing) => boolean = () => true
  let arrived = 0
  const hangs = new HangListeners()
  const sessions = new Set<Http2Session>()
  const onward = connect(`http://${upstream}`)
  onward.on('error', ended)

  const server = createServer((socket) => {
    socket.on('error', ended)
    if (trick.kind === 'reset-before') {
      socket.resetAndDestroy()
      return
    }
    const session = performServerHandshake(socket)
    sessions.add(session)
    session.on('error', ended)
    session.on('close', () => sessions.delete(session))
    session.on('stream', (stream, headers) => {
      stream.on('error', ended)
      arrived += 1
      if (trick.kind === 'reset-during') {
        socket.resetAndDestroy()
        return
      }
      read(stream).then((sent) => {
        const request = { method: 'POST', headers, body: sent.toString('utf8') }
        const now = applies(request) ? trick : ({ kind: 'pass' } as const)
        if (now.kind === 'hang') hangs.tell()
        else if (now.kind === 'reset-after') socket.resetAndDestroy()
        else if (now.kind === 'forge') forge(stream, now.answer(request))
        else pass(onward, headers, sent, { stream, socket }, now.kind)
      }, ended)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    play(next, only = () => true) {
      trick = next
      applies = only
      arrived = 0
    },
    requests: () => arrived,
    onHang: (run) => hangs.add(run),
    close: async () => {
      for (const session of [...sessions, onward]) session.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Caller {
  readonly stream: ServerHttp2Stream
  readonly socket: Socket
}

function pass(
  onward: ClientHttp2Session,
  headers: IncomingHttpHeaders,
  sent: Buffer,
  { stream, socket }: Caller,
  kind: string,
): void {
  const answer = onward.request({ ':method': 'POST', ':path': headers[':path'], ...plainOf(headers) })
  let head: IncomingHttpHeaders = {}
  let trailers: IncomingHttpHeaders = {}
  answer.on('error', ended)
  answer.on('response', (received) => {
    head = received
  })
  answer.on('trailers', (received) => {
    trailers = received
  })
  read(answer).then((message) => {
    if (kind === 'reply-lost') {
      socket.resetAndDestroy()
    } else if (kind === 'cut-body') {
      stream.respond({ ':status': 200, ...plainOf(head) })
      stream.write(message.subarray(0, Math.floor(message.length / 2)))
      setImmediate(() => socket.destroy())
    } else {
      respond(stream, { ':status': 200, ...plainOf(head) }, message, trailers)
    }
  }, ended)
  answer.end(sent)
}

/** Answers of gRPC end in trailers, even made-up ones; those of others do not. */
function forge(stream: ServerHttp2Stream, { status, headers, body }: Forged): void {
  const isGrpc = headers?.['content-type'] === grpcType
  respond(stream, { ':status': status, ...headers }, Buffer.from(body), isGrpc ? { 'grpc-status': '0' } : {})
}

function respond(
  stream: ServerHttp2Stream,
  headers: OutgoingHttpHeaders,
  message: Buffer,
  trailers: IncomingHttpHeaders,
): void {
  if (stream.destroyed) return
  if (message.length === 0) {
    stream.respond(headers, { endStream: true })
    return
  }
  stream.respond(headers, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers(plainOf(trailers)))
  stream.end(message)
}

function plainOf(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':')))
}

async function read(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export const grpcType = 'application/grpc'

/** A connection that ends early is what this server is for. */
function ended(error: unknown): void {
  void error
}
