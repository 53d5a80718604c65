import type { DescribeSecretCommandOutput } from '@aws-sdk/client-secrets-manager'
import type { NativeRotation, ProviderOperation, ProviderOutput } from 'strongroom/provider'
import { type Service, stateOf } from './service.js'
import { allVersions } from './versions.js'

/**
 * DescribeSecret, and ListSecretVersionIds for the creation date of the current version. A secret in the trash shows
 * no current version, as none of its values can be read, and no end of its recovery: AWS only tells when it was deleted.
 */
export function describeOperation(service: Service): ProviderOperation<'describe'> {
  return async ({ ref }, { signal }) => {
    const secret = await service.send('DescribeSecret', { SecretId: ref }, signal)
    const { current } = stateOf(secret).holders
    if (secret.DeletedDate !== undefined || current === undefined) return infoOf(secret)
    const versions = await allVersions(service, ref, false, signal)
    const info = versions.find(({ version }) => version === current)
    return info === undefined ? infoOf(secret) : { ...infoOf(secret), current: info }
  }
}

function infoOf(secret: DescribeSecretCommandOutput): ProviderOutput<'describe'> {
  const { arn, holders, tags } = stateOf(secret)
  const { DeletedDate, LastChangedDate, LastAccessedDate } = secret
  const nativeRotation = rotationOf(secret)
  return {
    id: arn,
    tags,
    state: DeletedDate === undefined ? 'active' : 'deleted',
    ...(holders.pending !== undefined && { pending: holders.pending }),
    ...(LastChangedDate !== undefined && { changedAt: LastChangedDate }),
    ...(LastAccessedDate !== undefined && { lastAccessedAt: LastAccessedDate }),
    ...(nativeRotation !== undefined && { nativeRotation }),
  }
}

/** Absent for a secret on which rotation was never set up. */
function rotationOf(secret: DescribeSecretCommandOutput): NativeRotation | undefined {
  const { RotationEnabled, NextRotationDate, LastRotatedDate } = secret
  if (RotationEnabled === undefined) return undefined
  return {
    enabled: RotationEnabled,
    ...(NextRotationDate !== undefined && { nextAt: NextRotationDate }),
    ...(LastRotatedDate !== undefined && { lastAt: LastRotatedDate }),
  }
}
