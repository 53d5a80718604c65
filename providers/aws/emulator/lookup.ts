import { AwsError, invalidParameter, invalidRequest, notFound } from './errors.js'
import type { ReplicaDocument, Scope, SecretDocument } from './model.js'
import { liveVersions } from './reaper.js'

/** A secret as a region sees it: a replica is its primary under its own ARN and with its own key. */
export interface Secret extends SecretDocument {
  /** ARN in the secret's own region: where its values are kept. */
  readonly primaryArn: string
  /** Set where this is a replica. */
  readonly primaryRegion?: string
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const completeArn = /-[A-Za-z0-9]{6}$/

export function newArn({ region, settings }: Scope, name: string): string {
  let suffix = ''
  while (suffix.length < 6) suffix += alphabet[settings.randomInt(alphabet.length)]
  return `arn:${partitionOf(region)}:secretsmanager:${region}:${settings.accountId}:secret:${name}-${suffix}`
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

export function nextNumber({ counters }: Scope): number {
  const count = (counters.get('secrets')?.count ?? 0) + 1
  counters.set('secrets', { count })
  return count
}

export function arnInRegion(arn: string, region: string): string {
  const parts = arn.split(':')
  parts[3] = region
  return parts.join(':')
}

export const secretKey = (region: string, name: string): string => `${region}|${name}`

export function isReplica(document: SecretDocument | ReplicaDocument): document is ReplicaDocument {
  return 'primaryRegion' in document
}

export function checkName(name: string): void {
  if (/^[A-Za-z0-9/_+=.@!-]+$/.test(name)) return
  throw new AwsError(
    'ValidationException',
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  )
}

interface SecretReference {
  readonly name: string
  /** Set when the complete ARN was given. */
  readonly arn?: string
}

/**
 * A name, an ARN, or an ARN without its last hyphen and six characters. An ARN that ends in a hyphen and six
 * characters is read as complete, also where those are the end of a name.
 */
export function parseSecretId(
  { operation, region, settings }: Scope,
  secretId: string,
): SecretReference | undefined {
  if (!secretId.startsWith('arn:')) {
    checkName(secretId)
    return { name: secretId }
  }
  const [, partition, service, arnRegion, account, kind, ...rest] = secretId.split(':')
  const resource = rest.join(':')
  checkName(resource)
  if (partition !== partitionOf(region) || service !== 'secretsmanager' || kind !== 'secret') return undefined
  if (account !== settings.accountId) {
    throw new AwsError(
      'AccessDeniedException',
      `User: arn:aws:iam::${settings.accountId}:user/emulator is not authorized to perform: secretsmanager:${operation} on resource: ${secretId} because no resource-based policy allows the secretsmanager:${operation} action`,
    )
  }
  if (arnRegion !== region) return undefined
  return completeArn.test(resource) ? { name: resource.slice(0, -7), arn: secretId } : { name: resource }
}

/** The secret, deleted ones included until their time has come; versions that the reaper took are not in it. */
export function findSecret(scope: Scope, secretId: string): Secret | undefined {
  const reference = parseSecretId(scope, secretId)
  if (reference === undefined) return undefined
  const secret = findByName(scope, reference.name)
  return reference.arn === undefined || reference.arn === secret?.arn ? secret : undefined
}

export function findByName(scope: Scope, name: string): Secret | undefined {
  const document = scope.secrets.get(secretKey(scope.region, name))
  return document === undefined ? undefined : viewOf(scope, document)
}

export function viewOf(scope: Scope, document: SecretDocument | ReplicaDocument): Secret | undefined {
  if (!isReplica(document)) {
    if (document.deletion !== undefined && document.deletion.endsAt <= scope.now) return undefined
    return { ...document, versions: liveVersions(document, scope.now), primaryArn: document.arn }
  }
  const { primaryRegion, region, createdAt } = document
  const primary = findByName({ ...scope, region: primaryRegion }, document.name)
  if (primary === undefined) return undefined
  const { kmsKeyId: _, tags = [], ...shared } = primary
  const kmsKeyId = primary.replicas?.find((replica) => replica.region === region)?.kmsKeyId
  return {
    ...shared,
    region,
    primaryRegion,
    createdAt,
    arn: arnInRegion(primary.arn, region),
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    ...(tags.length === 0 ? {} : { tags }),
  }
}

/** @throws {AwsError} `ResourceNotFoundException`. */
export function getSecret(scope: Scope, secretId: string): Secret {
  const secret = findSecret(scope, secretId)
  if (secret === undefined) throw notFound()
  return secret
}

/** @throws {AwsError} also for one that is scheduled for deletion. */
export function getActive(scope: Scope, secretId: string): Secret {
  const secret = getSecret(scope, secretId)
  if (secret.deletion !== undefined) {
    throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")
  }
  return secret
}

/** @throws {AwsError} also for a replica, which only its primary changes. */
export function getWritable(scope: Scope, secretId: string): Secret {
  const secret = getActive(scope, secretId)
  refuseReplica(secret)
  return secret
}

export function refuseReplica(secret: Secret): void {
  if (secret.primaryRegion !== undefined) {
    throw invalidParameter(
      "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
    )
  }
}

/** Stores a changed secret, and drops the values of versions that are no longer in it. */
export function saveSecret(scope: Scope, changed: SecretDocument): void {
  const { primaryArn, primaryRegion, ...document } = changed as Secret
  const key = secretKey(document.region, document.name)
  const before = scope.secrets.get(key)
  if (before !== undefined && !isReplica(before)) {
    const kept = new Set(before.arn === document.arn ? document.versions.map(({ id }) => id) : [])
    for (const { id } of before.versions) if (!kept.has(id)) dropValue(scope, before.arn, id)
  }
  scope.secrets.set(key, { ...document, changedAt: scope.now })
  if (document.deletion !== undefined) scope.deletions.set(key, { endsAt: document.deletion.endsAt })
  else if (scope.deletions.get(key) !== undefined) scope.deletions.delete(key)
}

export function removeSecret(scope: Scope, { region, name, arn, versions }: SecretDocument): void {
  scope.secrets.delete(secretKey(region, name))
  scope.deletions.delete(secretKey(region, name))
  scope.accesses.delete(arn)
  for (const { id } of versions) dropValue(scope, arn, id)
}

export const valueKey = (arn: string, versionId: string): string => `${arn}|${versionId}`

function dropValue(scope: Scope, arn: string, versionId: string): void {
  scope.values.delete(valueKey(arn, versionId))
  scope.accesses.delete(valueKey(arn, versionId))
}
