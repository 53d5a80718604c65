import { AwsError, invalidRequest } from './errors.js'
import { labelsOf } from './labels.js'
import {
  checkName,
  findByName,
  getSecret,
  getWritable,
  newArn,
  nextNumber,
  type Secret,
  saveSecret,
  valueKey,
} from './lookup.js'
import { flag, required, text } from './members.js'
import { type Scope, type SecretDocument, seconds } from './model.js'
import {
  description,
  kmsKeyId,
  type Operation,
  operation,
  replicaList,
  secretId,
  tagList,
} from './operation.js'
import { addReplicas, replicationStatus } from './replication.js'
import { withTags } from './tags.js'
import {
  addVersion,
  clientRequestToken,
  isRepeat,
  requireToken,
  secretBinary,
  secretString,
  valueFrom,
} from './writes.js'

const type = text({ max: 128 })

export const createSecret: Operation = operation(
  {
    Name: required(text({ min: 1, max: 512 })),
    ClientRequestToken: clientRequestToken,
    Description: description,
    KmsKeyId: kmsKeyId,
    SecretString: secretString,
    SecretBinary: secretBinary,
    Tags: tagList,
    AddReplicaRegions: replicaList,
    ForceOverwriteReplicaSecret: flag(),
    Type: type,
  },
  (input, scope) => {
    const { Name: name, Tags = [], AddReplicaRegions = [] } = input
    checkName(name)
    const token = requireToken(input)
    const value = valueFrom(input)
    const existing = findByName(scope, name)
    if (existing !== undefined) return repeatCreate(scope, existing, token, value)

    let secret: SecretDocument = {
      name,
      arn: newArn(scope, name),
      region: scope.region,
      number: nextNumber(scope),
      createdAt: scope.now,
      changedAt: scope.now,
      ...settingsOf(input),
      labels: [],
      versions: [],
    }
    if (Tags.length > 0) secret = withTags(secret, Tags)
    if (value !== undefined) secret = addVersion(scope, secret, token, value)
    secret = addReplicas(scope, secret, AddReplicaRegions, input.ForceOverwriteReplicaSecret)
    saveSecret(scope, secret)
    return {
      ARN: secret.arn,
      Name: name,
      ...(value === undefined ? {} : { VersionId: token }),
      ...(AddReplicaRegions.length === 0 ? {} : { ReplicationStatus: replicationStatus(secret) }),
    }
  },
)

function repeatCreate(
  scope: Scope,
  existing: Secret,
  token: string,
  value: ReturnType<typeof valueFrom>,
): object {
  if (existing.deletion !== undefined) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    )
  }
  if (
    existing.primaryRegion === undefined &&
    value !== undefined &&
    isRepeat(scope, existing, token, value)
  ) {
    return { ARN: existing.arn, Name: existing.name, VersionId: token }
  }
  throw new AwsError(
    'ResourceExistsException',
    `The operation failed because the secret ${existing.name} already exists.`,
  )
}

export const updateSecret: Operation = operation(
  {
    SecretId: secretId,
    ClientRequestToken: clientRequestToken,
    Description: description,
    KmsKeyId: kmsKeyId,
    SecretString: secretString,
    SecretBinary: secretBinary,
    Type: type,
  },
  (input, scope) => {
    const token = requireToken(input)
    const value = valueFrom(input)
    const before = getWritable(scope, input.SecretId)
    const { description: _, kmsKeyId: __, type: ___, ...rest } = before
    let secret: Secret = { ...rest, ...settingsOf(input, before) }
    const isNew = value !== undefined && !isRepeat(scope, before, token, value)
    if (isNew) secret = addVersion(scope, secret, token, value)
    saveSecret(scope, secret)
    return { ARN: secret.arn, Name: secret.name, ...(value === undefined ? {} : { VersionId: token }) }
  },
)

interface SettingsInput {
  readonly Description?: string
  readonly KmsKeyId?: string
  readonly Type?: string
}

/** An empty description is none, an empty key is the one that AWS manages. */
function settingsOf(
  { Description, KmsKeyId, Type }: SettingsInput,
  before?: SecretDocument,
): Pick<SecretDocument, 'description' | 'kmsKeyId' | 'type'> {
  const settings = {
    description: Description ?? before?.description,
    kmsKeyId: KmsKeyId ?? before?.kmsKeyId,
    type: Type ?? before?.type,
  }
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && value !== ''),
  )
}

export const describeSecret: Operation = operation({ SecretId: secretId }, ({ SecretId }, scope) => {
  const secret = getSecret(scope, SecretId)
  return { ...detailsOf(scope, secret), VersionIdsToStages: stagesByVersion(secret) }
})

/**
 * What DescribeSecret and ListSecrets both show; a field without a value is left out. `DeletedDate` is when the deletion
 * was asked for, not when the secret goes: seen live.
 */
export function detailsOf(scope: Scope, secret: Secret): object {
  const { deletion, replicas = [], primaryRegion } = secret
  const accessed = scope.accesses.get(secret.arn)
  const isPrimary = replicas.length > 0 && primaryRegion === undefined
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    Type: secret.type,
    CreatedDate: seconds(secret.createdAt),
    LastChangedDate: seconds(secret.changedAt),
    LastAccessedDate: accessed === undefined ? undefined : seconds(accessed.day),
    DeletedDate: deletion === undefined ? undefined : seconds(deletion.requestedAt),
    Tags: secret.tags,
    PrimaryRegion: primaryRegion ?? (isPrimary ? secret.region : undefined),
    ReplicationStatus: isPrimary ? replicationStatus(secret) : undefined,
  }
}

/** Versions without a label are not shown; a secret without a version shows nothing. */
export function stagesByVersion({ versions, labels }: SecretDocument): object | undefined {
  const labelled = versions
    .map(({ id }) => [id, labelsOf(labels, id)] as const)
    .filter(([, stages]) => stages.length > 0)
  return labelled.length === 0 ? undefined : Object.fromEntries(labelled)
}

/** Stores a text under a name, as a client that does not care whether it is there. */
export function seedSecret(scope: Scope, name: string, text: string, token: string): void {
  const existing = findByName(scope, name)
  if (existing === undefined) {
    createSecret.run({ Name: name, ClientRequestToken: token, SecretString: text }, scope)
  } else if (
    JSON.stringify(scope.values.get(valueKey(existing.primaryArn, token))) !== JSON.stringify({ text })
  ) {
    updateSecret.run({ SecretId: name, ClientRequestToken: token, SecretString: text }, scope)
  }
}
