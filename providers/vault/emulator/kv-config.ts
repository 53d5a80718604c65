import { readDuration, writeDuration } from './durations.js'
import { fieldsOf } from './fields.js'
import { configOf } from './kv-keys.js'
import type { Answer, Scope } from './model.js'

export function readConfig(scope: Scope): Answer {
  const config = configOf(scope)
  return {
    data: {
      cas_required: config.casRequired,
      delete_version_after: writeDuration(config.deleteVersionAfterMs),
      max_versions: config.maxVersions,
      metadata_cas_required: config.metadataCasRequired,
    },
  }
}

/** Here, and nowhere else, a duration may be negative. */
export function writeConfig(scope: Scope): undefined {
  const fields = fieldsOf(scope.data)
  const before = configOf(scope)
  const maxVersions = fields.int('max_versions')
  const wait = scope.data['delete_version_after']
  const isNegative = (readDuration(wait) ?? 0) < 0
  const deleteVersionAfterMs = isNegative ? readDuration(wait) : fields.duration('delete_version_after')
  scope.kvConfigs.set(scope.mount.id, {
    maxVersions: maxVersions === undefined ? before.maxVersions : maxVersions >>> 0,
    casRequired: fields.bool('cas_required') ?? before.casRequired,
    metadataCasRequired: fields.bool('metadata_cas_required') ?? before.metadataCasRequired,
    deleteVersionAfterMs: deleteVersionAfterMs ?? before.deleteVersionAfterMs,
  })
}
