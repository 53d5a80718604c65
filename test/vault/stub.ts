import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createStore, SecretError, type SecretStore, type StoreOptions } from 'strongroom'
import { createCertificate } from 'strongroom/testing'
import { type VaultOptions, vault } from 'strongroom/vault'

export interface StubRequest {
  readonly method: string
  /** As it was sent. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface StubReply {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string | object
}

/** `drop` ends the socket, `cut` ends it within the body, `hang` never answers. */
export type StubAnswer = StubReply | 'drop' | 'cut' | 'hang'

export interface Stub {
  readonly url: string
  readonly host: string
  readonly requests: StubRequest[]
  /** Sockets that were opened. */
  readonly sockets: () => number
  readonly close: () => Promise<void>
}

export type Answerer = (request: StubRequest) => StubAnswer | undefined | Promise<StubAnswer | undefined>

const bundle = createCertificate()
/** What a client of a TLS stub trusts. */
export const authority: string = bundle.ca
export const secretToken = 's.CANARY0f1d3c9bTokenToken'

/** A server that answers as told; what it is told nothing of, the look at the token and at the mount, it answers well. */
export async function openStub(
  answer: Answerer,
  { tls = false }: { readonly tls?: boolean } = {},
): Promise<Stub> {
  const requests: StubRequest[] = []
  const open = new Set<Socket>()
  let sockets = 0
  const listener = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of message) chunks.push(chunk as Buffer)
    const { method = '', url = '', headers } = message
    const request = { method, target: url, headers, body: Buffer.concat(chunks).toString() }
    requests.push(request)
    const reply = (await answer(request)) ?? usual(request)
    if (reply === 'hang') return
    if (reply === 'drop') {
      message.socket.destroy()
      return
    }
    if (reply === 'cut') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"data":{"data":{"value":', () => message.socket.destroy())
      return
    }
    const { status, body = '' } = reply
    response.writeHead(status, { 'content-type': 'application/json', ...reply.headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  const server = tls
    ? createTlsServer({ key: bundle.key, cert: bundle.cert }, listener)
    : createServer(listener)
  server.on('connection', (socket: Socket) => {
    sockets += 1
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `${tls ? 'https' : 'http'}://${host}`,
    host,
    requests,
    sockets: () => sockets,
    close: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function usual({ target }: StubRequest): StubReply {
  if (target.includes('lookup-self')) return ok({ ttl: 0, renewable: false })
  if (target.includes('/internal/ui/mounts'))
    return ok({ type: 'kv', path: 'secret/', options: { version: '2' } })
  return refused(404)
}

export function ok(data: object): StubReply {
  return { status: 200, body: { request_id: 'r', data } }
}

/** A refusal in the server's words. */
export function refused(status: number, ...errors: string[]): StubReply {
  return { status, body: { errors } }
}

export function secret(data: object, version = 1): StubReply {
  const created_time = '2026-01-01T00:00:00.123456789Z'
  const metadata = { version, created_time, deletion_time: '', destroyed: false, custom_metadata: null }
  return ok({ data, metadata })
}

export function stored(version: number): StubReply {
  return ok({ version, created_time: '2026-01-01T00:00:00Z', deletion_time: '', destroyed: false })
}

export function grant(client_token: string, lease_duration: number, renewable = true): StubReply {
  return { status: 200, body: { auth: { client_token, lease_duration, renewable }, data: null } }
}

export function isData({ target }: StubRequest): boolean {
  return target.startsWith('/v1/secret/data/')
}

export function open(
  stub: Stub,
  options: VaultOptions = {},
  timing: Partial<StoreOptions> = {},
): SecretStore {
  const credentials = options.auth === undefined && options.token === undefined ? { token: secretToken } : {}
  const provider = vault({ address: stub.url, ...credentials, ...options })
  return createStore({ layers: [], ...timing, provider })
}

/** What a call rejects with; fails when it is nothing, or no error of ours. */
export async function errorOf(call: Promise<unknown>): Promise<SecretError> {
  const [settled] = await Promise.allSettled([call])
  if (settled.status === 'fulfilled') throw new Error('the call succeeded')
  if (!SecretError.is(settled.reason)) throw settled.reason
  return settled.reason
}
