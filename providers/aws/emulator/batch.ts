import { AwsError, invalidParameter } from './errors.js'
import { filterList, filterSecrets } from './filters.js'
import { secretsOf } from './listing.js'
import { integer, list, text } from './members.js'
import type { Scope } from './model.js'
import { nextToken, type Operation, operation } from './operation.js'
import { pageOf } from './pages.js'
import { readCurrent } from './values.js'

const maxIds = 20

const onlyWithFilters = (name: string): AwsError =>
  invalidParameter(`'Filters' not specified. 'Filters' must also be specified when '${name}' is provided.`)

export const batchGetSecretValue: Operation = operation(
  {
    SecretIdList: list(text({ min: 1, max: 2048 }), 1),
    Filters: filterList,
    MaxResults: integer(1, maxIds),
    NextToken: nextToken,
  },
  ({ SecretIdList, Filters, MaxResults, NextToken }, scope) => {
    if ((SecretIdList === undefined) === (Filters === undefined)) {
      throw invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
    }
    if (SecretIdList !== undefined) {
      if (MaxResults !== undefined) throw onlyWithFilters('MaxResults')
      if (NextToken !== undefined) throw onlyWithFilters('NextToken')
      if (SecretIdList.length > maxIds) {
        throw invalidParameter(`'SecretIdList' must have ${maxIds} members or fewer.`)
      }
      return readEach(scope, SecretIdList)
    }
    const active = secretsOf(scope).filter(({ deletion }) => deletion === undefined)
    const matching = filterSecrets(active, Filters ?? [])
    const page = pageOf(scope, matching, ({ createdAt, number }) => [createdAt, number], {
      listing: 'values',
      size: MaxResults ?? maxIds,
      token: NextToken,
    })
    const found = readEach(
      scope,
      page.items.map(({ arn }) => arn),
    )
    return { ...found, NextToken: page.next }
  },
)

/** What one secret refuses is a line in `Errors`, and the answer as a whole a success. */
function readEach(scope: Scope, secretIds: readonly string[]): object {
  const SecretValues: object[] = []
  const Errors: object[] = []
  for (const SecretId of secretIds) {
    try {
      SecretValues.push(readCurrent(scope, SecretId))
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      Errors.push({ SecretId, ErrorCode: error.code, Message: error.message })
    }
  }
  return { SecretValues, Errors }
}
