import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  request as send,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createCertificate } from 'strongroom/testing'

/** An answer that a server in the middle makes up. */
export interface Forged {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

export interface Passing {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What happens to the requests that arrive. */
export type Trick =
  | { readonly kind: 'pass' }
  | { readonly kind: 'reset-before' | 'reset-during' | 'reset-after' | 'hang' }
  /** Passed on; what comes back is lost, cut in two, or spoiled. */
  | { readonly kind: 'reply-lost' | 'cut-body' }
  | { readonly kind: 'forge'; readonly answer: (request: Passing) => Forged }

export interface FaultServer {
  readonly url: string
  readonly port: number
  /** Applies to requests of this kind only; others pass. Default all. */
  play(trick: Trick, only?: (request: Passing) => boolean): void
  /** Requests that arrived since the trick began. */
  requests(): number
  /** Calls back when a request is left hanging, until the result is called. */
  onHang(run: () => void): () => void
  close(): Promise<void>
}

/** Who is told that a request hangs. */
export class HangListeners {
  readonly #listeners = new Set<() => void>()

  add(run: () => void): () => void {
    this.#listeners.add(run)
    return () => this.#listeners.delete(run)
  }

  tell(): void {
    for (const run of [...this.#listeners]) run()
  }
}

/** A server between an SDK and an emulator, which breaks what passes on the level of bytes. */
export async function startFaultServer(upstream: string): Promise<FaultServer> {
  let trick: Trick = { kind: 'pass' }
  let applies: (request: Passing) => boolean = () => true
  let arrived = 0
  const hangs = new HangListeners()
  const sockets = new Set<Socket>()

  const server = createServer((message, response) => {
    arrived += 1
    if (trick.kind === 'reset-during') {
      message.socket.resetAndDestroy()
      return
    }
    read(message).then((body) => {
      const request = { method: message.method ?? 'GET', headers: message.headers, body }
      const now = applies(request) ? trick : ({ kind: 'pass' } as const)
      if (now.kind === 'hang') hangs.tell()
      else if (now.kind === 'reset-after') message.socket.resetAndDestroy()
      else if (now.kind === 'forge') forge(response, now.answer(request))
      else pass(upstream, message, request, response, now.kind)
    }, ended)
  })
  server.on('connection', (socket) => {
    if (trick.kind === 'reset-before') {
      socket.resetAndDestroy()
      return
    }
    sockets.add(socket)
    socket.on('error', ended)
    socket.on('close', () => sockets.delete(socket))
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
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A TLS server whose authority nobody trusts. */
export async function startStranger(): Promise<{ readonly url: string; close(): Promise<unknown> }> {
  const { key, cert } = createCertificate()
  const server = createTlsServer({ key, cert, ALPNProtocols: ['h2', 'http/1.1'] })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

function pass(
  upstream: string,
  message: IncomingMessage,
  { body }: Passing,
  response: ServerResponse,
  kind: 'pass' | 'reply-lost' | 'cut-body' | string,
): void {
  const options = { method: message.method, headers: message.headers, agent: false } as const
  const onward = send(new URL(message.url ?? '/', upstream), options, (answer) => {
    read(answer).then((text) => {
      if (kind === 'reply-lost') {
        message.socket.resetAndDestroy()
        return
      }
      const { 'keep-alive': _, ...headers } = answer.headers
      response.writeHead(answer.statusCode ?? 500, { ...headers, connection: 'close' })
      if (kind !== 'cut-body') {
        response.end(text)
        return
      }
      response.write(text.slice(0, Math.floor(text.length / 2)))
      setImmediate(() => message.socket.destroy())
    }, ended)
  })
  onward.on('error', ended)
  onward.end(body)
}

function forge(response: ServerResponse, { status, headers, body }: Forged): void {
  const length = Buffer.byteLength(body)
  response.writeHead(status, { ...headers, connection: 'close', 'content-length': length }).end(body)
}

async function read(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** A socket that ends early is what this server is for. */
function ended(error: unknown): void {
  void error
}
