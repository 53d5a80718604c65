import type { IncomingHttpHeaders } from 'node:http'
import { type ErrorCode, type Failure, Fault, type JsonObject, type JsonValue } from 'strongroom/provider'

/** An answer of the server, whatever its status. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The body to the character: what JSON numbers were before they were parsed. Empty where a client keeps none. */
  readonly text: string
  /** `undefined` for a body that is empty or not JSON. */
  readonly body: JsonValue | undefined
}

const byStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_VALUE',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'CONFIG_INVALID',
  409: 'CONFLICT',
  413: 'TOO_LARGE',
  429: 'RATE_LIMITED',
}

/** Words of the server that say more than the status. */
const byText: readonly (readonly [status: number, text: RegExp, failure: Failure])[] = [
  [400, /check-and-set parameter did not match/, { code: 'CONFLICT' }],
  [
    400,
    /upgrading from non-versioned/i,
    state('Upgrading', 'the mount is being moved to version 2; try again in a moment'),
  ],
  [
    404,
    /no handler for route/,
    { code: 'CONFIG_INVALID', detail: 'nothing is mounted there; check the mount' },
  ],
  [404, /unsupported path/, { code: 'INVALID_NAME' }],
  [500, /too large|exceeds maximum/, { code: 'TOO_LARGE', outcomeUnknown: false }],
  [503, /sealed/, { code: 'UNAVAILABLE', outcomeUnknown: false, providerCode: 'Sealed' }],
]

/** What states other than "active and unsealed" answer with, and why nothing came of the request. */
const byState: Readonly<Record<number, Failure>> = {
  412: state('StateMissing', 'this node has not caught up with the one that wrote; try again'),
  472: state('Standby', 'this node is a disaster recovery secondary'),
  473: state('Standby', 'this node is a performance standby'),
  501: state('Uninitialized', 'the server is not initialised'),
}

/** The data of an answer that succeeded. */
export function dataOf(answer: Answer): JsonObject {
  const data = field(answer.body, 'data')
  if (answer.status === 200 && isObject(data)) return data
  throw faultOf(answer)
}

/** For a request that answers nothing: 204, or 200 with nothing but warnings. */
export function expectDone(answer: Answer): void {
  const { status, body } = answer
  if (status === 204) return
  if (status === 200 && isObject(body) && !isObject(body['data'])) return
  throw faultOf(answer)
}

/** Whether nothing is there: the server's own words for it, not those of a proxy. */
export function isAbsent(answer: Answer): boolean {
  return answer.status === 404 && errorsOf(answer)?.length === 0
}

/** The error that an answer is. A success of another shape is no answer at all. */
export function faultOf(answer: Answer): Fault {
  const { status, headers } = answer
  const errors = errorsOf(answer)
  const known = { status, retryAfterMs: retryAfterMs(headers) }
  if (status >= 200 && status < 300) return new Fault({ ...known, code: 'UNAVAILABLE' })
  const inState = byState[status]
  if (inState !== undefined) return new Fault({ ...known, ...inState })
  if (errors === undefined) return new Fault({ ...known, ...foreign(answer) })
  const detail = sentence(errors)
  const said = byText.find(([of, text]) => of === status && text.test(detail ?? ''))?.[2]
  return new Fault({ code: byStatus[status] ?? ofClass(status), ...known, detail, ...said })
}

/** A token that is wrong or has ended is refused in other words than a request that a policy denies. */
export function isTokenRefused(answer: Answer): boolean {
  if (answer.status === 401) return errorsOf(answer) !== undefined
  if (answer.status !== 403) return false
  return errorsOf(answer)?.some((text) => text === 'permission denied' || /invalid token/.test(text)) === true
}

/** An answer that lacks what it always has. */
export function unusable(what: string): Fault {
  return new Fault({ code: 'UNAVAILABLE', detail: `the answer has no usable ${what}` })
}

/** The server's clock, to the second that has begun. */
export function serverTime({ headers }: Answer): number {
  const time = Date.parse(headers.date ?? '')
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time + 999
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function field(holder: unknown, name: string): JsonValue | undefined {
  return isObject(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined
}

/** A field that the server always sends. */
export function textField(holder: JsonObject, name: string): string {
  const value = field(holder, name)
  if (typeof value !== 'string') throw unusable(name)
  return value
}

export function numberField(holder: JsonObject, name: string): number {
  const value = field(holder, name)
  if (typeof value !== 'number') throw unusable(name)
  return value
}

export function dateField(holder: JsonObject, name: string): Date {
  const date = new Date(textField(holder, name))
  if (Number.isNaN(date.getTime())) throw unusable(name)
  return date
}

/** The server's sentences, of a body that is an error of its making. */
function errorsOf({ body }: Answer): readonly string[] | undefined {
  const errors = field(body, 'errors')
  if (!Array.isArray(errors) || !errors.every((text) => typeof text === 'string')) return undefined
  return errors as readonly string[]
}

/** Not in the server's form: a proxy, another service, or a path that the engine at this mount does not have. */
function foreign({ status, body }: Answer): Failure {
  const warnings = field(body, 'warnings')
  if (status === 404 && Array.isArray(warnings) && /versioned/i.test(warnings.join())) {
    return { code: 'CONFIG_INVALID', detail: 'the mount is of the other version of KV; see the option kv' }
  }
  return { code: status === 429 ? 'RATE_LIMITED' : 'UNAVAILABLE' }
}

function ofClass(status: number): ErrorCode {
  return status >= 400 && status < 500 ? 'UNKNOWN' : 'UNAVAILABLE'
}

function state(providerCode: string, detail: string): Failure {
  return { code: 'UNAVAILABLE', outcomeUnknown: false, providerCode, detail }
}

/** Without the frame that the server puts around a list of errors. */
function sentence(errors: readonly string[]): string | undefined {
  const text = errors.join('; ').replace(/\d+ errors? occurred:\s*/g, '')
  const plain = text
    .replace(/\s*\n+\s*(?:\* )?/g, ' ')
    .replace(/^\* /, '')
    .trim()
  return plain === '' ? undefined : plain
}

/** Seconds; sent where the operator has turned it on. */
function retryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  return seconds >= 0 ? seconds * 1000 : undefined
}
