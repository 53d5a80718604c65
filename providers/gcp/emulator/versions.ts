import { crc32c } from './crc32c.js'
import { failedPrecondition, GcpError, invalidArgument, notFound } from './errors.js'
import type {
  AccessSecretVersionResponse,
  AddSecretVersionRequest,
  NamedRequest,
  SecretPayload,
  SecretVersion,
} from './messages.js'
import { type SecretDocument, type VersionDocument, versionKey, type World } from './model.js'
import { secretName, versionName } from './names.js'
import { versionOf } from './output.js'
import { announce, getSecret, getVersion, saveVersion } from './world.js'

export const maxPayloadBytes: number = 65_536
export const numberPattern: RegExp = /^[1-9]\d{0,14}$/

export interface Found {
  readonly secret: SecretDocument
  readonly version: VersionDocument
}

export function addSecretVersion(world: World, { parent, payload }: AddSecretVersionRequest): SecretVersion {
  const secret = getSecret(world, secretName(world.settings, parent))
  const { data = Buffer.alloc(0), dataCrc32c } = payload ?? {}
  if (data.length === 0) throw invalidArgument('Secret Payload cannot be empty.')
  if (data.length > maxPayloadBytes) {
    throw invalidArgument(`The payload of a secret must not be larger than ${maxPayloadBytes} bytes.`)
  }
  const checksum = crc32c(data)
  if (dataCrc32c !== undefined && dataCrc32c !== BigInt(checksum)) {
    throw new GcpError(
      world.settings.facts.checksumMismatchCode,
      'The checksum data_crc32c does not match the payload; it was corrupted on its way.',
    )
  }
  return versionOf(secret, addVersion(world, secret, data, dataCrc32c !== undefined))
}

/** The next version of a secret. The secret itself keeps its etag. */
export function addVersion(
  world: World,
  secret: SecretDocument,
  data: Buffer,
  hasClientChecksum: boolean,
): VersionDocument {
  const number = secret.lastVersion + 1
  const after = { ...secret, lastVersion: number }
  world.secrets.set(secret.name, after)
  world.payloads.set(versionKey(secret.name, number), {
    data: data.toString('base64'),
    crc32c: crc32c(data),
  })
  const version = saveVersion(world, after, {
    number,
    createdAt: world.now,
    state: 'ENABLED',
    hasClientChecksum,
    ...encryptionOf(secret),
  })
  announce(world, after, { type: 'SECRET_VERSION_ADD', version })
  return version
}

const keyVersionOf = (kmsKeyName: string): { readonly kmsKeyVersionName: string } => ({
  kmsKeyVersionName: `${kmsKeyName}/cryptoKeyVersions/1`,
})

function encryptionOf({
  replication,
  kmsKeyName,
}: SecretDocument): Pick<VersionDocument, 'replicationStatus' | 'encryption'> {
  if (replication === undefined)
    return kmsKeyName === undefined ? {} : { encryption: keyVersionOf(kmsKeyName) }
  const { automatic, userManaged } = replication
  const status = (key: { readonly kmsKeyName?: string } | undefined): object =>
    key?.kmsKeyName === undefined ? {} : { customerManagedEncryption: keyVersionOf(key.kmsKeyName) }
  if (automatic !== undefined) {
    return { replicationStatus: { automatic: status(automatic.customerManagedEncryption) } }
  }
  const replicas = (userManaged?.replicas ?? []).map(({ location = '', customerManagedEncryption }) => ({
    location,
    ...status(customerManagedEncryption),
  }))
  return { replicationStatus: { userManaged: { replicas } } }
}

/** By number, `latest` or alias. `latest` is the newest one, whatever its state. */
export function readVersion(world: World, name: string | undefined): Found {
  const asked = versionName(world.settings, name)
  const secret = getSecret(world, asked.secret)
  if (asked.version === 'latest' && secret.lastVersion > 0) {
    return { secret, version: getVersion(world, secret, secret.lastVersion) }
  }
  if (asked.version === 'latest') {
    throw notFound(`Secret [${secret.name}] not found or has no versions.`)
  }
  return { secret, version: getVersion(world, secret, numberOf(secret, asked.version)) }
}

function numberOf(secret: SecretDocument, version: string): number {
  if (numberPattern.test(version)) return Number(version)
  const number = Object.hasOwn(secret.aliases, version) ? secret.aliases[version] : undefined
  if (number === undefined) throw notFound(`Secret Version [${secret.name}/versions/${version}] not found.`)
  return number
}

export function getSecretVersion(world: World, { name }: NamedRequest): SecretVersion {
  const { secret, version } = readVersion(world, name)
  return versionOf(secret, version)
}

export function accessSecretVersion(world: World, { name }: NamedRequest): AccessSecretVersionResponse {
  const { secret: named } = versionName(world.settings, name)
  if (world.secrets.get(named) === undefined) {
    throw notFound(`Secret [${named}] not found or has no versions.`)
  }
  const { secret, version } = readVersion(world, name)
  const key = versionKey(secret.name, version.number)
  const payload = world.payloads.get(key)
  if (version.state !== 'ENABLED' || payload === undefined) throw inState(key, version.state)
  return { name: key, payload: payloadOf(payload.data, payload.crc32c) }
}

function payloadOf(base64: string, checksum: number): SecretPayload {
  return { data: Buffer.from(base64, 'base64'), dataCrc32c: BigInt(checksum) }
}

/** The error of a version that is in no state for what is asked. */
export function inState(name: string, state: string): GcpError {
  return failedPrecondition(`Secret Version [${name}] is in ${state} state.`)
}
