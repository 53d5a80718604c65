import type { ProviderOperation, Tags } from 'strongroom/provider'
import { secretOf } from './resource.js'
import type { Service } from './service.js'

const pageSize = 1_000
/** What stands in a filter as it is. The rest is compared here. */
const plain = /^[a-z0-9_-]+$/

/** ListSecrets. The service filters by labels; names are compared here, since its filter of names has no beginning. */
export function listPageOperation({ send, parent }: Service): ProviderOperation<'listPage'> {
  return async ({ tags = {}, cursor = '' }, { signal }) => {
    const request = { parent, pageSize, pageToken: cursor, filter: filterOf(tags) }
    const { items, nextPageToken } = await send('listSecrets', request, signal)
    const found = items.map(secretOf).filter(({ labels }) => hasAll(labels, tags))
    return {
      items: found.map(({ secretId, labels, createdAt }) => ({
        ref: secretId,
        id: `${parent}/secrets/${secretId}`,
        tags: labels,
        createdAt,
      })),
      ...(nextPageToken !== '' && { cursor: nextPageToken }),
    }
  }
}

function filterOf(tags: Tags): string {
  const known = Object.entries(tags).filter(([key, value]) => plain.test(key) && plain.test(value))
  return known.map(([key, value]) => `labels.${key}=${value}`).join(' AND ')
}

function hasAll(labels: Tags, wanted: Tags): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value)
}
