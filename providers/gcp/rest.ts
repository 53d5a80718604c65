import { Agent as HttpAgent, type IncomingHttpHeaders, request as sendHttp } from 'node:http'
import { Agent as HttpsAgent, request as sendHttps } from 'node:https'
import { Fault } from 'strongroom/provider'
import type { Auth } from './credential.js'
import { connectionFailure } from './error-codes.js'
import { answerFailure, nodeCodeOf, retryAfterMs } from './facts.js'

/** A backstop under the store's own timeout. */
export const backstopMs = 600_000

/** What the client gives to `fetch`, and reads of its answer. */
export interface RestRequest {
  readonly method: string
  readonly headers: Headers
  readonly body?: string | Buffer
  readonly signal: AbortSignal
}

export interface RestAnswer {
  readonly ok: true
  readonly status: number
  readonly arrayBuffer: () => Promise<Uint8Array>
}

/** Carries the requests that the client has built for REST. */
export interface Carrier {
  readonly fetch: (url: string | URL, request: RestRequest) => Promise<RestAnswer>
  readonly close: () => void
}

/**
 * Each request is sent once, without redirects, with nothing of it in an error. The client's own way keeps request and
 * value in its errors, in another form in each version, and follows redirects with a value. An answer that is an error
 * is read here, where its status and headers are.
 */
export function openCarrier(auth: Auth): Carrier {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }
  return {
    async fetch(url, request) {
      const credential = await auth.getClient()
      const headers = new Headers(request.headers)
      const own = await credential.getRequestHeaders(String(url))
      own.forEach((value, key) => {
        headers.set(key, value)
      })
      const answer = await exchange(new URL(url), { ...request, headers }, agents).catch(asFault)
      if (answer.status !== 200) {
        const waitMs = retryAfterMs(answer.headers['retry-after'], answer.headers.date)
        throw new Fault(answerFailure(answer.status, answer.body.toString('utf8'), waitMs))
      }
      return { ok: true, status: 200, arrayBuffer: async () => answer.body }
    },
    close: () => {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

function exchange(
  url: URL,
  { method, headers, body, signal }: RestRequest,
  { http, https }: { readonly http: HttpAgent; readonly https: HttpsAgent },
): Promise<Answer> {
  const options = {
    method,
    headers: Object.fromEntries(headers),
    signal: AbortSignal.any([signal, AbortSignal.timeout(backstopMs)]),
  }
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'http:'
        ? sendHttp(url, { ...options, agent: http })
        : sendHttps(url, { ...options, agent: https })
    request.on('error', reject)
    request.on('response', (message) => {
      const { statusCode: status = 0, headers: given } = message
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => chunks.push(chunk))
      message.on('error', reject)
      message.on('end', () => resolve({ status, headers: given, body: Buffer.concat(chunks) }))
    })
    request.end(body)
  })
}

/** Node wraps the reason of an abort in an error of its own. */
function asFault(error: unknown): never {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error && cause.name === 'TimeoutError') throw new Fault({ code: 'TIMEOUT' })
  const code = nodeCodeOf(error)
  throw new Fault(connectionFailure(code ?? '', code))
}
