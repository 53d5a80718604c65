import { hasPreviousVersion } from './api-version.js'
import type { DeletedSecret } from './lifecycle.js'
import { latestOf } from './lookup.js'
import { type Scope, type SecretDocument, seconds, type VersionDocument, versionKey } from './model.js'

/** A version as most operations answer it: without its value. */
export function bundleOf(scope: Scope, secret: SecretDocument, version: VersionDocument): object {
  return {
    ...itemOf(scope, version, `${secretUrl(scope, secret)}/${version.id}`),
    ...(hasPreviousVersion(scope.apiVersion) && version.previousVersion !== undefined
      ? { previousVersion: version.previousVersion }
      : {}),
  }
}

export function bundleWithValue(scope: Scope, secret: SecretDocument, version: VersionDocument): object {
  const stored = scope.values.get(versionKey(secret.name, version.id))
  return { value: stored?.value, ...bundleOf(scope, secret, version) }
}

export function deletedBundleOf(scope: Scope, secret: DeletedSecret): object {
  return { ...deletionOf(scope, secret), ...bundleOf(scope, secret, latestOf(scope, secret)) }
}

/** In a list of secrets an id has no version. */
export function secretItemOf(scope: Scope, secret: SecretDocument): object {
  return itemOf(scope, latestOf(scope, secret), secretUrl(scope, secret))
}

export function versionItemOf(scope: Scope, secret: SecretDocument, version: VersionDocument): object {
  return itemOf(scope, version, `${secretUrl(scope, secret)}/${version.id}`)
}

export function deletedItemOf(scope: Scope, secret: DeletedSecret): object {
  return { ...deletionOf(scope, secret), ...secretItemOf(scope, secret) }
}

function secretUrl({ request }: Scope, { name }: SecretDocument): string {
  return `${request.origin}/secrets/${name}`
}

function deletionOf({ request }: Scope, { name, deletion }: DeletedSecret): object {
  return {
    recoveryId: `${request.origin}/deletedsecrets/${name}`,
    deletedDate: seconds(deletion.requestedAt),
    scheduledPurgeDate: seconds(deletion.purgeAt),
  }
}

function itemOf({ settings }: Scope, version: VersionDocument, id: string): object {
  const { contentType, enabled, nbf, exp, createdAt, updatedAt, tags, kid } = version
  return {
    ...(contentType === undefined ? {} : { contentType }),
    id,
    attributes: {
      enabled,
      ...(nbf === undefined ? {} : { nbf }),
      ...(exp === undefined ? {} : { exp }),
      created: seconds(createdAt),
      updated: seconds(updatedAt),
      recoveryLevel: recoveryLevelOf(settings.retentionDays, settings.purgeProtection),
      recoverableDays: settings.retentionDays,
    },
    ...(tags === undefined ? {} : { tags }),
    ...(kid === undefined ? {} : { kid, managed: true }),
  }
}

function recoveryLevelOf(retentionDays: number, purgeProtection: boolean): string {
  const level = retentionDays < 90 ? 'CustomizedRecoverable' : 'Recoverable'
  return purgeProtection ? level : `${level}+Purgeable`
}
