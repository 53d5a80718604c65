import { failedPrecondition, notFound } from './errors.js'
import { eventOf, type Happening, topicConfigured } from './events.js'
import { type SecretDocument, type VersionDocument, versionKey, type World } from './model.js'
import { secretOf, versionOf } from './output.js'

/** Counts up, and never lags behind the clock: an order of creation, and what etags are made of. */
export function nextOrder({ counters, now }: World): number {
  const count = Math.max((counters.get('order')?.count ?? 0) + 1, Math.floor(now * 1_000))
  counters.set('order', { count })
  return count
}

/** An etag that no resource had before; its quotation marks belong to it. */
export function newEtag(world: World): string {
  return `"${nextOrder(world).toString(16)}"`
}

/** @throws {GcpError} `FAILED_PRECONDITION` when an etag was sent and is not that of the resource. */
export function checkEtag(name: string, sent: string | undefined, actual: string): void {
  if (sent === undefined || sent === actual) return
  throw failedPrecondition(
    `The etag provided does not match the etag of [${name}]; read it again and retry with the etag that it has now.`,
  )
}

/** @throws {GcpError} `NOT_FOUND`. */
export function getSecret({ secrets }: World, name: string): SecretDocument {
  const secret = secrets.get(name)
  if (secret === undefined) throw notFound(`Secret [${name}] not found.`)
  return secret
}

/** @throws {GcpError} `NOT_FOUND`. */
export function getVersion(world: World, secret: SecretDocument, number: number): VersionDocument {
  const version = world.versions.get(versionKey(secret.name, number))
  if (version === undefined) throw notFound(`Secret Version [${versionKey(secret.name, number)}] not found.`)
  return version
}

/** Stores a secret under a fresh etag. */
export function saveSecret(world: World, changed: Omit<SecretDocument, 'etag'>): SecretDocument {
  const secret = { ...changed, etag: newEtag(world) }
  world.secrets.set(secret.name, secret)
  setTimer(world, secret.name, dueAt(secret, world.now))
  return secret
}

/** Stores a version under a fresh etag. */
export function saveVersion(
  world: World,
  secret: SecretDocument,
  changed: Omit<VersionDocument, 'etag'>,
): VersionDocument {
  const version = { ...changed, etag: newEtag(world) }
  const key = versionKey(secret.name, version.number)
  world.versions.set(key, version)
  setTimer(world, key, version.destroyAt)
  return version
}

/** Removes a secret with everything below it, for good. */
export function removeSecret(world: World, secret: SecretDocument): void {
  for (let number = 1; number <= secret.lastVersion; number += 1) {
    const key = versionKey(secret.name, number)
    if (world.versions.get(key) !== undefined) world.versions.delete(key)
    if (world.payloads.get(key) !== undefined) world.payloads.delete(key)
    setTimer(world, key, undefined)
  }
  if (world.policies.get(secret.name) !== undefined) world.policies.delete(secret.name)
  setTimer(world, secret.name, undefined)
  world.secrets.delete(secret.name)
  if (!world.settings.facts.numbersRestart) {
    world.counters.set(`versions of ${secret.name}`, { count: secret.lastVersion })
  }
}

/** When the clock next does something to a secret: its expiry, or a rotation that lies ahead. */
function dueAt({ expireAt, rotation }: SecretDocument, now: number): number | undefined {
  const rotateAt = rotation?.nextAt !== undefined && rotation.nextAt > now ? rotation.nextAt : undefined
  return expireAt === undefined || (rotateAt !== undefined && rotateAt < expireAt) ? rotateAt : expireAt
}

function setTimer({ timers }: World, key: string, at: number | undefined): void {
  if (at !== undefined) timers.set(key, { at })
  else if (timers.get(key) !== undefined) timers.delete(key)
}

/** Tells the topics of a secret. */
export function announce(
  world: World,
  secret: SecretDocument,
  what: Pick<Happening, 'type' | 'deleteType'> & { readonly version?: VersionDocument },
): void {
  const { version, ...rest } = what
  for (const topic of secret.topics) {
    const happening: Happening = {
      ...rest,
      at: world.now,
      secret: secretOf(secret),
      ...(version === undefined ? {} : { version: versionOf(secret, version) }),
    }
    world.notify(eventOf(topic, happening, world.settings.facts.eventDetails))
  }
}

/** Sends the test message to the topics of a secret whose topics have changed. */
export function announceTopics(world: World, secret: SecretDocument): void {
  for (const topic of secret.topics) world.notify(topicConfigured(topic))
}
