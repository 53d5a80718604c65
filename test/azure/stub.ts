import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface StubRequest {
  readonly method: string
  /** Path and query, decoded. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface StubReply {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string | object
  /** Waits before it answers. Real time: a few milliseconds. */
  readonly delayMs?: number
}

/** `drop` ends the socket, `cut` ends it within the body, `hang` never answers. */
export type StubAnswer = StubReply | 'drop' | 'cut' | 'hang'

export interface Stub {
  readonly url: string
  readonly requests: StubRequest[]
  readonly close: () => Promise<void>
}

export const challenge: StubReply = {
  status: 401,
  headers: {
    'www-authenticate':
      'Bearer authorization="https://login.windows.net/tenant", resource="https://vault.azure.net"',
  },
  body: { error: { code: 'Unauthorized', message: 'AKV10000: Request is missing a Bearer or PoP token.' } },
}

export interface StubOptions {
  /** Whether a request without a token is challenged before `answer` sees it. Default true. */
  readonly challenged?: boolean
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** A vault that answers as told; a request without a token is challenged unless `answer` sees to it. */
export async function openStub(
  answer: (request: StubRequest, index: number) => StubAnswer,
  { challenged = true, tls }: StubOptions = {},
): Promise<Stub> {
  const requests: StubRequest[] = []
  const listener: RequestListener = async (message, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of message) chunks.push(chunk as Buffer)
    const { method = '', url = '', headers } = message
    const request = {
      method,
      target: decodeURIComponent(url),
      headers,
      body: Buffer.concat(chunks).toString(),
    }
    const isChallenge = challenged && headers.authorization === undefined
    if (!isChallenge) requests.push(request)
    const reply = isChallenge ? challenge : answer(request, requests.length - 1)
    if (reply === 'hang') return
    if (reply === 'drop') {
      message.socket.destroy()
      return
    }
    if (reply === 'cut') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"value":', () => message.socket.destroy())
      return
    }
    const { status, body = '', delayMs = 0 } = reply
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    setTimeout(() => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...reply.headers })
      response.end(text)
    }, delayMs)
  }
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener)
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

/** A version as the service tells it. */
export function bundle(value: string, more: object = {}): object {
  const id = 'https://v.vault.azure.net/secrets/a/00000000000000000000000000000001'
  return { value, id, attributes: { enabled: true, created: 1_700_000_000, updated: 1_700_000_000 }, ...more }
}

export function failure(code: string, innerCode?: string, message = 'a sentence of the service'): object {
  return { error: { code, message, ...(innerCode && { innererror: { code: innerCode } }) } }
}
