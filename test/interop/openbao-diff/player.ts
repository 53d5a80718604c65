import { type IncomingHttpHeaders, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A line of requests.jsonl. Texts may hold `{{name}}`, for what an earlier answer or the caller gave. */
export interface RecordedRequest {
  readonly id: string
  readonly method: string
  readonly path: string
  /** Default `root`; null sends none. */
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Json
  /** A body that is sent as it is. */
  readonly raw?: string
  /** Names for values of the answer, by their paths in it. */
  readonly save?: Readonly<Record<string, string>>
  /** Passes on the server before the request. */
  readonly waitMs?: number
}

/** An answer with what changes from run to run masked. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json
}

/**
 * Plays recorded requests against one server, in order.
 *
 * @param known values for `{{name}}`, such as the unseal key
 * @param wait lets time pass on the server
 * @returns answers by the id of the request
 */
export async function play(
  url: string,
  requests: readonly RecordedRequest[],
  known: Readonly<Record<string, string>> = {},
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<ReadonlyMap<string, Answer>> {
  const saved: Record<string, string> = { ...known }
  const answers = new Map<string, Answer>()
  for (const line of requests) {
    if (line.waitMs !== undefined) await wait(line.waitMs)
    const { status, headers, text } = await send(url, fill(line, saved))
    const body = parse(text)
    for (const [name, path] of Object.entries(line.save ?? {})) {
      const value = path.split('.').reduce<Json | undefined>(memberOf, body)
      if (typeof value === 'string') saved[name] = value
    }
    const names = new Map(Object.entries(saved).map(([name, value]) => [value, name]))
    answers.set(line.id, { status, headers, body: mask(body, names) })
  }
  return answers
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)[name]
    : undefined
}

function fill(line: RecordedRequest, saved: Readonly<Record<string, string>>): RecordedRequest {
  const text = JSON.stringify(line).replace(/\{\{(\w+)\}\}/g, (_, name: string) =>
    JSON.stringify(saved[name] ?? `missing-${name}`).slice(1, -1),
  )
  return JSON.parse(text) as RecordedRequest
}

interface Exchange {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

function send(
  url: string,
  { method, path, token = 'root', headers = {}, body, raw }: RecordedRequest,
): Promise<Exchange> {
  const { hostname, port } = new URL(url)
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const sent = {
      ...(token === null ? {} : { 'x-vault-token': token }),
      ...(payload === undefined ? {} : { 'content-length': Buffer.byteLength(payload) }),
      ...headers,
    }
    const outgoing = request({ hostname, port, method, path, agent: false, headers: sent }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('error', reject)
      answer.on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: comparable(answer.headers), text }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(payload)
  })
}

const comparedHeaders = [
  'allow',
  'cache-control',
  'content-type',
  'location',
  'retry-after',
  'www-authenticate',
]

function comparable(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    comparedHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  )
}

function parse(text: string): Json {
  try {
    return text === '' ? null : (JSON.parse(text) as Json)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

const masked: Readonly<Record<string, string>> = {
  request_id: '<uuid>',
  cluster_name: '<cluster>',
  wrapped_accessor: '<accessor>',
  accessor: '<accessor>',
  uuid: '<uuid>',
  id: '<id>',
}
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, '<time>'],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/\b[sbr]\.[A-Za-z0-9_-]{20,}(\.[A-Za-z0-9]+)?/g, '<token>'],
  [/127\.0\.0\.1:\d+/g, '<host>'],
]

/** Names stay, so that a field that only one server sends is seen. Lists of what is masked are in no order. */
function mask(value: Json, names: ReadonlyMap<string, string>, key = ''): Json {
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => mask(item, names))
    return items.some((item) => typeof item === 'string' && item.startsWith('<')) ? items.sort() : items
  }
  if (typeof value === 'object' && value !== null) {
    const sorted = Object.entries(value as Readonly<Record<string, Json>>).sort(([a], [b]) =>
      a < b ? -1 : 1,
    )
    return Object.fromEntries(sorted.map(([name, inner]) => [name, mask(inner, names, name)]))
  }
  // A second may have passed since the lease began.
  if (/^(ttl|lease_duration)$/.test(key) && typeof value === 'number') return Math.ceil(value / 10) * 10
  if (/^(server_time_utc|creation_time|last_renewal_time)$/.test(key)) return `<${typeof value}>`
  if (typeof value !== 'string' || value === '') return value
  const name = names.get(value)
  if (name !== undefined) return `<saved ${name}>`
  return masked[key] ?? shapes.reduce((text, [shape, word]) => text.replace(shape, word), value)
}
