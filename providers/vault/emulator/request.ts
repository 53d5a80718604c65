import { type EmulatorRequest, JsonError, parseJson } from 'strongroom/testing'
import { readDuration } from './durations.js'
import { badRequest, VaultError } from './errors.js'
import { boolOf, goType } from './fields.js'
import { jsonComplaint } from './json-complaint.js'
import type { Json, JsonObject } from './model.js'

export type Kind = 'read' | 'write' | 'patch' | 'delete' | 'list' | 'scan'

/** A request below `/v1/`, as the server reads it before it looks at anything it keeps. */
export interface VaultRequest {
  readonly kind: Kind
  /** Below `/v1/`, decoded. A listing ends in a slash. */
  readonly path: string
  readonly data: JsonObject
  readonly token: string
  readonly wrapTtlMs: number
}

const kinds: Readonly<Record<string, Kind>> = {
  GET: 'read',
  POST: 'write',
  PUT: 'write',
  PATCH: 'patch',
  DELETE: 'delete',
  LIST: 'list',
  SCAN: 'scan',
}

/** @throws {VaultError} 400, 405 or 415 for what is no request. */
export function readRequest(request: EmulatorRequest): VaultRequest {
  const kind = kindOf(request)
  const path = pathOf(request.path)
  return {
    kind,
    path: (kind === 'list' || kind === 'scan') && !path.endsWith('/') ? `${path}/` : path,
    data: kind === 'write' || kind === 'patch' ? bodyOf(request, kind) : queryOf(request.query, kind),
    token: tokenOf(request),
    wrapTtlMs: wrapTtlOf(request),
  }
}

/** Decoded, without `/v1/`. What cannot be decoded stays. */
export function pathOf(path: string): string {
  try {
    return decodeURIComponent(path.replace(/^\/v1\/?/, ''))
  } catch (error) {
    if (error instanceof URIError) throw new VaultError(400, [])
    throw error
  }
}

export function tokenOf({ headers }: EmulatorRequest): string {
  const header = headers['x-vault-token']
  if (typeof header === 'string' && header !== '') return header
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? ''
}

function kindOf({ method, query }: EmulatorRequest): Kind {
  const kind = kinds[method]
  if (method === 'OPTIONS') throw badRequest('cannot handle internal-only request operation')
  if (kind === undefined) throw new VaultError(405, [])
  if (kind !== 'read') return kind
  for (const other of ['list', 'scan'] as const) {
    const text = query.get(other)
    if (text === null || text === '') continue
    const wanted = boolOf(text)
    if (wanted === undefined) throw new VaultError(400, [])
    if (wanted) return other
  }
  return kind
}

function queryOf(query: URLSearchParams, kind: Kind): JsonObject {
  const names = new Set(query.keys())
  if (kind === 'list' && boolOf(query.get('list') ?? undefined) === true) names.delete('list')
  if (kind === 'scan' && boolOf(query.get('scan') ?? undefined) === true) names.delete('scan')
  if (kind === 'read') {
    names.delete('list')
    names.delete('scan')
  }
  return Object.fromEntries(
    [...names].map((name) => {
      const all = query.getAll(name)
      return [name, all.length > 1 ? all : (all[0] ?? '')] as const
    }),
  )
}

const mergePatch = 'application/merge-patch+json'

function bodyOf({ headers, body }: EmulatorRequest, kind: Kind): JsonObject {
  const type = headers['content-type']
  if (kind === 'patch') {
    if (type === undefined) throw badRequest('mime: no media type')
    const media = type.replace(/;.*/, '').trim().toLowerCase()
    if (media !== mergePatch) {
      throw new VaultError(415, [`PATCH requires Content-Type of ${mergePatch}, provided ${media}`])
    }
  }
  const text = body.toString('utf8')
  if (text === '') return {}
  if (type?.startsWith('application/x-www-form-urlencoded') && !text.startsWith('{')) return formOf(text)
  return objectIn(text)
}

function formOf(text: string): JsonObject {
  const pairs = new URLSearchParams(text)
  return Object.fromEntries([...new Set(pairs.keys())].map((name) => [name, pairs.get(name) ?? '']))
}

function objectIn(text: string): JsonObject {
  let value: Json
  try {
    value = parseJson(text) as Json
  } catch (error) {
    if (error instanceof JsonError)
      throw badRequest(`failed to decode JSON input: ${jsonComplaint(text, error.byteOffset)}`)
    throw error
  }
  if (value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as JsonObject
  const type = Array.isArray(value)
    ? 'array'
    : typeof value === 'boolean'
      ? 'bool'
      : goType(value).replace('json.N', 'n')
  throw badRequest(
    `failed to decode JSON input: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
  )
}

function wrapTtlOf({ headers }: EmulatorRequest): number {
  const text = headers['x-vault-wrap-ttl']
  if (typeof text !== 'string' || text === '') return 0
  const ms = readDuration(text)
  const refuse = (why: string): VaultError => badRequest(`error parsing X-Vault-Wrap-TTL header: ${why}`)
  if (ms === undefined) throw refuse(`time: invalid duration ${JSON.stringify(text)}`)
  if (ms < 0) throw refuse('requested wrap ttl cannot be negative')
  return ms
}
