import type { Collection } from 'strongroom/testing'
import { notFound } from './errors.js'
import { fieldsOf } from './fields.js'
import { keyOf } from './kv-keys.js'
import { metadataFields } from './kv-metadata.js'
import type { Answer, Json, KeyDocument, Scope } from './model.js'

/** What lies directly in a folder: names, and folders with a slash at their end. A name may be both. */
export function listKeys(scope: Scope, names: readonly string[]): readonly string[] {
  const keys = childrenOf(names)
  const { limit, after } = pageOf(scope)
  const rest = after === '' ? keys : keys.filter((key) => compare(key, after) > 0)
  return limit > 0 ? rest.slice(0, limit) : rest
}

/** @throws {VaultError} 404 for an empty one. */
export function listAnswer(keys: readonly string[], more: Readonly<Record<string, Json>> = {}): Answer {
  if (keys.length === 0) throw notFound()
  return { data: { keys, ...more } }
}

/** Names below the folder that the request names, without its path. */
export function namesIn(scope: Scope, collection: Collection<object>): readonly string[] {
  const [folder = ''] = scope.parts
  const prefix = keyOf(scope, folder === '' || folder.endsWith('/') ? folder : `${folder}/`)
  return collection
    .entries()
    .map(([key]) => key)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
}

export function listMetadata(scope: Scope): Answer {
  return listAnswer(listKeys(scope, namesIn(scope, scope.kvKeys)))
}

/** A folder has no details, unless a key has its name. */
export function listDetails(scope: Scope): Answer {
  const [folder = ''] = scope.parts
  const keys = listKeys(scope, namesIn(scope, scope.kvKeys))
  const info = keys.map(
    (key) => [key, detailsOf(scope.kvKeys.get(keyOf(scope, folder + key.replace(/\/$/, ''))))] as const,
  )
  return listAnswer(keys, { key_info: Object.fromEntries(info) })
}

export function scanMetadata(scope: Scope): Answer {
  return listAnswer(walk(namesIn(scope, scope.kvKeys)))
}

export function listEntries(scope: Scope): Answer {
  return listAnswer(childrenOf(namesIn(scope, scope.kvEntries)))
}

export function scanEntries(scope: Scope): Answer {
  return listAnswer(walk(namesIn(scope, scope.kvEntries)))
}

function detailsOf(key: KeyDocument | undefined): Json {
  return key === undefined ? {} : metadataFields(key)
}

function childrenOf(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => name.replace(/\/.*$/s, '/')))].sort(compare)
}

/** Names first, then folder by folder from the last one, as the service walks them. */
function walk(names: readonly string[], folder = ''): readonly string[] {
  const children = childrenOf(
    names.filter((name) => name.startsWith(folder)).map((name) => name.slice(folder.length)),
  )
  const own = children.filter((name) => !name.endsWith('/')).map((name) => folder + name)
  const folders = children.filter((name) => name.endsWith('/')).toReversed()
  return [...own, ...folders.flatMap((name) => walk(names, folder + name))]
}

function pageOf({ data }: Scope): { readonly limit: number; readonly after: string } {
  const fields = fieldsOf(data)
  return { limit: fields.int('limit') ?? 0, after: fields.text('after') ?? '' }
}

/** By bytes, as the service sorts. */
export function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
