import type { Filter, SecretListEntry } from '@aws-sdk/client-secrets-manager'
import type { ProviderOperation, ProviderOutput, Tags } from 'strongroom/provider'
import { cursorOf, given, type Service, tagsOf } from './service.js'

/** ListSecrets without what lies in the trash. A page may be empty and still carry a cursor. */
export function listPageOperation({ send }: Service): ProviderOperation<'listPage'> {
  return async ({ refPrefix, tags = {}, cursor }, { signal }) => {
    const Filters = [...nameFilter(refPrefix), ...tagFilters(tags)]
    const page = { MaxResults: 100, NextToken: cursor, ...(Filters.length > 0 && { Filters }) }
    const { SecretList = [], NextToken } = await send('ListSecrets', page, signal)
    return { items: SecretList.filter(isListed(tags)).map(summaryOf), ...cursorOf(NextToken) }
  }
}

/** What a filter may hold. A leading `!` would negate it. */
const filterable = /^(?!!)[a-zA-Z0-9 :_@/+=.\-!]{1,512}$/

function nameFilter(prefix: string): Filter[] {
  return filterable.test(prefix) ? [{ Key: 'name', Values: [prefix] }] : []
}

/** AWS matches beginnings of keys and of values, not pairs: one pair narrows the listing, {@link isListed} decides. */
function tagFilters(tags: Tags): Filter[] {
  const [key, value] = Object.entries(tags)[0] ?? []
  const filters: Filter[] = []
  if (key !== undefined && filterable.test(key)) filters.push({ Key: 'tag-key', Values: [key] })
  if (value !== undefined && filterable.test(value)) filters.push({ Key: 'tag-value', Values: [value] })
  return filters
}

function isListed(tags: Tags): (entry: SecretListEntry) => boolean {
  return ({ DeletedDate, Tags: held }) => {
    const has = tagsOf(held)
    return DeletedDate === undefined && Object.entries(tags).every(([key, value]) => has[key] === value)
  }
}

function summaryOf(entry: SecretListEntry): ProviderOutput<'listPage'>['items'][number] {
  const { CreatedDate, LastChangedDate } = entry
  return {
    ref: given(entry.Name, 'Name'),
    id: given(entry.ARN, 'ARN'),
    tags: tagsOf(entry.Tags),
    ...(CreatedDate !== undefined && { createdAt: CreatedDate }),
    ...(LastChangedDate !== undefined && { changedAt: LastChangedDate }),
  }
}
