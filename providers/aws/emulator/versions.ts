import { getSecret, valueKey } from './lookup.js'
import { flag, integer } from './members.js'
import { seconds } from './model.js'
import { nextToken, type Operation, operation, secretId } from './operation.js'
import { pageOf } from './pages.js'
import { stagesOf } from './values.js'

export const listSecretVersionIds: Operation = operation(
  { SecretId: secretId, MaxResults: integer(1, 100), NextToken: nextToken, IncludeDeprecated: flag() },
  ({ SecretId, MaxResults = 100, NextToken, IncludeDeprecated = false }, scope) => {
    const secret = getSecret(scope, SecretId)
    const shown = secret.versions.filter(({ id }) => IncludeDeprecated || stagesOf(secret, id) !== undefined)
    const page = pageOf(scope, shown, ({ number }) => [number], {
      listing: `versions of ${secret.arn}`,
      size: MaxResults,
      token: NextToken,
    })
    return {
      ARN: secret.arn,
      Name: secret.name,
      Versions: page.items.map(({ id, createdAt, kmsKeyId = 'DefaultEncryptionKey' }) => {
        const accessed = scope.accesses.get(valueKey(secret.arn, id))
        return {
          VersionId: id,
          VersionStages: stagesOf(secret, id),
          LastAccessedDate: accessed === undefined ? undefined : seconds(accessed.day),
          CreatedDate: seconds(createdAt),
          KmsKeyIds: [kmsKeyId],
        }
      }),
      NextToken: page.next,
    }
  },
)
