import type { GetSecretValueCommandOutput } from '@aws-sdk/client-secrets-manager'
import {
  type ProviderInput,
  type ProviderOperation,
  type ProviderOutput,
  refusal,
  SecretValue,
} from 'strongroom/provider'
import type { BatchReader } from './batch.js'
import { label, stagesOf } from './labels.js'
import { given, type Service } from './service.js'
import { allVersions } from './versions.js'

/** A value as AWS answers it, alone or in a batch. */
export type AwsValue = Pick<
  GetSecretValueCommandOutput,
  'VersionId' | 'VersionStages' | 'CreatedDate' | 'SecretString' | 'SecretBinary'
>

/** GetSecretValue; or a place in a batch, for the current version where batches are on. */
export function getOperation(service: Service, batch: BatchReader | undefined): ProviderOperation<'get'> {
  return async (input, { signal }) => {
    const isPlain = input.version === undefined && (input.stage ?? 'current') === 'current'
    if (batch !== undefined && isPlain) return recordOf(await batch(input.ref, signal))
    const selector = await selectorOf(service, input, signal)
    const answer = await service.send('GetSecretValue', { SecretId: input.ref, ...selector }, signal)
    const record = recordOf(answer)
    if (input.stage === 'pending' && !record.stages.includes('pending')) {
      throw refusal('NOT_FOUND', 'nothing is pending: the version with AWSPENDING is current already')
    }
    return record
  }
}

type Selector = { readonly VersionId: string } | { readonly VersionStage: string }

async function selectorOf(
  service: Service,
  { ref, version, stage = 'current' }: ProviderInput<'get'>,
  signal: AbortSignal,
): Promise<Selector> {
  if (version !== undefined) return { VersionId: version }
  if (stage === 'newest-enabled') return { VersionId: await newest(service, ref, signal) }
  return { VersionStage: label[stage] }
}

/**
 * The youngest version with a stage. Versions without one do not count: among them are values that were discarded or
 * refused. Of two with the same creation time, the current one.
 */
async function newest(service: Service, ref: string, signal: AbortSignal): Promise<string> {
  const versions = await allVersions(service, ref, false, signal)
  const candidates = versions.filter(({ stages }) => stages.length > 0)
  const latest = Math.max(...candidates.map(({ createdAt }) => createdAt.getTime()))
  const tied = candidates.filter(({ createdAt }) => createdAt.getTime() === latest)
  const winner = tied.length > 1 ? tied.find(({ stages }) => stages.includes('current')) : tied[0]
  if (winner !== undefined) return winner.version
  if (tied.length === 0) throw refusal('NOT_FOUND', 'the secret has no version')
  throw refusal('CONFLICT', `${tied.length} versions are equally new; read one by its id`)
}

function recordOf(answer: AwsValue): ProviderOutput<'get'> {
  return {
    version: given(answer.VersionId, 'VersionId'),
    createdAt: given(answer.CreatedDate, 'CreatedDate'),
    stages: stagesOf(answer.VersionStages),
    state: 'enabled',
    // Tags are DescribeSecret's: another request, and another permission.
    tags: {},
    value: secretValue(answer),
  }
}

function secretValue({ SecretString, SecretBinary }: AwsValue): SecretValue {
  if (SecretString !== undefined) return SecretValue.infer(SecretString)
  return SecretValue.binary(given(SecretBinary, 'value'))
}
