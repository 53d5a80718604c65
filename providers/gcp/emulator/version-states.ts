import { GcpError, invalidArgument } from './errors.js'
import type { NamedRequestWithEtag, SecretVersion } from './messages.js'
import { type SecretDocument, type VersionDocument, versionKey, type World } from './model.js'
import { versionName } from './names.js'
import { versionOf } from './output.js'
import { type Found, inState, numberPattern, readVersion } from './versions.js'
import { announce, checkEtag, saveVersion } from './world.js'

/** The version whose state is to change: named by its number. */
function changedVersion(world: World, { name, etag }: NamedRequestWithEtag): Found {
  const { version: asked } = versionName(world.settings, name)
  if (!numberPattern.test(asked) && !(asked === 'latest' && world.settings.facts.latestChangesState)) {
    throw invalidArgument(`The version [${asked}] must be a number; aliases only serve to read.`)
  }
  const found = readVersion(world, name)
  const key = versionKey(found.secret.name, found.version.number)
  checkEtag(key, etag, found.version.etag)
  return found
}

export function enableSecretVersion(world: World, request: NamedRequestWithEtag): SecretVersion {
  const { secret, version } = changedVersion(world, request)
  refuseDestroyed(world, secret, version)
  const { destroyAt: _cancelled, ...rest } = version
  const after = saveVersion(world, secret, { ...rest, state: 'ENABLED' })
  announce(world, secret, { type: 'SECRET_VERSION_ENABLE', version: after })
  return versionOf(secret, after)
}

export function disableSecretVersion(world: World, request: NamedRequestWithEtag): SecretVersion {
  const { secret, version } = changedVersion(world, request)
  refuseDestroyed(world, secret, version)
  const { destroyAt, ...rest } = version
  const isKept = destroyAt !== undefined && !world.settings.facts.disableCancelsDestruction
  const after = saveVersion(world, secret, {
    ...rest,
    state: 'DISABLED',
    ...(isKept ? { destroyAt } : {}),
  })
  announce(world, secret, { type: 'SECRET_VERSION_DISABLE', version: after })
  return versionOf(secret, after)
}

/** With a delay, the version is disabled and its destruction scheduled. */
export function destroySecretVersion(world: World, request: NamedRequestWithEtag): SecretVersion {
  const { secret, version } = changedVersion(world, request)
  refuseDestroyed(world, secret, version)
  if (secret.destroyTtlMs === undefined) return versionOf(secret, destroyNow(world, secret, version))
  const destroyAt = version.destroyAt ?? world.now + secret.destroyTtlMs
  const after = saveVersion(world, secret, { ...version, state: 'DISABLED', destroyAt })
  announce(world, secret, { type: 'SECRET_VERSION_DESTROY_SCHEDULED', version: after })
  return versionOf(secret, after)
}

/** Destroys a version and its value for good. */
export function destroyNow(world: World, secret: SecretDocument, version: VersionDocument): VersionDocument {
  const { destroyAt: _done, ...rest } = version
  world.payloads.delete(versionKey(secret.name, version.number))
  const after = saveVersion(world, secret, { ...rest, state: 'DESTROYED', destroyedAt: world.now })
  announce(world, secret, { type: 'SECRET_VERSION_DESTROY', version: after })
  return after
}

function refuseDestroyed(
  { settings }: World,
  secret: SecretDocument,
  { number, state }: VersionDocument,
): void {
  if (state !== 'DESTROYED') return
  const { message } = inState(versionKey(secret.name, number), state)
  throw new GcpError(settings.facts.destroyedChangeCode, message)
}
