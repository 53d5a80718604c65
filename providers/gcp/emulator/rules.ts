import { type GcpError, invalidArgument } from './errors.js'
import type { CustomerManagedEncryption, Replication, Rotation, Secret, Text } from './messages.js'
import type { SecretDocument } from './model.js'

const secondMs = 1_000
const dayMs = 86_400_000
const centuryMs = 100 * 365.25 * dayMs

const labelKey = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u
const labelValue = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u
const annotationKey = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const aliasPattern = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/
const topicPattern = /^projects\/[^/]+\/topics\/[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/
const keyPattern = /^projects\/[^/]+\/locations\/([^/]+)\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/

// Each check below refuses a field of a secret that breaks a rule, as `refuse` words it.

export function checkSecretId(id: string): void {
  if (/^[a-zA-Z_0-9-]{1,255}$/.test(id)) return
  throw invalidArgument(
    id.length > 255
      ? 'The provided Secret ID is longer than 255 characters'
      : `The provided Secret ID [${id}] does not match the expected format [[a-zA-Z_0-9]+]`,
  )
}

export function checkLabels(labels: Text): void {
  const entries = Object.entries(labels)
  if (entries.length > 64) throw refuse('labels', 'a secret has at most 64 labels')
  for (const [key, value] of entries) {
    if (!labelKey.test(key) || Buffer.byteLength(key) > 128) {
      throw refuse(
        'labels',
        `the key [${key}] must have 1 to 63 characters and at most 128 bytes, begin with a lower-case letter, and hold only lower-case letters, digits, underscores and hyphens`,
      )
    }
    if (!labelValue.test(value) || Buffer.byteLength(value) > 128) {
      throw refuse(
        'labels',
        `the value of [${key}] must have at most 63 characters and 128 bytes, only lower-case letters, digits, underscores and hyphens`,
      )
    }
  }
}

export function checkAnnotations(annotations: Text): void {
  let size = 0
  for (const [key, value] of Object.entries(annotations)) {
    size += Buffer.byteLength(key) + Buffer.byteLength(value)
    if (!annotationKey.test(key)) {
      throw refuse(
        'annotations',
        `the key [${key}] must have 1 to 63 characters, begin and end with a letter or digit, and hold only those, hyphens, underscores and dots`,
      )
    }
  }
  if (size >= 16 * 1024) throw refuse('annotations', 'keys and values together must be smaller than 16 KiB')
}

export function checkTopics(topics: NonNullable<Secret['topics']>): readonly string[] {
  if (topics.length > 10) throw refuse('topics', 'a secret has at most 10 topics')
  const names = topics.map(({ name = '' }) => name)
  const bad = names.find((name) => !topicPattern.test(name))
  if (bad !== undefined) throw refuse('topics', `[${bad}] does not match the format [projects/*/topics/*]`)
  if (new Set(names).size < names.length) throw refuse('topics', 'a topic is given twice')
  return names
}

/** When a secret expires, by its time or its ttl. Times are checked when they are set, never again. */
export function expiryOf({ expireTime, ttl }: Secret, now: number): number | undefined {
  const at = expireTime ?? (ttl === undefined ? undefined : now + ttl)
  if (at === undefined || (at - now >= 60 * secondMs && at - now <= centuryMs)) return at
  throw refuse('expire_time', 'it must be between 60 seconds and 100 years in the future')
}

/** `undefined` for no rotation at all. */
export function checkRotation(
  { nextRotationTime, rotationPeriod }: Rotation,
  now: number,
): SecretDocument['rotation'] {
  if (nextRotationTime === undefined && rotationPeriod === undefined) return undefined
  return rotationOf(
    nextRotationTime === undefined ? undefined : checkNextRotation(nextRotationTime, now),
    rotationPeriod === undefined ? undefined : checkRotationPeriod(rotationPeriod),
  )
}

export function checkNextRotation(at: number, now: number): number {
  if (at - now >= 300 * secondMs && at - now <= centuryMs) return at
  throw refuse('rotation.next_rotation_time', 'it must be between 300 seconds and 100 years in the future')
}

export function checkRotationPeriod(ms: number): number {
  if (ms >= 3_600 * secondMs && ms <= 3_153_600_000 * secondMs) return ms
  throw refuse('rotation.rotation_period', 'it must be between 3600s (1 hour) and 3153600000s (100 years)')
}

/** Of parts that are each within their rules; a period needs a time to begin with. */
export function rotationOf(
  nextAt: number | undefined,
  periodMs: number | undefined,
): SecretDocument['rotation'] {
  if (nextAt === undefined && periodMs !== undefined) {
    throw refuse('rotation', 'next_rotation_time must be set if rotation_period is set')
  }
  if (nextAt === undefined) return undefined
  return { nextAt, ...(periodMs === undefined ? {} : { periodMs }) }
}

export function checkAliases(
  aliases: Readonly<Record<string, bigint>>,
  isThere: (number: number) => boolean,
): Readonly<Record<string, number>> {
  const entries = Object.entries(aliases)
  if (entries.length > 50) throw refuse('version_aliases', 'a secret has at most 50 aliases')
  for (const [alias, number] of entries) {
    if (!aliasPattern.test(alias) || alias === 'latest' || alias === 'NEW') {
      throw refuse(
        'version_aliases',
        `the alias [${alias}] must begin with a letter, have at most 63 letters, digits, underscores and hyphens, and be neither latest nor NEW`,
      )
    }
    if (number < 1n || number > BigInt(Number.MAX_SAFE_INTEGER) || !isThere(Number(number))) {
      throw refuse('version_aliases', `the alias [${alias}] must name a version of the secret, not ${number}`)
    }
  }
  return Object.fromEntries(entries.map(([alias, number]) => [alias, Number(number)]))
}

/** `undefined` for none, as 0 is. */
export function checkDestroyTtl(ttlMs: number, maxMs: number): number | undefined {
  if (ttlMs === 0) return undefined
  if (ttlMs >= dayMs && ttlMs <= maxMs) return ttlMs
  throw refuse('version_destroy_ttl', `it must be between 24 hours and ${maxMs / dayMs} days`)
}

export function checkReplication(replication: Replication | undefined): Replication {
  const { automatic, userManaged } = replication ?? {}
  if (automatic !== undefined) {
    checkKey(
      'replication.automatic.customer_managed_encryption',
      automatic.customerManagedEncryption,
      'global',
    )
    return { automatic }
  }
  if (userManaged === undefined) {
    throw refuse('replication', 'a secret that is not regional needs automatic or user_managed replication')
  }
  const replicas = userManaged.replicas ?? []
  if (replicas.length === 0) throw refuse('replication.user_managed.replicas', 'there must be at least one')
  const locations = replicas.map(({ location = '' }) => location)
  if (locations.some((location) => !/^[a-z]+(-[a-z0-9]+)+$/.test(location))) {
    throw refuse('replication.user_managed.replicas', 'each needs the name of a location')
  }
  if (new Set(locations).size < locations.length) {
    throw refuse('replication.user_managed.replicas', 'a location is given twice')
  }
  const withKey = replicas.filter((replica) => replica.customerManagedEncryption !== undefined)
  if (withKey.length > 0 && withKey.length < replicas.length) {
    throw refuse('replication.user_managed.replicas', 'either all or none have customer_managed_encryption')
  }
  for (const { location = '', customerManagedEncryption } of replicas) {
    checkKey(
      'replication.user_managed.replicas.customer_managed_encryption',
      customerManagedEncryption,
      location,
    )
  }
  return { userManaged }
}

export function checkKey(
  field: string,
  encryption: CustomerManagedEncryption | undefined,
  location: string,
): string | undefined {
  if (encryption === undefined) return undefined
  const { kmsKeyName = '' } = encryption
  if (keyPattern.exec(kmsKeyName)?.[1] !== location) {
    throw refuse(field, `kms_key_name must match [projects/*/locations/${location}/keyRings/*/cryptoKeys/*]`)
  }
  return kmsKeyName
}

/** `INVALID_ARGUMENT`, with the field and the rule in its text and in its details. */
export function refuse(field: string, description: string): GcpError {
  return invalidArgument(`Invalid value for ${field}: ${description}.`, [{ field, description }])
}
