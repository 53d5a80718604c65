import { timestamp, writeDuration } from './durations.js'
import { badRequest } from './errors.js'
import { type Fields, fieldsOf } from './fields.js'
import { customMetadataOf, patchedMetadata } from './kv-custom-metadata.js'
import { deletionFields } from './kv-data.js'
import { configOf, findKey, getKey, keyOf, newKey, removeVersion, setKey } from './kv-keys.js'
import type { Answer, JsonObject, KeyDocument, Scope } from './model.js'

const known = [
  'max_versions',
  'cas_required',
  'delete_version_after',
  'custom_metadata',
  'metadata_cas_required',
] as const

export function readMetadata(scope: Scope): Answer {
  const [name = ''] = scope.parts
  return { data: metadataFields(getKey(scope, name)) }
}

export function metadataFields(key: KeyDocument): JsonObject {
  return {
    cas_required: key.casRequired,
    created_time: timestamp(key.createdAt),
    current_metadata_version: key.metadataVersion,
    current_version: key.currentVersion,
    custom_metadata: key.customMetadata,
    delete_version_after: writeDuration(key.deleteVersionAfterMs),
    max_versions: key.maxVersions,
    metadata_cas_required: key.metadataCasRequired,
    oldest_version: key.oldestVersion,
    updated_time: timestamp(key.updatedAt),
    versions: Object.fromEntries(
      Object.entries(key.versions).map(([number, version]) => [number, deletionFields(version)]),
    ),
  }
}

/** Makes a key without versions where there is none. */
export function writeMetadata(scope: Scope): Answer | undefined {
  const [name = ''] = scope.parts
  const settings = settingsIn(fieldsOf(scope.data, ''))
  const given = fieldsOf(scope.data, '').object('custom_metadata')
  const customMetadata = given === undefined ? {} : { customMetadata: customMetadataOf(given) }
  if (!known.some((field) => Object.hasOwn(scope.data, field))) return undefined
  return change(scope, name, findKey(scope, name) ?? newKey(scope.now), { ...settings, ...customMetadata })
}

export function patchMetadata(scope: Scope): Answer | undefined {
  const [name = ''] = scope.parts
  const fields = fieldsOf(scope.data)
  const patch = fields.object('custom_metadata')
  const settings = settingsIn(fields)
  if (!known.some((field) => Object.hasOwn(scope.data, field))) return undefined
  const key = findKey(scope, name)
  if (key === undefined) return { status: 404, isEmpty: true }
  const customMetadata =
    patch === undefined ? {} : { customMetadata: patchedMetadata(key.customMetadata, patch) }
  return change(scope, name, key, { ...clearedIn(scope.data), ...settings, ...customMetadata })
}

/** Removes the key with all its versions, so that its numbers begin anew. */
export function deleteMetadata(scope: Scope): undefined {
  const [name = ''] = scope.parts
  const key = findKey(scope, name)
  if (key === undefined) return
  for (const number of Object.keys(key.versions)) removeVersion(scope, name, Number(number))
  scope.kvKeys.delete(keyOf(scope, name))
}

function change(scope: Scope, name: string, key: KeyDocument, to: Partial<KeyDocument>): Answer | undefined {
  checkMetadataCas(scope, key)
  setKey(scope, name, { ...key, ...to, metadataVersion: key.metadataVersion + 1 })
  const isOverruled = to.casRequired === false && configOf(scope).casRequired
  return isOverruled
    ? {
        warnings: [
          '"cas_required" set to false, but is mandated by backend config. This value will be ignored.',
        ],
      }
    : undefined
}

function checkMetadataCas(scope: Scope, key: KeyDocument): void {
  const cas = fieldsOf(scope.data, '').int('metadata_cas')
  if (cas === undefined) {
    if (!key.metadataCasRequired && !configOf(scope).metadataCasRequired) return
    throw badRequest('metadata check-and-set parameter required for this call')
  }
  if (cas !== key.metadataVersion) {
    throw badRequest('metadata check-and-set parameter does not match the current version')
  }
}

function settingsIn(fields: Fields): Partial<KeyDocument> {
  const maxVersions = fields.int('max_versions')
  const casRequired = fields.bool('cas_required')
  const metadataCasRequired = fields.bool('metadata_cas_required')
  const deleteVersionAfterMs = fields.duration('delete_version_after')
  return {
    ...(maxVersions === undefined ? {} : { maxVersions: maxVersions >>> 0 }),
    ...(casRequired === undefined ? {} : { casRequired }),
    ...(metadataCasRequired === undefined ? {} : { metadataCasRequired }),
    ...(deleteVersionAfterMs === undefined ? {} : { deleteVersionAfterMs }),
  }
}

/** What a patch sets to `null` is as in a new key. */
function clearedIn(data: JsonObject): Partial<KeyDocument> {
  const isCleared = (name: string): boolean => data[name] === null
  return {
    ...(isCleared('max_versions') ? { maxVersions: 0 } : {}),
    ...(isCleared('cas_required') ? { casRequired: false } : {}),
    ...(isCleared('metadata_cas_required') ? { metadataCasRequired: false } : {}),
    ...(isCleared('delete_version_after') ? { deleteVersionAfterMs: 0 } : {}),
    ...(isCleared('custom_metadata') ? { customMetadata: null } : {}),
  }
}
