// Plays the recorded requests against one server and gives its answers with what changes from run to run masked.
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const headersCompared = [
  'allow',
  'cache-control',
  'content-type',
  'location',
  'retry-after',
  'www-authenticate',
]

/**
 * @param {string} url
 * @param {readonly object[]} requests lines of requests.jsonl
 * @param {Record<string, string>} known values for `{{name}}` in requests, such as the unseal key
 * @param {(ms: number) => Promise<unknown>} wait lets time pass on the server
 * @returns {Promise<Map<string, { status: number, headers: object, body: unknown }>>} by the id of the request
 */
export async function play(url, requests, known = {}, wait = sleep) {
  const saved = { ...known }
  const answers = new Map()
  for (const line of requests) {
    if (line.waitMs !== undefined) await wait(line.waitMs)
    const { status, headers, text } = await send(url, fill(line, saved))
    const body = parse(text)
    for (const [name, path] of Object.entries(line.save ?? {})) {
      const value = path.split('.').reduce((at, key) => at?.[key], body)
      if (typeof value === 'string') saved[name] = value
    }
    const names = new Map(Object.entries(saved).map(([name, value]) => [value, name]))
    answers.set(line.id, { status, headers, body: mask(body, names) })
  }
  return answers
}

function fill(line, saved) {
  const text = JSON.stringify(line)
  return JSON.parse(
    text.replace(/\{\{(\w+)\}\}/g, (_, name) =>
      JSON.stringify(saved[name] ?? `missing-${name}`).slice(1, -1),
    ),
  )
}

function send(url, { method, path, token = 'root', headers = {}, body, raw }) {
  const { hostname, port } = new URL(url)
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        hostname,
        port,
        method,
        path,
        agent: false,
        headers: {
          ...(token === null ? {} : { 'x-vault-token': token }),
          ...(payload === undefined ? {} : { 'content-length': Buffer.byteLength(payload) }),
          ...headers,
        },
      },
      (answer) => {
        const chunks = []
        answer.on('error', reject)
        answer.on('data', (chunk) => chunks.push(chunk))
        answer.on('end', () =>
          resolve({
            status: answer.statusCode,
            headers: Object.fromEntries(
              headersCompared.flatMap((name) =>
                name in answer.headers ? [[name, answer.headers[name]]] : [],
              ),
            ),
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(payload)
  })
}

function parse(text) {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

const named = {
  request_id: '<uuid>',
  cluster_name: '<cluster>',
  wrapped_accessor: '<accessor>',
  accessor: '<accessor>',
  uuid: '<uuid>',
  id: '<id>',
}
const shapes = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, '<time>'],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/\b(s|b|r)\.[A-Za-z0-9_-]{20,}(\.[A-Za-z0-9]+)?/g, '<token>'],
  [
    /\b(auth_)?(kv|approle|token|cubbyhole|identity|system|jwt|kubernetes|ns_\w+?|cassandra)_[0-9a-f]{8}\b/g,
    '<mount accessor>',
  ],
  [/127\.0\.0\.1:\d+/g, '<host>'],
]

/** Names stay, so that a field that only one server sends is seen. */
function mask(value, byValue, key = '') {
  if (Array.isArray(value)) {
    const items = value.map((item) => mask(item, byValue))
    return items.some((item) => typeof item === 'string' && item.startsWith('<')) ? items.sort() : items
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((name) => [mask(name, byValue), mask(value[name], byValue, name)]),
    )
  }
  if (key === 'ttl' && typeof value === 'number') return Math.ceil(value / 10) * 10
  if (/^(server_time_utc|creation_time|last_renewal_time)$/.test(key)) return `<${typeof value}>`
  if (typeof value !== 'string' || value === '') return value
  if (byValue.has(value)) return `<saved ${byValue.get(value)}>`
  if (key in named) return named[key]
  return shapes.reduce((text, [pattern, name]) => text.replace(pattern, name), value)
}
