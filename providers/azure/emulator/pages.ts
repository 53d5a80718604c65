import { type EmulatorRequest, JsonError, parseJson } from 'strongroom/testing'
import { badParameter } from './errors.js'
import type { Scope } from './model.js'
import { parameterOf } from './query.js'

const maxPageSize = 25

export interface Entry {
  /** Place in the listing, by its text. */
  readonly marker: string
  item(): object
}

/**
 * A page of a listing, in the order of the markers. The token names the first item that was not given, so that items
 * which come and go between two pages repeat or hide nothing else.
 *
 * @throws {AzureError} `BadParameter` for a token or a page size that is none.
 */
export function pageOf(scope: Scope, entries: readonly Entry[]): object {
  const { request, emptyPage } = scope
  const token = parameterOf(request, '$skiptoken')
  const start = token === null ? '' : readToken(token)
  const asked = pageSizeOf(request)
  const size = emptyPage ? 0 : asked
  const rest = entries.filter(({ marker }) => marker >= start).sort((a, b) => (a.marker < b.marker ? -1 : 1))
  const next = rest[size]?.marker ?? (emptyPage ? start : undefined)
  return {
    value: rest.slice(0, size).map((entry) => entry.item()),
    nextLink: next === undefined ? null : linkTo(scope, next),
  }
}

function pageSizeOf(request: EmulatorRequest): number {
  const text = parameterOf(request, 'maxresults')
  if (text === null) return maxPageSize
  const size = /^\d+$/.test(text) ? Number(text) : 0
  if (size < 1 || size > maxPageSize) throw badParameter(`maxresults must be from 1 to ${maxPageSize}`)
  return size
}

/** An absolute link on the host that the client called, with the port spelled out. */
function linkTo({ request, apiVersion }: Scope, marker: string): string {
  const maxResults = parameterOf(request, 'maxresults')
  const defaultPort = request.origin.startsWith('https:') ? 443 : 80
  const origin = /:\d+$/.test(request.origin) ? request.origin : `${request.origin}:${defaultPort}`
  const size = maxResults === null ? '' : `&maxresults=${maxResults}`
  return `${origin}${request.path}?api-version=${apiVersion}&$skiptoken=${writeToken(marker)}${size}`
}

function writeToken(marker: string): string {
  const packed = Buffer.from(marker).toString('base64')
  return Buffer.from(
    JSON.stringify({ NextMarker: `2!${packed.length}!${packed}`, TargetLocation: 0 }),
  ).toString('base64url')
}

function readToken(token: string): string {
  const packed = /^2!\d+!(.*)$/.exec(nextMarkerOf(token))?.[1]
  if (packed === undefined) throw badParameter('The $skiptoken is invalid.')
  return Buffer.from(packed, 'base64').toString('utf8')
}

function nextMarkerOf(token: string): string {
  try {
    const position = parseJson(Buffer.from(token, 'base64url').toString('utf8'))
    return typeof position === 'object' && position !== null && 'NextMarker' in position
      ? String(position['NextMarker'])
      : ''
  } catch (error) {
    if (error instanceof JsonError) return ''
    throw error
  }
}
