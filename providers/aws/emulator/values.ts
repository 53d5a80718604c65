import { invalidRequest, notFound } from './errors.js'
import { current, holderOf, labelsOf } from './labels.js'
import { getActive, getWritable, type Secret, saveSecret, valueKey } from './lookup.js'
import { list, text } from './members.js'
import { dayOf, type Scope, seconds, type Version } from './model.js'
import { type Operation, operation, secretId, versionId } from './operation.js'
import {
  addVersion,
  clientRequestToken,
  isRepeat,
  requireToken,
  secretBinary,
  secretString,
  valueFrom,
} from './writes.js'

const label = text({ min: 1, max: 256 })

export const getSecretValue: Operation = operation(
  { SecretId: secretId, VersionId: versionId, VersionStage: label },
  ({ SecretId, VersionId, VersionStage }, scope) => {
    const secret = getActive(scope, SecretId)
    return readValue(scope, secret, findVersion(secret, VersionId, VersionStage))
  },
)

function findVersion(secret: Secret, id: string | undefined, label: string | undefined): Version {
  const wanted = id ?? holderOf(secret.labels, label ?? current)
  const version = secret.versions.find((candidate) => candidate.id === wanted)
  if (version === undefined) {
    const what = id === undefined ? `staging label: ${label ?? current}` : `VersionId: ${id}`
    throw notFound(`Secrets Manager can't find the specified secret value for ${what}`)
  }
  if (id !== undefined && label !== undefined && holderOf(secret.labels, label) !== id) {
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.')
  }
  return version
}

/** The current value, as a batch reads it. @throws {AwsError} when there is none. */
export function readCurrent(scope: Scope, secretId: string): object {
  const secret = getActive(scope, secretId)
  return readValue(scope, secret, findVersion(secret, undefined, undefined))
}

function readValue(scope: Scope, secret: Secret, { id, createdAt }: Version): object {
  const value = scope.values.get(valueKey(secret.primaryArn, id))
  if (value === undefined) {
    throw notFound(`Secrets Manager can't find the specified secret value for VersionId: ${id}`)
  }
  noteAccess(scope, secret.arn)
  noteAccess(scope, valueKey(secret.arn, id))
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: id,
    ...('text' in value ? { SecretString: value.text } : { SecretBinary: value.binary }),
    VersionStages: stagesOf(secret, id),
    CreatedDate: seconds(createdAt),
  }
}

function noteAccess({ accesses, now }: Scope, key: string): void {
  const day = dayOf(now)
  if (accesses.get(key)?.day !== day) accesses.set(key, { day })
}

/** A version without a label has no such field. */
export function stagesOf({ labels }: Secret, versionId: string): string[] | undefined {
  const stages = labelsOf(labels, versionId)
  return stages.length === 0 ? undefined : stages
}

export const putSecretValue: Operation = operation(
  {
    SecretId: secretId,
    ClientRequestToken: clientRequestToken,
    SecretString: secretString,
    SecretBinary: secretBinary,
    VersionStages: list(label, 1, 20),
    RotationToken: text({ min: 36, max: 256, isSensitive: true }),
  },
  (input, scope) => {
    const token = requireToken(input)
    const value = valueFrom(input)
    if (value === undefined) throw invalidRequest('You must provide either SecretString or SecretBinary.')
    let secret = getWritable(scope, input.SecretId)
    if (!isRepeat(scope, secret, token, value)) {
      secret = addVersion(scope, secret, token, value, input.VersionStages)
      saveSecret(scope, secret)
    }
    return { ARN: secret.arn, Name: secret.name, VersionId: token, VersionStages: stagesOf(secret, token) }
  },
)
