import { GcpError, invalidArgument } from './errors.js'
import { readMask } from './masks.js'
import type {
  CreateSecretRequest,
  NamedRequest,
  NamedRequestWithEtag,
  Replication,
  Secret,
  UpdateSecretRequest,
} from './messages.js'
import type { SecretDocument, World } from './model.js'
import { isRegional, parentName, secretName } from './names.js'
import { secretOf } from './output.js'
import * as rules from './rules.js'
import { secretTypes } from './types.js'
import {
  announce,
  announceTopics,
  checkEtag,
  getSecret,
  nextOrder,
  removeSecret,
  saveSecret,
} from './world.js'

export function createSecret(world: World, { parent, secretId = '', secret }: CreateSecretRequest): Secret {
  const place = parentName(world.settings, parent)
  rules.checkSecretId(secretId)
  if (secret === undefined) throw rules.refuse('secret', 'it is required')
  const name = `${place}/secrets/${secretId}`
  const document = readSecret(world, name, secret)
  if (world.secrets.get(name) !== undefined) {
    throw new GcpError('ALREADY_EXISTS', `Secret [${name}] already exists.`)
  }
  const saved = saveSecret(world, document)
  announceTopics(world, saved)
  announce(world, saved, { type: 'SECRET_CREATE' })
  return secretOf(saved)
}

/** A new secret, without versions. */
function readSecret(world: World, name: string, secret: Secret): Omit<SecretDocument, 'etag'> {
  const { labels = {}, annotations = {}, topics = [], versionAliases = {}, versionDestroyTtl = 0 } = secret
  rules.checkLabels(labels)
  rules.checkAnnotations(annotations)
  const { facts } = world.settings
  const expireAt = expiryOf(secret, world.now)
  const rotation = rules.checkRotation(secret.rotation ?? {}, world.now)
  const destroyTtlMs = rules.checkDestroyTtl(versionDestroyTtl, facts.maxDestroyTtlMs)
  const document: Omit<SecretDocument, 'etag'> = {
    name,
    order: nextOrder(world),
    createdAt: world.now,
    labels,
    annotations,
    topics: rules.checkTopics(topics),
    aliases: rules.checkAliases(versionAliases, () => facts.aliasOfAnyNumber),
    lastVersion: world.counters.get(`versions of ${name}`)?.count ?? 0,
    ...placement(name, secret),
    ...(expireAt === undefined ? {} : { expireAt }),
    ...(rotation === undefined ? {} : { rotation }),
    ...(destroyTtlMs === undefined ? {} : { destroyTtlMs }),
    ...typeOf(secret),
  }
  checkTopicsForRotation(document)
  return document
}

function placement(name: string, secret: Secret): Pick<SecretDocument, 'replication' | 'kmsKeyName'> {
  const { replication, customerManagedEncryption } = secret
  if (!isRegional(name)) {
    if (customerManagedEncryption !== undefined) {
      throw rules.refuse('customer_managed_encryption', 'only a regional secret has it; use replication')
    }
    return { replication: rules.checkReplication(replication) }
  }
  if (replication !== undefined) throw rules.refuse('replication', 'a regional secret has none')
  const kmsKeyName = rules.checkKey('secret', customerManagedEncryption, locationOf(name))
  return kmsKeyName === undefined ? {} : { kmsKeyName }
}

function locationOf(name: string): string {
  return name.split('/')[3] ?? ''
}

function typeOf({ secretType }: Secret): Pick<SecretDocument, 'secretType'> {
  if (secretType === undefined) return {}
  if (typeof secretType === 'string' && Object.hasOwn(secretTypes.values, secretType)) return { secretType }
  throw rules.refuse('secret_type', `there is no type ${secretType}`)
}

function expiryOf({ expireTime, ttl }: Secret, now: number): number | undefined {
  if (expireTime !== undefined) return rules.checkExpiry(expireTime, now)
  return ttl === undefined ? undefined : rules.checkExpiry(now + ttl, now)
}

function checkTopicsForRotation({ rotation, topics }: Pick<SecretDocument, 'rotation' | 'topics'>): void {
  if (rotation !== undefined && topics.length === 0) {
    throw rules.refuse('rotation', 'topics must be set if rotation is')
  }
}

export function getSecretMetadata(world: World, { name }: NamedRequest): Secret {
  return secretOf(getSecret(world, secretName(world.settings, name)))
}

/** Changes what the mask names, and nothing else. */
export function updateSecret(world: World, { secret, updateMask }: UpdateSecretRequest): Secret {
  if (secret === undefined) throw rules.refuse('secret', 'it is required')
  const name = secretName(world.settings, secret.name)
  const paths = readMask(updateMask)
  const before = getSecret(world, name)
  checkEtag(name, secret.etag, before.etag)
  let changed: Omit<SecretDocument, 'etag'> = before
  for (const path of paths) changed = updates[path]?.(changed, secret, world) ?? refusePath(path)
  checkTopicsForRotation(changed)
  const after = saveSecret(world, changed)
  if (String(before.topics) !== String(after.topics)) announceTopics(world, after)
  announce(world, after, { type: 'SECRET_UPDATE' })
  return secretOf(after)
}

