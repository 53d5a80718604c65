import { readConfig, writeConfig } from './kv-config.js'
import { deleteLatest, patchData, readData, readSubkeys, writeData } from './kv-data.js'
import { deleteEntry, readEntry, writeEntry } from './kv-entries.js'
import { findKey, keyOf } from './kv-keys.js'
import { deleteMetadata, patchMetadata, readMetadata, writeMetadata } from './kv-metadata.js'
import { deleteVersions, destroyVersions, undeleteVersions } from './kv-versions.js'
import { listDetails, listEntries, listMetadata, scanEntries, scanMetadata } from './listing.js'
import type { Answer, Scope } from './model.js'
import type { Kind } from './request.js'
import type { Routes } from './route.js'

const paging = ['after', 'limit']
const settings = ['cas_required', 'delete_version_after', 'max_versions', 'metadata_cas_required']
const metadata = [...settings, 'custom_metadata', 'metadata_cas']

export const kv2Routes: Routes = [
  [
    /^config$/,
    {
      read: { id: 'kv-v2-read-configuration', handle: readConfig, fields: [] },
      write: { id: 'kv-v2-configure', handle: writeConfig, fields: settings },
    },
  ],
  [
    /^data\/(.*)$/s,
    {
      read: { id: 'kv-v2-read', handle: readData, fields: ['version'] },
      write: { id: 'kv-v2-write', handle: writeData, fields: ['data', 'options', 'version'], exists: hasKey },
      patch: { id: 'kv-v2-patch', handle: patchData, fields: ['data', 'options', 'version'] },
      delete: { id: 'kv-v2-delete', handle: deleteLatest },
    },
  ],
  [/^delete\/(.+)$/s, { write: { id: 'kv-v2-delete-versions', handle: deleteVersions } }],
  [/^undelete\/(.+)$/s, { write: { id: 'kv-v2-undelete-versions', handle: undeleteVersions } }],
  [/^destroy\/(.+)$/s, { write: { id: 'kv-v2-destroy-versions', handle: destroyVersions } }],
  [
    /^subkeys\/(.+)$/s,
    { read: { id: 'kv-v2-read-subkeys', handle: readSubkeys, fields: ['depth', 'version'] } },
  ],
  [
    /^metadata\/(.*)$/s,
    {
      read: { id: 'kv-v2-read-metadata', handle: readMetadata, fields: [] },
      write: { id: 'kv-v2-write-metadata', handle: writeMetadata, fields: metadata, exists: hasKey },
      patch: { id: 'kv-v2-patch-metadata', handle: patchMetadata, fields: metadata },
      delete: { id: 'kv-v2-delete-metadata-and-all-versions', handle: deleteMetadata },
      list: { id: 'kv-v2-list', handle: listMetadata, fields: paging },
      scan: { id: 'kv-v2-scan', handle: scanMetadata, fields: paging },
    },
  ],
  [
    /^detailed-metadata\/(.*)$/s,
    { list: { id: 'kv-v2-list-detailed', handle: listDetails, fields: paging } },
  ],
]

export const kv1Routes: Routes = [
  [
    /^(.*)$/s,
    {
      read: { id: 'kv-v1-read', handle: readEntry, fields: [] },
      write: { id: 'kv-v1-write', handle: writeEntry, exists: hasEntry },
      delete: { id: 'kv-v1-delete', handle: deleteEntry },
      list: { id: 'kv-v1-list', handle: listEntries, fields: [] },
      scan: { id: 'kv-v1-scan', handle: scanEntries, fields: [] },
    },
  ],
]

const words: Readonly<Record<Kind, string>> = {
  read: 'get',
  write: 'put',
  patch: 'patch',
  delete: 'delete',
  list: 'list',
  scan: 'list',
}

/** What a client of the other version of the engine is told. */
export function wrongVersion({ settings: { facts }, path, request: { kind } }: Scope): Answer {
  const [command, product] = facts.client
  const isRoot = /^(data|metadata)$/.test(path)
  const hint = `Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the ${product} CLI, use '${command} kv ${words[kind]}' for this operation.`
  return {
    status: 404,
    warnings: [isRoot ? 'Non-listing operations on the root of a K/V v2 mount are not supported.' : hint],
  }
}

function hasKey(scope: Scope): boolean {
  return findKey(scope, scope.parts[0] ?? '') !== undefined
}

function hasEntry(scope: Scope): boolean {
  return scope.kvEntries.get(keyOf(scope, scope.parts[0] ?? '')) !== undefined
}
