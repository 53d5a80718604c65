import { Fault, type ProviderContext, SecretError, type Tags, unless } from 'strongroom/provider'
import { crc32c } from './checksum.js'
import type { Encryption, Replication, SecretAnswer, SecretFields } from './client.js'
import { partsOf } from './names.js'
import type { GcpCreateOptions } from './options.js'
import { versionIn } from './resource.js'
import type { Service } from './service.js'

/** What waits for a new secret to be known everywhere. */
const settleDelaysMs: readonly number[] = [100, 400, 1_600, 3_200]

type Value = { readonly bytes: () => Uint8Array }

/** AddSecretVersion, with the checksum that the service compares. Not repeatable: each makes a version. */
export async function addVersion(
  service: Service,
  secret: string,
  value: Value,
  signal: AbortSignal,
): Promise<string> {
  const data = value.bytes()
  const payload = { data, dataCrc32c: crc32c(data) }
  const { name } = await service.send('addSecretVersion', { parent: secret, payload }, signal)
  return versionIn(name)
}

/** CreateSecret: a secret without versions. @throws {Fault} `ALREADY_EXISTS` for a name in use. */
export async function createSecret(
  service: Service,
  secret: string,
  fields: SecretFields,
  signal: AbortSignal,
): Promise<SecretAnswer> {
  return service.send('createSecret', { ...partsOf(secret), secret: fields }, signal)
}

/** What a new secret gets, of the options of the provider and the tags of its first put. */
export function newSecretFields({ create, isRegional }: Service, tags: Tags = {}): SecretFields {
  const { annotations, topics, ttlMs, versionDestroyTtlMs } = create
  return {
    ...(isRegional ? encryptionOf(create.kmsKeyName) : { replication: replicationOf(create) }),
    labels: { ...create.labels, ...tags },
    ...(annotations !== undefined && { annotations }),
    ...(topics !== undefined && { topics: topics.map((name) => ({ name })) }),
    ...(ttlMs !== undefined && { ttl: seconds(ttlMs) }),
    ...(versionDestroyTtlMs !== undefined && { versionDestroyTtl: seconds(versionDestroyTtlMs) }),
  }
}

/**
 * The first version of a secret that was just created. A secret may not be known everywhere at once: what does not find
 * it has no effect, and is tried again.
 *
 * @throws {SecretError} which says that the secret is there, and empty.
 */
export async function addFirstVersion(
  service: Service,
  secret: string,
  value: Value,
  { signal, sleep }: ProviderContext,
): Promise<string> {
  const delays = [...settleDelaysMs]
  const add = (): Promise<string> =>
    unless('NOT_FOUND', addVersion(service, secret, value, signal), async (fault) => {
      const delayMs = delays.shift()
      if (delayMs === undefined) throw fault
      await sleep(delayMs)
      return add()
    })
  try {
    return await add()
  } catch (error) {
    throw error instanceof Fault ? leftEmpty(error, secret) : error
  }
}

function leftEmpty({ failure }: Fault, secret: string): SecretError {
  const { code, providerCode, status, retryAfterMs } = failure
  return new SecretError({
    code,
    message: `the secret ${partsOf(secret).secretId} was created, and storing its first version failed (${providerCode ?? code}): put again, or delete it with purge`,
    outcomeUnknown: true,
    ...(providerCode !== undefined && { providerCode }),
    ...(status !== undefined && { status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

function replicationOf({ replicas, kmsKeyName }: GcpCreateOptions): Replication {
  if (replicas === undefined) return { automatic: encryptionOf(kmsKeyName) }
  const places = replicas.map((replica) => (typeof replica === 'string' ? { location: replica } : replica))
  return {
    userManaged: {
      replicas: places.map((place) => ({ location: place.location, ...encryptionOf(place.kmsKeyName) })),
    },
  }
}

function encryptionOf(kmsKeyName: string | undefined): { readonly customerManagedEncryption?: Encryption } {
  return kmsKeyName === undefined ? {} : { customerManagedEncryption: { kmsKeyName } }
}

function seconds(ms: number): { readonly seconds: number } {
  return { seconds: Math.ceil(ms / 1000) }
}
