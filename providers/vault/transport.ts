import { readFileSync } from 'node:fs'
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { Fault, type JsonValue, parseJson, refusal } from 'strongroom/provider'
import type { Answer } from './answer.js'
import { type Endpoint, invalid } from './endpoint.js'
import { networkFault } from './network-fault.js'

/** A request as the client hands it down through its seam. */
export interface Outgoing {
  readonly method: string
  readonly uri: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly signal?: AbortSignal
}

export interface TransportOptions {
  readonly caFile?: string | undefined
  readonly skipVerify: boolean
  /** Hosts, with their ports, that a standby may send a request on to. */
  readonly redirectHosts: readonly string[]
  readonly maxAnswerBytes: number
}

export interface Transport {
  /** Makes one request, once, and follows one redirect to a host on the list. */
  readonly send: (request: Outgoing) => Promise<Answer>
  /** Ends the connections that are kept. */
  readonly close: () => void
}

/**
 * HTTP for the client: connections are kept, a redirect is a decision, an answer has a largest size, a call can be
 * aborted, and an error holds neither token nor value.
 */
export function openTransport(endpoint: Endpoint, options: TransportOptions): Transport {
  const { caFile, skipVerify, redirectHosts, maxAnswerBytes } = options
  const tls = {
    rejectUnauthorized: !skipVerify,
    ...(caFile !== undefined && { ca: readAuthority(caFile) }),
  }
  const agent = endpoint.isPlain
    ? new PlainAgent({ keepAlive: true })
    : new TlsAgent({ keepAlive: true, ...tls })

  const sendTo = (url: URL, { method, headers, json, signal }: Outgoing): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const body = json === undefined ? undefined : Buffer.from(JSON.stringify(json))
      const open = endpoint.isPlain ? plainRequest : tlsRequest
      const outgoing = open(url, {
        agent,
        method,
        headers: { ...headers, ...(body && { 'content-length': String(body.byteLength) }) },
        ...(signal && { signal }),
      })
      const fail = (error: unknown): void => reject(networkFault(error))
      outgoing.on('error', fail)
      outgoing.on('response', (incoming) => read(incoming, maxAnswerBytes).then(resolve, fail))
      outgoing.end(body)
    })

  return {
    async send(request) {
      const url = new URL(request.uri)
      if (url.origin !== endpoint.origin || url.href !== request.uri) {
        throw refusal('INVALID_NAME', 'the path would not reach the server as it is written')
      }
      const answer = await sendTo(url, request)
      if (answer.status < 300 || answer.status > 399) return answer
      return sendTo(onward(answer, url, [url.host, ...redirectHosts]), request)
    },
    close: () => agent.destroy(),
  }
}

/**
 * Where a standby sends a request: the same request, to a host on the list, over TLS. Everything else is refused, and
 * nothing came of the request.
 */
function onward({ status, headers }: Answer, from: URL, hosts: readonly string[]): URL {
  const refused = (detail: string): Fault =>
    new Fault({ code: 'UNAVAILABLE', status, outcomeUnknown: false, detail })
  const location = headers.location ?? ''
  if (status !== 307 && status !== 308)
    throw refused('the server answered with a redirect that is not followed')
  if (!URL.canParse(location, from.href)) throw refused('the server answered with a redirect to no URL')
  const to = new URL(location, from)
  if (to.protocol !== 'https:' || !hosts.includes(to.host)) {
    throw refused(
      'the server sent the request on to a host that redirectHosts does not name; nothing went there',
    )
  }
  if (to.pathname !== from.pathname || to.search !== from.search) {
    throw refused('the server sent the request on to another path, which is not followed')
  }
  return to
}

async function read(incoming: IncomingMessage, maxBytes: number): Promise<Answer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > maxBytes) {
      incoming.destroy()
      throw Object.assign(new Error('too large'), { code: 'ANSWER_TOO_LARGE' })
    }
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text, body: parsed(text) }
}

/** A proxy's page is no JSON, and neither is half an answer: which of them is a failure is for the reader to say. */
function parsed(text: string): JsonValue | undefined {
  if (text === '') return undefined
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof Error && error.name === 'JsonError') return undefined
    throw error
  }
}

function readAuthority(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code !== 'string') throw error
    throw invalid(`caFile ${JSON.stringify(caFile)} cannot be read (${code})`)
  }
}
