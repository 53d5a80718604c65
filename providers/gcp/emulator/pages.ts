import { JsonError, parseJson } from 'strongroom/testing'
import { invalidArgument } from './errors.js'
import type { ListRequest } from './messages.js'
import type { World } from './model.js'

const maxPageSize = 25_000

export interface Page<T> {
  readonly items: readonly T[]
  readonly nextPageToken?: string
}

/**
 * A page of a listing that is sorted by falling order. The token holds the order of the last item given, so that items
 * which come and go between two pages repeat or hide no others.
 *
 * @throws {GcpError} `INVALID_ARGUMENT` for a page size below 0, and for a token that this listing did not give.
 */
export function pageOf<T>(
  { emptyPage, settings }: World,
  items: readonly T[],
  orderOf: (item: T) => number,
  { parent = '', pageSize = 0, pageToken = '', filter = '' }: ListRequest,
): Page<T> {
  if (pageSize < 0) throw invalidArgument('The page size must not be negative.')
  const listing = JSON.stringify([parent, filter])
  const after = pageToken === '' ? Number.POSITIVE_INFINITY : readToken(listing, pageToken)
  const left = items.filter((item) => orderOf(item) < after)
  const size = Math.min(pageSize === 0 ? settings.facts.defaultPageSize : pageSize, maxPageSize)
  const page = emptyPage ? [] : left.slice(0, size)
  if (!emptyPage && page.length === left.length) return { items: page }
  const last = page.at(-1)
  const position = last === undefined ? after : orderOf(last)
  return { items: page, nextPageToken: writeToken(listing, position) }
}

/** `null` in JSON is a position before the first item. */
function writeToken(listing: string, after: number): string {
  return Buffer.from(JSON.stringify({ listing, after: Number.isFinite(after) ? after : null })).toString(
    'base64url',
  )
}

function readToken(listing: string, token: string): number {
  const position = parse(token)
  const { after } = position
  if (position.listing !== listing || !(after === null || typeof after === 'number')) {
    throw invalidArgument(
      'The page token is invalid; it belongs to a request with the same parent and filter.',
    )
  }
  return after ?? Number.POSITIVE_INFINITY
}

function parse(token: string): { readonly listing?: unknown; readonly after?: unknown } {
  try {
    return Object(parseJson(Buffer.from(token, 'base64url').toString('utf8')))
  } catch (error) {
    if (error instanceof JsonError) return {}
    throw error
  }
}
