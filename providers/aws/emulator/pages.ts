import { JsonError, parseJson } from 'strongroom/testing'
import { AwsError } from './errors.js'
import type { Scope } from './model.js'

export interface Page<T> {
  readonly items: readonly T[]
  /** Absent on the last page. */
  readonly next?: string
}

/**
 * A page of what a listing holds. The token names the listing and the last item given, so that items which come and go
 * between two pages repeat or hide nothing else.
 *
 * @throws {AwsError} `InvalidNextTokenException` for a token that this listing did not give.
 */
export function pageOf<T>(
  { emptyPage }: Scope,
  listing: string,
  items: readonly T[],
  keyOf: (item: T) => string,
  size: number,
  token: string | undefined,
): Page<T> {
  const { after, index } = token === undefined ? start : readToken(listing, token)
  const found = items.findIndex((item) => keyOf(item) === after)
  const from = found < 0 ? Math.min(index, items.length) : found + 1
  const to = emptyPage ? from : from + size
  const slice = items.slice(from, to)
  if (!emptyPage && to >= items.length) return { items: slice }
  const last = slice.at(-1)
  const next = { listing, after: last === undefined ? after : keyOf(last), index: Math.min(to, items.length) }
  return { items: slice, next: Buffer.from(JSON.stringify(next)).toString('base64url') }
}

interface Position {
  readonly after: string
  /** Where to go on when the item is gone. */
  readonly index: number
}

const start: Position = { after: '', index: 0 }

function readToken(listing: string, token: string): Position {
  const position = parse(token)
  if (
    position?.listing !== listing ||
    typeof position.after !== 'string' ||
    typeof position.index !== 'number'
  ) {
    throw new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.')
  }
  return { after: position.after, index: position.index }
}

function parse(token: string): Partial<Position & { listing: string }> | undefined {
  try {
    const json = parseJson(Buffer.from(token, 'base64url').toString('utf8'))
    return typeof json === 'object' && json !== null ? (json as Partial<Position>) : undefined
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}
