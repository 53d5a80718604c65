import type { Auth } from './credential.js'
import { connectionFailure } from './error-codes.js'
import { GcpFault } from './errors.js'
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
  readonly arrayBuffer: () => Promise<ArrayBuffer>
}

export type RestFetch = (url: string | URL, request: RestRequest) => Promise<RestAnswer>

/**
 * Carries the requests that the client has built for REST: once, without redirects, with nothing of them in an error.
 * The client's own way keeps request and value in its errors, in another form in each version, and follows redirects
 * with a value. An answer that is an error is read here, where its status and headers are.
 */
export function restFetch(auth: Auth): RestFetch {
  return async (url, request) => {
    const credential = await auth.getClient()
    const headers = new Headers(request.headers)
    const own = await credential.getRequestHeaders(String(url))
    own.forEach((value, key) => {
      headers.set(key, value)
    })
    const { answer, body } = await exchange(url, { ...request, headers })
    if (answer.status !== 200) {
      const waitMs = retryAfterMs(answer.headers.get('retry-after'), answer.headers.get('date'))
      throw new GcpFault(answerFailure(answer.status, Buffer.from(body).toString('utf8'), waitMs))
    }
    return { ok: true, status: 200, arrayBuffer: async () => body }
  }
}

async function exchange(
  url: string | URL,
  { method, headers, body, signal }: RestRequest,
): Promise<{ readonly answer: Response; readonly body: ArrayBuffer }> {
  try {
    const answer = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(backstopMs)]),
      ...(body !== undefined && { body }),
    })
    return { answer, body: await answer.arrayBuffer() }
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') throw new GcpFault({ code: 'TIMEOUT' })
    const code = nodeCodeOf(error)
    throw new GcpFault(connectionFailure(code ?? '', code))
  }
}
