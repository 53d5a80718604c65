import { filterList, filterSecrets } from './filters.js'
import { type Secret, viewOf } from './lookup.js'
import { flag, integer, text } from './members.js'
import type { Scope } from './model.js'
import { nextToken, type Operation, operation } from './operation.js'
import { pageOf, type SortKey } from './pages.js'
import { detailsOf, stagesByVersion } from './secrets.js'

const sortKeys: Readonly<Record<string, (scope: Scope, secret: Secret) => string | number>> = {
  'created-date': (_scope, { createdAt }) => createdAt,
  'last-accessed-date': (scope, { arn }) => scope.accesses.get(arn)?.day ?? 0,
  'last-changed-date': (_scope, { changedAt }) => changedAt,
  name: (_scope, { name }) => name,
}

export const listSecrets: Operation = operation(
  {
    IncludePlannedDeletion: flag(),
    MaxResults: integer(1, 100),
    NextToken: nextToken,
    Filters: filterList,
    SortOrder: text({ oneOf: ['asc', 'desc'] }),
    SortBy: text({ oneOf: Object.keys(sortKeys) }),
  },
  (input, scope) => {
    const { IncludePlannedDeletion = false, MaxResults = 100, NextToken, Filters = [] } = input
    const { SortBy = 'created-date', SortOrder = 'asc' } = input
    const all = secretsOf(scope).filter(({ deletion }) => IncludePlannedDeletion || deletion === undefined)
    const keyOf = (secret: Secret): SortKey => [sortKeys[SortBy]?.(scope, secret) ?? '', secret.number]
    const page = pageOf(scope, filterSecrets(all, Filters), keyOf, {
      listing: `secrets by ${SortBy} ${SortOrder}`,
      size: MaxResults,
      token: NextToken,
      isDescending: SortOrder === 'desc',
    })
    return {
      SecretList: page.items.map((secret) => ({
        ...detailsOf(scope, secret),
        ReplicationStatus: undefined,
        SecretVersionsToStages: stagesByVersion(secret),
      })),
      NextToken: page.next,
    }
  },
)

/** Every secret of the region. */
export function secretsOf(scope: Scope): readonly Secret[] {
  return scope.secrets.entries().flatMap(([, document]) => {
    const secret = document.region === scope.region ? viewOf(scope, document) : undefined
    return secret === undefined ? [] : [secret]
  })
}
