import { deletedItemOf, secretItemOf, versionItemOf } from './bundles.js'
import { isShownAsDeleted, phaseOf } from './lifecycle.js'
import { findLive, getVersion } from './lookup.js'
import type { Scope } from './model.js'
import { type Entry, pageOf } from './pages.js'

export function getSecrets(scope: Scope): object {
  const entries: Entry[] = []
  for (const [, secret] of scope.secrets.entries()) {
    if (phaseOf(secret, scope.now) !== 'live') continue
    entries.push({ marker: markerOf(secret.name), item: () => secretItemOf(scope, secret) })
  }
  return pageOf(scope, entries)
}

/** By version id, which says nothing of time. A name that is not there has no versions, and is no error. */
export function getSecretVersions(scope: Scope): object {
  const secret = findLive(scope, scope.route.name)
  if (secret === undefined) return pageOf(scope, [])
  return pageOf(
    scope,
    secret.versions.map((id) => ({
      marker: markerOf(secret.name, id),
      item: () => versionItemOf(scope, secret, getVersion(scope, secret, id)),
    })),
  )
}

export function getDeletedSecrets(scope: Scope): object {
  const entries: Entry[] = []
  for (const [, secret] of scope.secrets.entries()) {
    if (!isShownAsDeleted(secret, scope.now)) continue
    entries.push({ marker: markerOf(secret.name), item: () => deletedItemOf(scope, secret) })
  }
  return pageOf(scope, entries)
}

/** `secret/NAME!ID!`: what the service's own tokens hold, but for its lengths. */
function markerOf(name: string, id = ''): string {
  return `secret/${name.toUpperCase()}!${id}!`
}
