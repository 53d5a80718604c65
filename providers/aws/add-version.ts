import { type ProviderInput, refusal, type Tags, unless } from 'strongroom/provider'
import { awsTags, type Service } from './service.js'

/** A put whose version id is settled: it is the ClientRequestToken, so that repeating it makes no second version. */
export interface Put extends ProviderInput<'put'> {
  readonly version: string
}

/** `created`: the secret is new and has its tags already. */
export type Stored = 'created' | 'added'

/**
 * PutSecretValue. Without labels the new version becomes current.
 *
 * @throws {SecretError} `ALREADY_EXISTS` with the version, when the idempotency key has stored another value.
 */
export async function addVersion(
  service: Service,
  put: Put,
  stages: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<'added'> {
  const request = {
    SecretId: put.ref,
    ClientRequestToken: put.version,
    ...valueFields(put),
    ...(stages !== undefined && { VersionStages: [...stages] }),
    ...(put.rotationToken !== undefined && { RotationToken: put.rotationToken }),
  }
  await unless('ALREADY_EXISTS', service.send('PutSecretValue', request, signal), () => {
    throw refusal(
      'ALREADY_EXISTS',
      `the idempotency key has stored another value as version ${put.version}; take a new key`,
      put.version,
    )
  })
  return 'added'
}

/** CreateSecret, with the value as its first version. @throws {Fault} `ALREADY_EXISTS` for a name in use. */
export async function createSecret(service: Service, put: Put, signal: AbortSignal): Promise<'created'> {
  const request = {
    Name: put.ref,
    ClientRequestToken: put.version,
    ...valueFields(put),
    ...creationFields(service, put.tags),
  }
  await service.send('CreateSecret', request, signal)
  return 'created'
}

interface CreationFields {
  readonly KmsKeyId?: string
  readonly Description?: string
  readonly Tags?: { Key: string; Value: string }[]
}

function creationFields({ create }: Service, given: Tags = {}): CreationFields {
  const { kmsKeyId, description } = create
  const tags = awsTags({ ...create.tags, ...given })
  return {
    ...(kmsKeyId !== undefined && { KmsKeyId: kmsKeyId }),
    ...(description !== undefined && { Description: description }),
    ...(tags.length > 0 && { Tags: tags }),
  }
}

type ValueFields = { readonly SecretBinary: Uint8Array } | { readonly SecretString: string }

function valueFields({ value }: Put): ValueFields {
  return value.kind === 'binary' ? { SecretBinary: value.bytes() } : { SecretString: value.text() }
}
