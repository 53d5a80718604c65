import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import { sentVerb, verbFront } from './verbs.js'

/** A request as a service sees it. The body has arrived whole. */
export interface EmulatorRequest {
  readonly method: string
  /** The target as sent, still percent-encoded: `/secrets/a%2Fb?x=1`. */
  readonly target: string
  /** The target before `?`, still percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** Of the connection. */
  readonly httpVersion: '1.1' | '2'
  readonly body: Buffer
  /** Scheme, host and port that the client used, from its `Host` header: for links in an answer. */
  readonly origin: string
}

export interface EmulatorReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** Sent after the body, on HTTP/2 only. Without a body they are the headers. */
  readonly trailers?: Readonly<Record<string, string>>
}

export interface ListenOptions {
  /** Address to bind. Default `127.0.0.1`. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
  /** PEM texts; with them the server speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** A larger body is answered 413 without reaching the service. Default 10 MiB. */
  readonly maxBodyBytes?: number
  /** `LIST` and `SCAN`, which Node's parser refuses, arrive as any other method. Default false. */
  readonly listVerbs?: boolean
}

/** Answers a request; `'drop'` destroys the socket instead. A rejection is answered 500 without details. */
export type RequestListener = (request: EmulatorRequest) => Promise<EmulatorReply | 'drop'>

export interface Listener {
  /** `http://127.0.0.1:4584` */
  readonly url: string
  /** Stops listening and ends every socket at once. */
  close(): Promise<void>
}

/** Starts an HTTP or HTTPS server on `node:http` that no request can crash. */
export async function listen(onRequest: RequestListener, options: ListenOptions = {}): Promise<Listener> {
  const { host = '127.0.0.1', port = 0, tls, maxBodyBytes = 10 * 1024 * 1024, listVerbs = false } = options
  const scheme = tls === undefined ? 'http' : 'https'
  const answer = (message: IncomingMessage, response: ServerResponse): void => {
    if (listVerbs) message.method = sentVerb(message.method ?? '')
    serve(message, response, scheme, maxBodyBytes, onRequest)
  }
  const web: Server =
    tls === undefined || listVerbs
      ? createServer(answer)
      : (await import('node:https')).createServer({ ...tls }, answer)
  web.keepAliveTimeout = 60_000
  web.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n')
    else socket.destroy()
  })
  const server = listVerbs ? await doorOf(web, tls) : web
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  })
  return {
    url: `${scheme}://${await bind(server, host, port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Starts listening, and gives the address to call as `host:port`. */
export async function bind(server: NetServer, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return `${urlHost(host)}:${(server.address() as AddressInfo).port}`
}

/** Takes the sockets, and hands them to the web server with its verbs made readable. */
async function doorOf(web: Server, tls: ListenOptions['tls']): Promise<NetServer> {
  const enter = (socket: Socket): void => {
    web.emit('connection', verbFront(socket))
  }
  // As Node's own HTTP server: an answer in two parts would wait for the client's delayed ACK in between.
  if (tls === undefined) return (await import('node:net')).createServer({ noDelay: true }, enter)
  const door = (await import('node:tls')).createServer({ ...tls, noDelay: true }, enter)
  door.on('tlsClientError', (_error, socket) => socket.destroy())
  return door
}

/** A wildcard address is no address to call: the URL then names loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

function serve(
  message: IncomingMessage,
  response: ServerResponse,
  scheme: string,
  maxBodyBytes: number,
  onRequest: RequestListener,
): void {
  const chunks: Buffer[] = []
  let size = 0
  message.on('error', () => message.destroy())
  response.on('error', () => message.destroy())
  message.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= maxBodyBytes) chunks.push(chunk)
    else if (!response.headersSent) {
      response.writeHead(413, { connection: 'close' }).end()
      chunks.length = 0
    } else if (size > 2 * maxBodyBytes) message.destroy()
  })
  message.on('end', () => {
    if (size > maxBodyBytes) return
    onRequest(toRequest(message, scheme, Buffer.concat(chunks))).then(
      (reply) => (reply === 'drop' ? message.socket.destroy() : send(response, reply)),
      () => send(response, { status: 500 }),
    )
  })
}

const noQuery = new URLSearchParams()

function toRequest(message: IncomingMessage, scheme: string, body: Buffer): EmulatorRequest {
  const target = message.url ?? '/'
  const cut = target.indexOf('?')
  return {
    method: message.method ?? 'GET',
    target,
    path: cut < 0 ? target : target.slice(0, cut),
    query: cut < 0 ? noQuery : new URLSearchParams(target.slice(cut + 1)),
    headers: message.headers,
    httpVersion: '1.1',
    body,
    origin: `${scheme}://${message.headers.host ?? `${message.socket.localAddress}:${message.socket.localPort}`}`,
  }
}

function send(response: ServerResponse, { status, headers, body = '' }: EmulatorReply): void {
  if (response.destroyed || response.headersSent) return
  const length = String(Buffer.byteLength(body))
  if (status === 204 || status === 304) response.writeHead(status, headers).end()
  // A text goes out in one piece with the head; bytes would be a second.
  else response.writeHead(status, { ...headers, 'content-length': length }).end(body)
}
