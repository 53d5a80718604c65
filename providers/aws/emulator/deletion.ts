import { invalidParameter, invalidRequest, notFound } from './errors.js'
import {
  findSecret,
  getSecret,
  isReplica,
  newArn,
  parseSecretId,
  refuseReplica,
  removeSecret,
  saveSecret,
} from './lookup.js'
import { flag, integer } from './members.js'
import { type Scope, seconds } from './model.js'
import { type Operation, operation, secretId } from './operation.js'

const dayMs = 86_400_000

export const deleteSecret: Operation = operation(
  { SecretId: secretId, RecoveryWindowInDays: integer(), ForceDeleteWithoutRecovery: flag() },
  ({ SecretId, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force = false }, scope) => {
    if (days !== undefined && (days < 7 || days > 30)) {
      throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).')
    }
    if (force && days !== undefined) {
      throw invalidParameter(
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
      )
    }
    const secret = findSecret(scope, SecretId)
    if (secret === undefined) return force ? deleteMissing(scope, SecretId) : refuseMissing()
    refuseReplica(secret)
    if (secret.deletion !== undefined && !force) {
      throw invalidRequest(
        "You can't perform this operation on the secret because it was marked for deletion.",
      )
    }
    const replicated = (secret.replicas ?? []).map(({ region }) => region)
    if (replicated.length > 0) {
      throw invalidParameter(
        `You can't delete secret ${secret.arn} that still has replica regions [${replicated.join(', ')}].`,
      )
    }
    const delayMs = force ? scope.settings.forceDeleteDelayMs : (days ?? 30) * dayMs
    const endsAt = scope.now + delayMs
    if (delayMs === 0) removeSecret(scope, secret)
    else saveSecret(scope, { ...secret, deletion: { requestedAt: scope.now, endsAt } })
    return { ARN: secret.arn, Name: secret.name, DeletionDate: seconds(force ? scope.now : endsAt) }
  },
)

const refuseMissing = (): never => {
  throw notFound()
}

/** The service answers as if there had been one. */
function deleteMissing(scope: Scope, secretId: string): object {
  const { name = secretId, arn } = parseSecretId(scope, secretId) ?? {}
  return { ARN: arn ?? newArn(scope, name), Name: name, DeletionDate: seconds(scope.now) }
}

export const restoreSecret: Operation = operation({ SecretId: secretId }, ({ SecretId }, scope) => {
  const secret = getSecret(scope, SecretId)
  refuseReplica(secret)
  const { deletion, ...active } = secret
  if (deletion !== undefined) saveSecret(scope, active)
  return { ARN: secret.arn, Name: secret.name }
})

/** Removes what nobody can restore any more. */
export function removeExpired(scope: Scope): void {
  for (const [key, { endsAt }] of scope.deletions.entries()) {
    if (endsAt > scope.now) continue
    const document = scope.secrets.get(key)
    if (document === undefined || isReplica(document)) scope.deletions.delete(key)
    else removeSecret(scope, document)
  }
}
