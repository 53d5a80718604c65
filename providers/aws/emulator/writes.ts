import { AwsError, invalidParameter, invalidRequest } from './errors.js'
import { attachWritten } from './labels.js'
import { type Secret, valueKey } from './lookup.js'
import { blob, type Member, text } from './members.js'
import type { Scope, SecretDocument, ValueDocument } from './model.js'

export const clientRequestToken: Member<string> = text({ min: 32, max: 64 })
export const secretString: Member<string> = text({ min: 1, max: 65_536, isSensitive: true })
export const secretBinary: Member<string> = blob(1, 65_536)

export interface ValueInput {
  readonly ClientRequestToken?: string
  readonly SecretString?: string
  readonly SecretBinary?: string
}

/** @throws {AwsError} `InvalidRequestException`: SDKs fill the token in, a raw request has to bring it. */
export function requireToken({ ClientRequestToken: token }: ValueInput): string {
  if (token !== undefined) return token
  throw invalidRequest('You must provide a ClientRequestToken value. We recommend a UUID-type value.')
}

export function valueFrom({ SecretString, SecretBinary }: ValueInput): ValueDocument | undefined {
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    )
  }
  if (SecretString !== undefined) return { text: SecretString }
  return SecretBinary === undefined ? undefined : { binary: SecretBinary }
}

/** A version id is its request token: the same value under it again changes nothing, another value is refused. */
export function isRepeat(
  scope: Scope,
  secret: Secret,
  token: string,
  value: ValueDocument | undefined,
): boolean {
  if (!secret.versions.some(({ id }) => id === token)) return false
  const stored = scope.values.get(valueKey(secret.primaryArn, token))
  if (value === undefined || JSON.stringify(stored) === JSON.stringify(value)) return true
  throw new AwsError(
    'ResourceExistsException',
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${secret.arn}.`,
  )
}

/** The secret with a new version, whose value is stored. */
export function addVersion<S extends SecretDocument>(
  scope: Scope,
  secret: S,
  id: string,
  value: ValueDocument,
  stages?: readonly string[],
): S {
  if (secret.versions.length >= scope.settings.maxVersions) {
    throw new AwsError(
      'LimitExceededException',
      `You have reached the maximum number of versions of this secret, ${scope.settings.maxVersions}.`,
    )
  }
  scope.values.set(valueKey(secret.arn, id), value)
  const { kmsKeyId } = secret
  const number = (secret.versions.at(-1)?.number ?? 0) + 1
  const version = { id, number, createdAt: scope.now, ...(kmsKeyId === undefined ? {} : { kmsKeyId }) }
  return {
    ...secret,
    labels: attachWritten(secret, id, stages),
    versions: [...secret.versions, version],
  }
}
