import { bundleOf, bundleWithValue, deletedBundleOf } from './bundles.js'
import { invalidProperty, secretDisabled, secretManaged } from './errors.js'
import { newVersionEvent } from './events.js'
import { type DeletedSecret, forget, phaseOf, refuseUnlessFree, removeGone } from './lifecycle.js'
import { findLive, getLive, getVersion, isManaged } from './lookup.js'
import { type Scope, type SecretDocument, type Vault, type VersionDocument, versionKey } from './model.js'
import { readParameters, type SecretParameters } from './parameters.js'

const dayMs = 86_400_000
/** Versions made before this day have no `previousVersion`. */
const previousVersionSince = Date.UTC(2025, 5, 1)

export function setSecret(scope: Scope): object {
  const parameters = readParameters(scope.request.body)
  if (parameters.value === undefined) throw invalidProperty()
  checkValidity(scope, parameters)
  const before = findLive(scope, scope.route.name)
  if (before !== undefined && isManaged(scope, before)) throw secretManaged('set')
  const { secret, version } = addVersion(scope, scope.route.name, { ...parameters, value: parameters.value })
  scope.settings.onEvent?.(newVersionEvent(scope, secret, version))
  return bundleWithValue(scope, secret, version)
}

/** Makes a new latest version. @throws {AzureError} `Conflict` while the name belongs to a deleted secret. */
export function addVersion(
  vault: Vault,
  name: string,
  { value, enabled = true, ...rest }: SecretParameters & { readonly value: string },
): { readonly secret: SecretDocument; readonly version: VersionDocument } {
  const key = name.toLowerCase()
  const before = vault.secrets.get(key)
  if (before !== undefined) {
    if (phaseOf(before, vault.now) === 'gone') forget(vault, key, before)
    else refuseUnlessFree(before, vault.now, name)
  }
  const existing = findLive(vault, name)
  const id = Buffer.from(vault.settings.randomBytes(16)).toString('hex')
  const version = {
    id,
    createdAt: vault.now,
    updatedAt: vault.now,
    enabled,
    ...rest,
    ...(existing !== undefined && namesPrevious(vault) ? { previousVersion: existing.latest } : {}),
  }
  const secret = {
    name: existing?.name ?? name,
    latest: id,
    versions: [...(existing?.versions ?? []), id],
  }
  vault.secrets.set(key, secret)
  vault.versions.set(versionKey(name, id), version)
  vault.values.set(versionKey(name, id), { value })
  return { secret, version }
}

function namesPrevious({ now, settings }: Vault): boolean {
  return settings.facts.namesPreviousVersion && now >= previousVersionSince
}

export function getSecret(scope: Scope): object {
  const secret = getLive(scope, scope.route.name)
  const version = getVersion(scope, secret, scope.route.version || secret.latest)
  if (!version.enabled) throw secretDisabled()
  return bundleWithValue(scope, secret, version)
}

function checkValidity({ settings }: Vault, { nbf, exp }: SecretParameters): void {
  if (settings.facts.refusesNeverValid && nbf !== undefined && exp !== undefined && nbf >= exp) {
    throw invalidProperty()
  }
}

/** What is left out stays; a value cannot be changed. */
export function updateSecret(scope: Scope): object {
  const { value: _ignored, ...parameters } = readParameters(scope.request.body)
  const secret = getLive(scope, scope.route.name)
  if (isManaged(scope, secret)) throw secretManaged('update')
  const before = getVersion(scope, secret, scope.route.version || secret.latest)
  const { facts } = scope.settings
  const tags =
    facts.tagUpdate === 'merge' && parameters.tags !== undefined
      ? { tags: { ...before.tags, ...parameters.tags } }
      : {}
  const version = { ...before, ...parameters, ...tags, updatedAt: scope.now }
  checkValidity(scope, version)
  scope.versions.set(versionKey(secret.name, version.id), version)
  if (facts.updateMakesLatest) scope.secrets.set(secret.name.toLowerCase(), { ...secret, latest: version.id })
  return bundleOf(scope, secret, version)
}

export function deleteSecret(scope: Scope): object {
  removeGone(scope)
  const { recoveredAt: _settled, ...secret } = getLive(scope, scope.route.name)
  if (isManaged(scope, secret)) throw secretManaged('delete')
  const deletion = {
    requestedAt: scope.now,
    settledAt: scope.now + scope.settings.deleteDelayMs,
    purgeAt: scope.now + scope.settings.retentionDays * dayMs,
  }
  const deleted: DeletedSecret = { ...secret, deletion }
  scope.secrets.set(secret.name.toLowerCase(), deleted)
  return deletedBundleOf(scope, deleted)
}
