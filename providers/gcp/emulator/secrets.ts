import { GcpError } from './errors.js'
import { readMask } from './masks.js'
import type {
  CreateSecretRequest,
  NamedRequest,
  NamedRequestWithEtag,
  Secret,
  UpdateSecretRequest,
} from './messages.js'
import type { Draft, SecretDocument, World } from './model.js'
import { isRegional, locationOf, parentName, secretName } from './names.js'
import { secretOf } from './output.js'
import * as rules from './rules.js'
import { secretTypes } from './types.js'
import { updateOf } from './updates.js'
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
function readSecret(world: World, name: string, secret: Secret): Draft {
  const { labels = {}, annotations = {}, topics = [], versionAliases = {}, versionDestroyTtl = 0 } = secret
  rules.checkLabels(labels)
  rules.checkAnnotations(annotations)
  const { facts } = world.settings
  const expireAt = rules.expiryOf(secret, world.now)
  const rotation = rules.checkRotation(secret.rotation ?? {}, world.now)
  const destroyTtlMs = rules.checkDestroyTtl(versionDestroyTtl, facts.maxDestroyTtlMs)
  const document: Draft = {
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
  const kmsKeyName = rules.checkKey(
    'customer_managed_encryption',
    customerManagedEncryption,
    locationOf(name),
  )
  return kmsKeyName === undefined ? {} : { kmsKeyName }
}

function typeOf({ secretType }: Secret): Pick<SecretDocument, 'secretType'> {
  if (secretType === undefined) return {}
  if (typeof secretType === 'string' && Object.hasOwn(secretTypes.values, secretType)) return { secretType }
  throw rules.refuse('secret_type', `there is no type ${secretType}`)
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
  let changed: Draft = before
  for (const path of paths) changed = updateOf(path)(changed, secret, world)
  checkTopicsForRotation(changed)
  const after = saveSecret(world, changed)
  if (String(before.topics) !== String(after.topics)) announceTopics(world, after)
  announce(world, after, { type: 'SECRET_UPDATE' })
  return secretOf(after)
}

export function deleteSecret(world: World, { name, etag }: NamedRequestWithEtag): object {
  const secret = getSecret(world, secretName(world.settings, name))
  checkEtag(secret.name, etag, secret.etag)
  removeSecret(world, secret)
  announce(world, secret, { type: 'SECRET_DELETE', deleteType: 'REQUESTED' })
  return {}
}