type Update = (
  before: Omit<SecretDocument, 'etag'>,
  secret: Secret,
  world: World,
) => Omit<SecretDocument, 'etag'>

/** By path of the mask. What the mask names and the secret lacks is taken away. */
const updates: Readonly<Record<string, Update>> = {
  labels: (before, { labels = {} }) => {
    rules.checkLabels(labels)
    return { ...before, labels }
  },
  annotations: (before, { annotations = {} }) => {
    rules.checkAnnotations(annotations)
    return { ...before, annotations }
  },
  topics: (before, { topics = [] }) => ({ ...before, topics: rules.checkTopics(topics) }),
  expireTime: setExpiry,
  ttl: setExpiry,
  rotation: ({ rotation: _before, ...rest }, { rotation = {} }, { now }) =>
    withRotation(rest, rules.checkRotation(rotation, now)),
  'rotation.nextRotationTime': (before, { rotation }, { now }) =>
    withRotation(
      before,
      rules.checkRotation(
        {
          ...(rotation?.nextRotationTime === undefined
            ? {}
            : { nextRotationTime: rotation.nextRotationTime }),
          ...(before.rotation?.periodMs === undefined ? {} : { rotationPeriod: before.rotation.periodMs }),
        },
        now,
      ),
    ),
  'rotation.rotationPeriod': (before, { rotation }, { now }) =>
    withRotation(
      before,
      rules.checkRotation(
        {
          ...(before.rotation?.nextAt === undefined ? {} : { nextRotationTime: before.rotation.nextAt }),
          ...(rotation?.rotationPeriod === undefined ? {} : { rotationPeriod: rotation.rotationPeriod }),
        },
        now,
      ),
    ),
  versionAliases: (before, { versionAliases = {} }, world) => ({
    ...before,
    aliases: rules.checkAliases(
      versionAliases,
      (number) =>
        world.settings.facts.aliasOfAnyNumber ||
        world.versions.get(`${before.name}/versions/${number}`) !== undefined,
    ),
  }),
  versionDestroyTtl: ({ destroyTtlMs: _before, ...rest }, { versionDestroyTtl = 0 }, { settings }) => {
    const destroyTtlMs = rules.checkDestroyTtl(versionDestroyTtl, settings.facts.maxDestroyTtlMs)
    return { ...rest, ...(destroyTtlMs === undefined ? {} : { destroyTtlMs }) }
  },
  customerManagedEncryption: ({ kmsKeyName: _before, ...rest }, secret) => {
    if (!isRegional(rest.name)) {
      throw rules.refuse('customer_managed_encryption', 'only a regional secret has it; use replication')
    }
    const kmsKeyName = rules.checkKey('secret', secret.customerManagedEncryption, locationOf(rest.name))
    return { ...rest, ...(kmsKeyName === undefined ? {} : { kmsKeyName }) }
  },
  replication: (before, { replication }) => {
    if (isRegional(before.name)) throw rules.refuse('replication', 'a regional secret has none')
    const after = rules.checkReplication(replication)
    if (shapeOf(after) !== shapeOf(before.replication)) {
      throw invalidArgument('The replication policy of a secret is immutable; only its keys can be changed.')
    }
    return { ...before, replication: after }
  },
}

function setExpiry(
  { expireAt: _before, ...rest }: Omit<SecretDocument, 'etag'>,
  secret: Secret,
  { now }: World,
): Omit<SecretDocument, 'etag'> {
  const expireAt = expiryOf(secret, now)
  return { ...rest, ...(expireAt === undefined ? {} : { expireAt }) }
}

function withRotation(
  { rotation: _before, ...rest }: Omit<SecretDocument, 'etag'>,
  rotation: SecretDocument['rotation'],
): Omit<SecretDocument, 'etag'> {
  return { ...rest, ...(rotation === undefined ? {} : { rotation }) }
}

/** A replication without its keys, as text. */
function shapeOf(replication: Replication | undefined): string {
  return replication?.automatic !== undefined
    ? 'automatic'
    : String(replication?.userManaged?.replicas?.map(({ location }) => location).sort())
}

function refusePath(path: string): never {
  throw invalidArgument(`The field mask path [${path}] names no field that can be updated.`)
}

export function deleteSecret(world: World, { name, etag }: NamedRequestWithEtag): object {
  const secret = getSecret(world, secretName(world.settings, name))
  checkEtag(secret.name, etag, secret.etag)
  removeSecret(world, secret)
  announce(world, secret, { type: 'SECRET_DELETE', deleteType: 'REQUESTED' })
  return {}
}
