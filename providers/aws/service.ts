import type { DescribeSecretCommandOutput } from '@aws-sdk/client-secrets-manager'
import { Fault, refusal, type Tags } from 'strongroom/provider'
import type { Send } from './client.js'
import { type Holders, holders, type VersionLabels } from './labels.js'
import type { AwsCreateOptions } from './options.js'

/** What every operation of this provider works with. */
export interface Service {
  readonly send: Send
  readonly create: AwsCreateOptions
  readonly recoveryWindowDays: number | undefined
}

/** What DescribeSecret tells a writer. */
export interface SecretState {
  readonly arn: string
  readonly holders: Holders
  readonly versions: VersionLabels
  readonly tags: Tags
  readonly kmsKeyId: string | undefined
}

/** @throws {Fault} `PENDING_DELETION` for a secret in the trash, which DescribeSecret shows like any other. */
export async function activeState(service: Service, id: string, signal: AbortSignal): Promise<SecretState> {
  const secret = await service.send('DescribeSecret', { SecretId: id }, signal)
  if (secret.DeletedDate !== undefined) throw new Fault({ code: 'PENDING_DELETION' })
  return stateOf(secret)
}

export function stateOf(secret: DescribeSecretCommandOutput): SecretState {
  const versions = secret.VersionIdsToStages ?? {}
  return {
    arn: given(secret.ARN, 'ARN'),
    versions,
    holders: holders(versions),
    tags: tagsOf(secret.Tags),
    kmsKeyId: secret.KmsKeyId,
  }
}

interface AwsTag {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
}

export function tagsOf(tags: readonly AwsTag[] = []): Tags {
  return Object.fromEntries(tags.map(({ Key, Value }) => [given(Key, 'tag key'), Value ?? '']))
}

export function awsTags(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

/** A field that AWS always sends, and that the SDK's types call optional. */
export function given<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw refusal('UNAVAILABLE', `the answer has no ${field}`)
  return value
}

/** A next token, absent at the end of a listing. */
export function cursorOf(nextToken: string | undefined): { readonly cursor?: string } {
  return nextToken === undefined || nextToken === '' ? {} : { cursor: nextToken }
}
