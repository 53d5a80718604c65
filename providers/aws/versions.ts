import type { SecretVersionsListEntry } from '@aws-sdk/client-secrets-manager'
import type { ProviderOperation, VersionInfo } from 'strongroom/provider'
import { stagesOf } from './labels.js'
import { cursorOf, given, type Service } from './service.js'

const pageSize = 100

/** ListSecretVersionIds with deprecated versions. AWS promises no order: newest first within a page. */
export function versionsPageOperation({ send }: Service): ProviderOperation<'versionsPage'> {
  return async ({ ref, cursor }, { signal }) => {
    const page = { SecretId: ref, IncludeDeprecated: true, MaxResults: pageSize, NextToken: cursor }
    const { Versions = [], NextToken } = await send('ListSecretVersionIds', page, signal)
    const items = Versions.map(versionInfo)
    return {
      items: items.sort((left, right) => right.createdAt.getTime() - left.createdAt.getTime()),
      ...cursorOf(NextToken),
    }
  }
}

/** Every version that a label holds; with `deprecated`, the others too. */
export async function allVersions(
  { send }: Service,
  id: string,
  deprecated: boolean,
  signal: AbortSignal,
): Promise<VersionInfo[]> {
  const versions: VersionInfo[] = []
  let cursor: string | undefined
  do {
    const page = { SecretId: id, IncludeDeprecated: deprecated, MaxResults: pageSize, NextToken: cursor }
    const { Versions = [], NextToken } = await send('ListSecretVersionIds', page, signal)
    versions.push(...Versions.map(versionInfo))
    cursor = cursorOf(NextToken).cursor
  } while (cursor !== undefined)
  return versions
}

function versionInfo(entry: SecretVersionsListEntry): VersionInfo {
  return {
    version: given(entry.VersionId, 'VersionId'),
    createdAt: given(entry.CreatedDate, 'CreatedDate'),
    state: 'enabled',
    stages: stagesOf(entry.VersionStages),
  }
}
