import { timestamp } from './durations.js'
import { badRequest, notFound } from './errors.js'
import { fieldsOf, intOf, objectOf } from './fields.js'
import {
  configOf,
  expiryOf,
  findKey,
  getKey,
  isLive,
  newKey,
  removeVersion,
  setKey,
  valueKey,
} from './kv-keys.js'
import type { Answer, Json, JsonObject, KeyDocument, Mounted, Scope, VersionDocument } from './model.js'

export function readData(scope: Scope): Answer {
  const { name, version, document, isReadable } = readable(scope)
  const data = isReadable ? (scope.kvValues.get(valueKey(scope, name, version))?.data ?? null) : null
  return {
    status: isReadable ? 200 : 404,
    data: { data, metadata: versionFields(getKey(scope, name), version, document) },
  }
}

export function readSubkeys(scope: Scope): Answer {
  const asked = fieldsOf(scope.data).int('depth') ?? 0
  const depth = asked < 0 ? 1 : asked
  const { name, version, document, isReadable } = readable(scope)
  const data = scope.kvValues.get(valueKey(scope, name, version))?.data ?? null
  return {
    status: isReadable ? 200 : 404,
    data: {
      subkeys: isReadable ? subkeys(data, depth, 1) : null,
      metadata: versionFields(getKey(scope, name), version, document),
    },
  }
}

export function writeData(scope: Scope): Answer {
  const [name = ''] = scope.parts
  const fields = fieldsOf(scope.data, '')
  const options = fields.object('options')
  if (!Object.hasOwn(scope.data, 'data')) throw badRequest('no data provided')
  const data = fields.object('data') ?? null
  checkCas(scope, findKey(scope, name), options)
  return { data: addVersion(scope, name, data) }
}

export function patchData(scope: Scope): Answer {
  const [name = ''] = scope.parts
  const fields = fieldsOf(scope.data, '')
  const options = fields.object('options')
  if (!Object.hasOwn(scope.data, 'data')) throw badRequest('no data provided')
  const patch = fields.object('data') ?? {}
  const key = findKey(scope, name)
  if (key === undefined || key.currentVersion === 0) return { status: 404, isEmpty: true }
  checkCas(scope, key, options)
  const document = key.versions[key.currentVersion]
  if (document === undefined || !isLive(document, scope.now)) {
    return {
      status: 404,
      data: document === undefined ? null : versionFields(key, key.currentVersion, document),
    }
  }
  const before = scope.kvValues.get(valueKey(scope, name, key.currentVersion))?.data ?? null
  return { data: addVersion(scope, name, merge(before, patch)) }
}

export function deleteLatest(scope: Scope): undefined {
  const [name = ''] = scope.parts
  const key = findKey(scope, name)
  const document = key?.versions[key.currentVersion]
  if (key === undefined || document === undefined || !isLive(document, scope.now)) return
  const versions = { ...key.versions, [key.currentVersion]: { ...document, deletedAt: scope.now } }
  setKey(scope, name, { ...key, versions })
}

/** Makes a new current version, and drops those that are too old by then. */
export function addVersion(scope: Mounted, name: string, data: Json): JsonObject {
  const key = findKey(scope, name) ?? newKey(scope.now)
  const version = key.currentVersion + 1
  const document: VersionDocument = { createdAt: scope.now, destroyed: false, ...expiryOf(scope, key) }
  const kept = Math.max(key.maxVersions, configOf(scope).maxVersions) || 10
  const lastToDrop = version - kept
  const all: Readonly<Record<string, VersionDocument>> = { ...key.versions, [version]: document }
  const versions = Object.entries(all).filter(([number]) => {
    const isDropped = Number(number) <= lastToDrop
    if (isDropped) removeVersion(scope, name, Number(number))
    return !isDropped
  })
  const next = {
    ...key,
    currentVersion: version,
    oldestVersion: lastToDrop > 0 ? lastToDrop + 1 : key.oldestVersion,
    versions: Object.fromEntries(versions),
  }
  setKey(scope, name, next)
  scope.kvValues.set(valueKey(scope, name, version), { data })
  return versionFields(next, version, document)
}

export function versionFields(key: KeyDocument, version: number, document: VersionDocument): JsonObject {
  return { ...deletionFields(document), custom_metadata: key.customMetadata, version }
}

export function deletionFields({ createdAt, deletedAt, destroyed }: VersionDocument): JsonObject {
  return {
    created_time: timestamp(createdAt),
    deletion_time: deletedAt === undefined ? '' : timestamp(deletedAt),
    destroyed,
  }
}

interface Readable {
  readonly name: string
  readonly version: number
  readonly document: VersionDocument
  readonly isReadable: boolean
}

/** The version that a read asks for: the current one unless its number is positive. */
function readable(scope: Scope): Readable {
  const [name = ''] = scope.parts
  const asked = fieldsOf(scope.data).int('version') ?? 0
  const key = getKey(scope, name)
  const version = asked > 0 ? asked : key.currentVersion
  const document = key.versions[version]
  if (document === undefined) throw notFound()
  return { name, version, document, isReadable: isLive(document, scope.now) }
}

function checkCas(scope: Scope, key: KeyDocument | undefined, options: JsonObject | undefined): void {
  if (options === undefined || !Object.hasOwn(options, 'cas')) {
    if (configOf(scope).casRequired || key?.casRequired === true) {
      throw badRequest('check-and-set parameter required for this call')
    }
    return
  }
  const given = options['cas'] ?? null
  const cas = given === null ? 0 : intOf(given)
  if (cas === undefined) throw badRequest('error parsing check-and-set parameter')
  if (cas !== (key?.currentVersion ?? 0)) {
    throw badRequest('check-and-set parameter did not match the current version')
  }
}

/** RFC 7396: `null` removes, an object goes deeper, anything else replaces. */
function merge(before: Json | undefined, patch: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...(objectOf(before) ?? {}) }
  for (const [name, value] of Object.entries(patch)) {
    const inner = objectOf(value)
    if (value === null) delete result[name]
    else if (inner !== undefined) result[name] = merge(result[name], inner)
    else result[name] = value
  }
  return result
}

function subkeys(value: Json, depth: number, level: number): Json {
  const fields = objectOf(value)
  if (fields === undefined || (level > 1 && Object.keys(fields).length === 0) || (depth > 0 && level > depth))
    return null
  return Object.fromEntries(
    Object.entries(fields).map(([name, inner]) => [name, subkeys(inner, depth, level + 1)]),
  )
}
