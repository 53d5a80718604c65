import { refusal, type Stage, type VersionInfo } from 'strongroom/provider'
import { type Version, versionOf } from './resource.js'
import type { Service } from './service.js'

const pageSize = 250

export interface VersionPage {
  /** Newest first. */
  readonly versions: readonly Version[]
  readonly nextPageToken: string
}

export async function readPage(
  service: Service,
  secret: string,
  page: { readonly token: string; readonly filter?: string },
  signal: AbortSignal,
): Promise<VersionPage> {
  const { token, filter = '' } = page
  const request = { parent: secret, pageSize, pageToken: token, filter }
  const { items, nextPageToken } = await service.send('listSecretVersions', request, signal)
  return { versions: items.map(versionOf), nextPageToken }
}

export function infoOf({ version, createdAt, state }: Version, stages: readonly Stage[]): VersionInfo {
  return { version, createdAt, state, stages }
}

/** The newest enabled version that fits. The service filters, so that one request does, whatever the history. */
export async function newestEnabled(
  service: Service,
  secret: string,
  fits: (version: string) => boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  let token = ''
  do {
    const { versions, nextPageToken } = await readPage(
      service,
      secret,
      { token, filter: 'state:ENABLED' },
      signal,
    )
    const found = versions.find(({ version, state }) => state === 'enabled' && fits(version))
    if (found !== undefined) return found.version
    token = nextPageToken
  } while (token !== '')
  return undefined
}

/** How much of a listing's beginning has been seen, and where it goes on. */
export interface Cursor<Seen extends string> {
  readonly seen: Seen | ''
  readonly token: string
}

/** @throws {SecretError} `INVALID_VALUE` for what no page has given. */
export function readCursor<Seen extends string>(
  cursor: string | undefined,
  known: readonly Seen[],
): Cursor<Seen> {
  if (cursor === undefined) return { seen: '', token: '' }
  const at = cursor.indexOf(':')
  const seen = ['' as const, ...known].find((each) => each === cursor.slice(0, at))
  if (at < 0 || seen === undefined) throw refusal('INVALID_VALUE', 'the cursor is none that a page has given')
  return { seen, token: cursor.slice(at + 1) }
}

export function writeCursor(seen: string, token: string): { readonly cursor?: string } {
  return token === '' ? {} : { cursor: `${seen}:${token}` }
}
