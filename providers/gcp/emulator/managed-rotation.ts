import { failedPrecondition } from './errors.js'
import type { EnableManagedRotationRequest, RotateSecretRequest } from './messages.js'
import type { World } from './model.js'
import { secretName } from './names.js'
import { refuse } from './rules.js'
import { getSecret } from './world.js'

/** No database stands behind the emulator, so that no secret has managed rotation: both methods only refuse. */
const managedType = 'CLOUD_SQL_DB_CREDENTIALS'

export function enableManagedRotation(world: World, request: EnableManagedRotationRequest): never {
  const secret = getSecret(world, secretName(world.settings, request.parent))
  const credentials = request.cloudSqlSingleUserCredentials
  if (credentials === undefined) throw refuse('credentials', 'they are required')
  if (!credentials.instanceId || !credentials.username) {
    throw refuse('cloud_sql_single_user_credentials', 'instance_id and username are required')
  }
  if (secret.secretType !== managedType) throw notManaged(secret.name)
  throw failedPrecondition(
    `The Cloud SQL instance of secret [${secret.name}] cannot be reached by its service agent.`,
  )
}

export function rotateSecret(world: World, { parent }: RotateSecretRequest): never {
  const secret = getSecret(world, secretName(world.settings, parent))
  if (secret.secretType !== managedType) throw notManaged(secret.name)
  throw failedPrecondition(`Managed rotation is not enabled on secret [${secret.name}].`)
}

function notManaged(name: string): Error {
  return failedPrecondition(
    `Secret [${name}] is not of the type ${managedType}; only such a secret has managed rotation.`,
  )
}
