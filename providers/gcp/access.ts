import { isUtf8 } from 'node:buffer'
import {
  Fault,
  isFault,
  type ProviderOutput,
  refusal,
  SecretError,
  SecretValue,
  type Stage,
} from 'strongroom/provider'
import { crc32c } from './checksum.js'
import type { AccessAnswer } from './client.js'
import { destroyed, isVersionId, unusable, versionIn } from './resource.js'
import type { Service } from './service.js'

export interface Accessed {
  readonly version: string
  readonly value: SecretValue
}

/**
 * AccessSecretVersion, by number, `latest` or an alias.
 *
 * @throws {SecretError} `NOT_FOUND` for a destroyed version; `UNAVAILABLE` for a value that was damaged on the way.
 */
export async function access(
  service: Service,
  secret: string,
  version: string,
  signal: AbortSignal,
): Promise<Accessed> {
  try {
    const name = `${secret}/versions/${version}`
    const answer = await service.send('accessSecretVersion', { name }, signal)
    return { version: versionIn(answer.name), value: valueIn(answer) }
  } catch (error) {
    if (!isDestroyed(error)) throw error
    throw destroyed(isVersionId(version) ? version : undefined)
  }
}

export function recordOf({ version, value }: Accessed, stages: readonly Stage[]): ProviderOutput<'get'> {
  return { version, stages, state: 'enabled', value }
}

/** Whether a version is there whose value cannot be read: disabled, or destroyed. */
export function isUnreadable(error: unknown): boolean {
  return isFault(error, 'DISABLED') || (SecretError.is(error) && error.code === 'NOT_FOUND')
}

/** The service has one status for a destroyed version, and another for one that never was. */
function isDestroyed(error: unknown): boolean {
  return error instanceof Fault && error.failure.code === 'NOT_FOUND' && error.failure.status === 400
}

/** Nothing tells what bytes were put as: JSON and text are known by what they are. */
function valueIn({ payload }: AccessAnswer): SecretValue {
  const { data, dataCrc32c } = payload ?? {}
  if (!(data instanceof Uint8Array)) throw refusal('UNAVAILABLE', 'the answer carries no value')
  if (dataCrc32c === undefined || dataCrc32c === null) throw unusable('checksum of the value')
  if (String(dataCrc32c) !== String(crc32c(data))) {
    throw refusal(
      'UNAVAILABLE',
      'the value does not have the checksum (CRC32C) that the service gives for it',
    )
  }
  return isUtf8(data) ? SecretValue.infer(Buffer.from(data).toString('utf8')) : SecretValue.binary(data)
}
