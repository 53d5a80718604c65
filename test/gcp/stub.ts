import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createStore, type SecretStore } from 'strongroom'
import { type GcpClient, type GcpOptions, gcp } from 'strongroom/gcp'
import { crc32c } from '../../providers/gcp/checksum.js'
import type { Method } from '../../providers/gcp/client.js'
import { project } from './kit.js'

export interface Seen {
  readonly method: Method
  // biome-ignore lint/suspicious/noExplicitAny: requests of every method
  readonly request: any
  readonly options: object
}

/** What the service would answer. An `Error` is thrown; a list is `{ items, nextPageToken }`. */
export type Answers = { readonly [M in Method]?: (request: Seen['request'], index: number) => unknown }

export interface ClientStub {
  readonly client: GcpClient
  readonly seen: Seen[]
  /** How many calls were cancelled. */
  readonly cancelled: () => number
  /** The methods that were called, in order. */
  readonly methods: () => string[]
}

/** A client without a service behind it. */
export function stubClient(answers: Answers): ClientStub {
  const seen: Seen[] = []
  let cancelled = 0
  const call = (method: Method) => (request: Seen['request'], options: object) => {
    const index = seen.filter((each) => each.method === method).length
    seen.push({ method, request, options })
    const answer = Promise.resolve(answers[method]?.(request, index)).then(tupleOf)
    return Object.assign(answer, {
      cancel: () => {
        cancelled += 1
      },
    })
  }
  const innerApiCalls = Object.fromEntries(
    (Object.keys(answers) as Method[]).map((method) => [method, call(method)]),
  )
  return {
    client: { initialize: async () => ({}), innerApiCalls, close: async () => {} },
    seen,
    cancelled: () => cancelled,
    methods: () => seen.map(({ method }) => method),
  }
}

function tupleOf(answer: unknown): readonly unknown[] {
  if (answer instanceof Error) throw answer
  const { items, nextPageToken } = (answer ?? {}) as { items?: unknown; nextPageToken?: unknown }
  return items === undefined ? [answer, null, null] : [items, null, { nextPageToken }]
}

export function storeOn({ client }: ClientStub, options: GcpOptions = {}): SecretStore {
  const provider = gcp({ project, client, ...options })
  return createStore({ provider, layers: [], after: (_, run) => cancelOf(setImmediate(run)) })
}

function cancelOf(turn: NodeJS.Immediate): () => void {
  return () => clearImmediate(turn)
}

/** The project by number, as the service names it. */
const root = 'projects/123456789012/secrets'

export function version(number: number, state: string | number = 'ENABLED', more: object = {}): object {
  const createTime = { seconds: String(1_767_225_600 + number), nanos: 5_000_000 }
  return { name: `${root}/db/versions/${number}`, state, createTime, etag: `"v${number}"`, ...more }
}

export function secret(more: object = {}): object {
  const createTime = { seconds: '1767225600', nanos: 0 }
  return {
    name: `${root}/db`,
    etag: '"e1"',
    labels: {},
    annotations: {},
    versionAliases: {},
    createTime,
    ...more,
  }
}

export function accessed(number: number, value: string | Uint8Array, more: object = {}): object {
  const data = Buffer.from(value)
  return {
    name: `${root}/db/versions/${number}`,
    payload: { data, dataCrc32c: String(crc32c(data)), ...more },
  }
}

/** An error as gRPC gives it. */
export function grpcError(code: number, details = '', more: object = {}): Error {
  return Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {}, ...more })
}

/** An error of REST as the client of 6.3 gives it: the body as the message, and the request beside it. */
export function rawError(status: number, body: string | object, headers: Record<string, string> = {}): Error {
  const message = typeof body === 'string' ? body : JSON.stringify(body)
  const response = { status, headers: new Headers(headers) }
  return Object.assign(new Error(message), { code: status, status, response, config: { data: 'c2VjcmV0' } })
}

/** An error of REST as the client of 7.x gives it. */
export function decodedError(
  code: number,
  httpStatusCode: number,
  message: string,
  more: object = {},
): Error {
  const cause = Object.assign(new Error('see config'), { config: { data: 'c2VjcmV0' } })
  return Object.assign(new Error(message, { cause }), { code, httpStatusCode, ...more })
}

export function bodyOf(code: number, status: string, message: string, ...details: object[]): object {
  return { error: { code, message, status, ...(details.length > 0 && { details }) } }
}

export const disabledText = 'Secret Version [projects/1/secrets/db/versions/2] is in DISABLED state.'
export const destroyedText = 'Secret Version [projects/1/secrets/db/versions/2] is in DESTROYED state.'
export const notFound = (): Error =>
  grpcError(5, 'Secret [projects/1/secrets/db] not found or has no versions.')
export const stale = (): Error => grpcError(9, 'The etag does not match.')

export interface StubRequest {
  readonly method: string
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

export interface RestStub {
  readonly url: string
  readonly requests: StubRequest[]
  readonly close: () => Promise<void>
}

/** A server that answers REST as told. */
export async function openRestStub(answer: (request: StubRequest) => StubAnswer): Promise<RestStub> {
  const requests: StubRequest[] = []
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of message) chunks.push(chunk as Buffer)
    const { method = '', url: target = '', headers } = message
    const request = { method, target, headers, body: Buffer.concat(chunks).toString() }
    requests.push(request)
    const reply = answer(request)
    if (reply === 'hang') return
    if (reply === 'drop') {
      message.socket.destroy()
      return
    }
    if (reply === 'cut') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"name":', () => message.socket.destroy())
      return
    }
    const { status, body = '', headers: own } = reply
    response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', ...own })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
