import { bundleOf } from './bundles.js'
import { badParameter, invalidProperty, malformedBackup, restoreConflict, secretManaged } from './errors.js'
import { forget, phaseOf } from './lifecycle.js'
import { getLive, getVersion, isManaged } from './lookup.js'
import { type Scope, type SecretDocument, type VersionDocument, versionKey } from './model.js'
import { readBody } from './parameters.js'
import { seal, unseal } from './sealed.js'

interface BackupDocument {
  readonly secret: SecretDocument
  readonly versions: readonly (readonly [version: VersionDocument, value: string])[]
}

/** A secret with all its versions, disabled ones too. */
export function backupSecret(scope: Scope): object {
  const { settings } = scope
  const { recoveredAt: _settled, ...secret } = getLive(scope, scope.route.name)
  if (isManaged(scope, secret)) throw secretManaged('backup')
  if (secret.versions.length > settings.facts.maxBackupVersions) {
    throw badParameter(
      `The secret has more than ${settings.facts.maxBackupVersions} versions and cannot be backed up.`,
    )
  }
  const versions = secret.versions.map((id) => {
    const value = scope.values.get(versionKey(secret.name, id))?.value ?? ''
    return [getVersion(scope, secret, id), value] as const
  })
  return { value: seal({ secret, versions } satisfies BackupDocument, settings) }
}

/** Under its old name, with its old versions: only where the name is not in use, whatever its state. */
export function restoreSecret(scope: Scope): object {
  const { value } = readBody(scope.request.body)
  if (typeof value !== 'string' || !/^[\w-]+$/.test(value)) throw invalidProperty()
  const backup = unseal(value, scope.settings) as BackupDocument | undefined
  if (backup === undefined) throw malformedBackup(scope.settings)
  const { secret, versions } = backup
  const key = secret.name.toLowerCase()
  const existing = scope.secrets.get(key)
  if (existing !== undefined) {
    if (phaseOf(existing, scope.now) !== 'gone') throw restoreConflict(scope, secret)
    forget(scope, key, existing)
  }
  scope.secrets.set(key, secret)
  for (const [version, text] of versions) {
    scope.versions.set(versionKey(secret.name, version.id), version)
    scope.values.set(versionKey(secret.name, version.id), { value: text })
  }
  return bundleOf(scope, secret, getVersion(scope, secret, secret.latest))
}
