import type { GetSecretValueCommandOutput } from '@aws-sdk/client-secrets-manager'
import {
  type ProviderOperation,
  type ProviderOutput,
  refusal,
  SecretValue,
  type Stage,
} from 'strongroom/provider'
import type { BatchReader } from './batch.js'
import { label, stagesOf } from './labels.js'
import { given, type Service } from './service.js'

/** A value as AWS answers it, alone or in a batch. */
export type AwsValue = Pick<
  GetSecretValueCommandOutput,
  'VersionId' | 'VersionStages' | 'CreatedDate' | 'SecretString' | 'SecretBinary'
>

/** No version can be disabled here, so the newest enabled one is always the current one. */
const labels: { readonly [S in Stage]: string } = {
  current: label.current,
  previous: label.previous,
  pending: label.pending,
  'newest-enabled': label.current,
}

/** GetSecretValue; or a place in a batch, for the current version where batches are on. */
export function getOperation(service: Service, batch: BatchReader | undefined): ProviderOperation<'get'> {
  return async ({ ref, version, stage = 'current' }, { signal }) => {
    const VersionStage = labels[stage]
    if (batch !== undefined && version === undefined && VersionStage === label.current) {
      return recordOf(await batch(ref, signal))
    }
    const selector = version === undefined ? { VersionStage } : { VersionId: version }
    const record = recordOf(await service.send('GetSecretValue', { SecretId: ref, ...selector }, signal))
    if (stage === 'pending' && !record.stages.includes('pending')) {
      throw refusal('NOT_FOUND', 'nothing is pending: the version with AWSPENDING is current already')
    }
    return record
  }
}

function recordOf(answer: AwsValue): ProviderOutput<'get'> {
  return {
    version: given(answer.VersionId, 'VersionId'),
    createdAt: given(answer.CreatedDate, 'CreatedDate'),
    stages: stagesOf(answer.VersionStages),
    state: 'enabled',
    value: secretValue(answer),
  }
}

function secretValue({ SecretString, SecretBinary }: AwsValue): SecretValue {
  if (SecretString !== undefined) return SecretValue.infer(SecretString)
  return SecretValue.binary(given(SecretBinary, 'value'))
}
