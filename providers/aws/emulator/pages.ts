import { JsonError, parseJson } from 'strongroom/testing'
import { AwsError } from './errors.js'
import type { Scope } from './model.js'

export interface Page<T> {
  readonly items: readonly T[]
  /** Absent on the last page. */
  readonly next?: string
}

/** What a listing is sorted by. A later part decides between items that are equal in the earlier ones. */
export type SortKey = readonly (string | number)[]

export interface PageRequest {
  /** Which listing, in which order: a token of one is no token of another. */
  readonly listing: string
  readonly size: number
  readonly token: string | undefined
  readonly isDescending?: boolean
}

/**
 * Sorts items and gives a page of them. The token holds the key of the last item given, so that items which come and go
 * between two pages repeat or hide no others.
 *
 * @throws {AwsError} `InvalidNextTokenException` for a token that this listing did not give.
 */
export function pageOf<T>(
  { emptyPage }: Scope,
  items: readonly T[],
  keyOf: (item: T) => SortKey,
  { listing, size, token, isDescending = false }: PageRequest,
): Page<T> {
  const sign = isDescending ? -1 : 1
  const after = token === undefined ? undefined : readToken(listing, token)
  const left = items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => sign * compare(a.key, b.key))
    .filter(({ key }) => after === undefined || sign * compare(key, after) > 0)
  const page = emptyPage ? [] : left.slice(0, size)
  const given = { items: page.map(({ item }) => item) }
  if (!emptyPage && page.length === left.length) return given
  const next = JSON.stringify({ listing, after: page.at(-1)?.key ?? after })
  return { ...given, next: Buffer.from(next).toString('base64url') }
}

function compare(a: SortKey, b: SortKey): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? ''
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

/** The key to go on after; `undefined` in the token of an empty first page. */
function readToken(listing: string, token: string): SortKey | undefined {
  const position = parse(token)
  if (position?.listing !== listing || !(position.after === undefined || Array.isArray(position.after))) {
    throw new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.')
  }
  return position.after
}

interface Position {
  readonly listing: string
  readonly after: SortKey
}

function parse(token: string): Partial<Position> | undefined {
  try {
    const json = parseJson(Buffer.from(token, 'base64url').toString('utf8'))
    return typeof json === 'object' && json !== null ? (json as Partial<Position>) : undefined
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}
