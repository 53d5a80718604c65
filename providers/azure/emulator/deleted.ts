import { bundleOf, deletedBundleOf } from './bundles.js'
import { notFound, purgeProtected } from './errors.js'
import { type DeletedSecret, isShownAsDeleted, phaseOf, refuseInTransition, removeGone } from './lifecycle.js'
import { findSecret, latestOf, missing } from './lookup.js'
import { type Scope, versionKey } from './model.js'

export function getDeletedSecret(scope: Scope): object {
  const secret = findSecret(scope, scope.route.name)
  if (secret === undefined || !isShownAsDeleted(secret, scope.now)) throw missingDeleted(scope)
  return deletedBundleOf(scope, secret)
}

export function recoverDeletedSecret(scope: Scope): object {
  const { deletion: _ended, ...secret } = settledDeletion(scope, missing(scope, scope.route.name))
  scope.secrets.set(secret.name.toLowerCase(), {
    ...secret,
    recoveredAt: scope.now + scope.settings.recoverDelayMs,
  })
  return bundleOf(scope, secret, latestOf(scope, secret))
}

/** Values go at once, the name is free later. */
export function purgeDeletedSecret(scope: Scope): undefined {
  removeGone(scope)
  const secret = settledDeletion(scope, missingDeleted(scope))
  const { settings } = scope
  if (settings.purgeProtection) throw purgeProtected(settings)
  for (const version of secret.versions) scope.values.delete(versionKey(secret.name, version))
  const hiddenAt = scope.now + settings.purgeDelayMs
  const purge = { hiddenAt, freeAt: hiddenAt + settings.purgedNameDelayMs }
  scope.secrets.set(secret.name.toLowerCase(), { ...secret, deletion: { ...secret.deletion, purge } })
  return undefined
}

/** @throws {AzureError} `otherwise` for a name that is not deleted, `Conflict` for one that is not settled. */
function settledDeletion(scope: Scope, otherwise: Error): DeletedSecret {
  const secret = findSecret(scope, scope.route.name)
  if (secret === undefined) throw otherwise
  refuseInTransition(phaseOf(secret, scope.now))
  if (!isShownAsDeleted(secret, scope.now)) throw otherwise
  return secret
}

/** A name that the vault does not know reads the same here as among the live ones, but for older vaults. */
function missingDeleted(scope: Scope): Error {
  const { route, settings } = scope
  const isKnown = findSecret(scope, route.name) !== undefined
  return isKnown || settings.facts.notFoundText === 'short'
    ? notFound(`Deleted Secret not found: ${route.name}`)
    : missing(scope, route.name)
}
