import type { Secret, SecretVersion } from './messages.js'
import { type SecretDocument, type VersionDocument, versionKey } from './model.js'

/** A secret as it is answered: without what can only be sent. */
export function secretOf(secret: SecretDocument): Secret {
  const { name, createdAt, etag, replication, kmsKeyName, labels, annotations, topics } = secret
  const { expireAt, rotation, aliases, destroyTtlMs, secretType } = secret
  return {
    name,
    createTime: createdAt,
    etag,
    labels,
    annotations,
    topics: topics.map((topic) => ({ name: topic })),
    versionAliases: Object.fromEntries(
      Object.entries(aliases).map(([alias, number]) => [alias, BigInt(number)]),
    ),
    ...(replication === undefined ? {} : { replication }),
    ...(kmsKeyName === undefined ? {} : { customerManagedEncryption: { kmsKeyName } }),
    ...(expireAt === undefined ? {} : { expireTime: expireAt }),
    ...(rotation?.nextAt === undefined ? {} : { rotation: { nextRotationTime: rotation.nextAt } }),
    ...(destroyTtlMs === undefined ? {} : { versionDestroyTtl: destroyTtlMs }),
    ...(secretType === undefined ? {} : { secretType }),
  }
}

/** A version as it is answered: without its value. */
export function versionOf(secret: SecretDocument, version: VersionDocument): SecretVersion {
  const { number, createdAt, state, etag, hasClientChecksum, destroyedAt, destroyAt } = version
  const { replicationStatus, encryption } = version
  return {
    name: versionKey(secret.name, number),
    createTime: createdAt,
    state,
    etag,
    clientSpecifiedPayloadChecksum: hasClientChecksum,
    ...(replicationStatus === undefined ? {} : { replicationStatus }),
    ...(encryption === undefined ? {} : { customerManagedEncryption: encryption }),
    ...(destroyedAt === undefined ? {} : { destroyTime: destroyedAt }),
    ...(destroyAt === undefined ? {} : { scheduledDestroyTime: destroyAt }),
  }
}
