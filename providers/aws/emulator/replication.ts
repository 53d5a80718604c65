import { invalidParameter } from './errors.js'
import { findByName, getActive, getWritable, isReplica, saveSecret, secretKey, valueKey } from './lookup.js'
import { flag, list, required } from './members.js'
import type { Replica, Scope, SecretDocument } from './model.js'
import { type Operation, operation, type ReplicaInput, region, replicaList, secretId } from './operation.js'

/** Replicates a secret; a region whose name is taken by another secret fails, unless it may be overwritten. */
export function addReplicas<S extends SecretDocument>(
  scope: Scope,
  secret: S,
  added: readonly ReplicaInput[],
  overwrite = false,
): S {
  if (added.length === 0) return secret
  const replicas = new Map((secret.replicas ?? []).map((replica) => [replica.region, replica]))
  for (const { Region, KmsKeyId } of added) {
    if (Region === undefined) throw invalidParameter('You must provide a Region for every replica.')
    if (Region === secret.region) throw invalidParameter('Invalid replica region.')
    const kms = KmsKeyId === undefined ? {} : { kmsKeyId: KmsKeyId }
    replicas.set(Region, { region: Region, ...kms, ...placeReplica(scope, secret, Region, overwrite) })
  }
  return { ...secret, replicas: [...replicas.values()] }
}

function placeReplica(
  scope: Scope,
  { name, region }: SecretDocument,
  target: string,
  overwrite: boolean,
): object {
  const key = secretKey(target, name)
  const taken = findByName({ ...scope, region: target }, name)
  if (taken !== undefined && taken.primaryRegion !== region && !overwrite) {
    return { failure: `Replication failed: Secret name ${name} already exists in region ${target}.` }
  }
  if (taken !== undefined && taken.primaryRegion === undefined) {
    for (const { id } of taken.versions) scope.values.delete(valueKey(taken.arn, id))
  }
  scope.secrets.set(key, { name, region: target, primaryRegion: region, createdAt: scope.now })
  return {}
}

export function replicationStatus({ replicas = [] }: SecretDocument): object[] {
  return replicas.map(({ region, kmsKeyId = 'alias/aws/secretsmanager', failure }) => ({
    Region: region,
    KmsKeyId: kmsKeyId,
    Status: failure === undefined ? 'InSync' : 'Failed',
    StatusMessage: failure ?? 'Replication succeeded',
  }))
}

function withoutReplica(secret: SecretDocument, regions: readonly string[]): SecretDocument {
  const { replicas = [], ...rest } = secret
  const kept: readonly Replica[] = replicas.filter((replica) => !regions.includes(replica.region))
  return kept.length === 0 ? rest : { ...rest, replicas: kept }
}

export const replicateSecretToRegions: Operation = operation(
  { SecretId: secretId, AddReplicaRegions: required(replicaList), ForceOverwriteReplicaSecret: flag() },
  ({ SecretId, AddReplicaRegions, ForceOverwriteReplicaSecret }, scope) => {
    const secret = addReplicas(
      scope,
      getWritable(scope, SecretId),
      AddReplicaRegions,
      ForceOverwriteReplicaSecret,
    )
    saveSecret(scope, secret)
    return { ARN: secret.arn, ReplicationStatus: replicationStatus(secret) }
  },
)

export const removeRegionsFromReplication: Operation = operation(
  { SecretId: secretId, RemoveReplicaRegions: required(list(region, 1)) },
  ({ SecretId, RemoveReplicaRegions }, scope) => {
    const secret = getWritable(scope, SecretId)
    for (const target of RemoveReplicaRegions) {
      const key = secretKey(target, secret.name)
      const document = scope.secrets.get(key)
      if (document !== undefined && isReplica(document) && document.primaryRegion === secret.region) {
        scope.secrets.delete(key)
      }
    }
    const left = withoutReplica(secret, RemoveReplicaRegions)
    saveSecret(scope, left)
    return { ARN: left.arn, ReplicationStatus: replicationStatus(left) }
  },
)

/** The replica becomes a secret of its own, with its own copy of the values. */
export const stopReplicationToReplica: Operation = operation(
  { SecretId: secretId },
  ({ SecretId }, scope) => {
    const { primaryArn, primaryRegion, replicas, policy, ...copy } = getActive(scope, SecretId)
    if (primaryRegion === undefined) throw invalidParameter('The secret is not a replica.')
    for (const { id } of copy.versions) {
      const value = scope.values.get(valueKey(primaryArn, id))
      if (value !== undefined) scope.values.set(valueKey(copy.arn, id), value)
    }
    const primary = findByName({ ...scope, region: primaryRegion }, copy.name)
    if (primary !== undefined) saveSecret(scope, withoutReplica(primary, [copy.region]))
    saveSecret(scope, copy)
    return { ARN: copy.arn }
  },
)
