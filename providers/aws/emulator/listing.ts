import { filterList, filterSecrets } from './filters.js'
import { type Secret, viewOf } from './lookup.js'
import { flag, integer, text } from './members.js'
import type { Scope } from './model.js'
import { nextToken, type Operation, operation } from './operation.js'
import { pageOf } from './pages.js'
import { detailsOf, stagesByVersion } from './secrets.js'

type SortKey = (scope: Scope, secret: Secret) => string | number

const sortKeys: Readonly<Record<string, SortKey>> = {
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
    const { IncludePlannedDeletion = false, MaxResults = 100, NextToken, Filters = [], SortOrder } = input
    const all = secretsOf(scope).filter(({ deletion }) => IncludePlannedDeletion || deletion === undefined)
    const sorted = sortSecrets(scope, filterSecrets(all, Filters), input.SortBy, SortOrder)
    const page = pageOf(scope, 'secrets', sorted, ({ arn }) => arn, MaxResults, NextToken)
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

/** Every secret of the region, in the order of creation. */
export function secretsOf(scope: Scope): readonly Secret[] {
  return scope.secrets.entries().flatMap(([, document]) => {
    const secret = document.region === scope.region ? viewOf(scope, document) : undefined
    return secret === undefined ? [] : [secret]
  })
}

function sortSecrets(
  scope: Scope,
  secrets: readonly Secret[],
  by = 'created-date',
  order = 'asc',
): readonly Secret[] {
  const keyOf = sortKeys[by] as SortKey
  const sign = order === 'asc' ? 1 : -1
  return secrets
    .map((secret) => ({ secret, key: keyOf(scope, secret) }))
    .sort((a, b) => sign * (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ secret }) => secret)
}
