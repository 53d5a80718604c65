import { type Failure, type JsonValue, parseJson } from 'strongroom/provider'
import { connectionFailure, foreignFailure, isWord, type Said, serviceFailure } from './error-codes.js'

/**
 * The facts of what the client threw: an allow-list. There are three shapes: errors of gRPC, and over REST those that
 * the client has decoded (7.x) and those whose message is the body as it came (6.3), with the request and its value
 * beside it.
 */
export function failureOf(error: unknown): Failure {
  const code = field(error, 'code')
  const http = httpStatusOf(error)
  if (http !== undefined) return httpFailure(http, bodyOf(error), retryAfterOf(error)) ?? decoded(error, http)
  if (typeof code === 'number') return grpcFailure(error, code)
  const nodeCode = nodeCodeOf(error)
  if (nodeCode !== undefined) return connectionFailure(nodeCode, nodeCode)
  return setUpFailure(error)
}

/**
 * Of an HTTP answer.
 *
 * @param body as it came. Nothing of it is kept but the service's sentence.
 */
export function answerFailure(status: number, body: string, retryAfterMs: number | undefined): Failure {
  return httpFailure(status, body, retryAfterMs) ?? foreignFailure(status, retryAfterMs)
}

/** Seconds, or a date, which counts from the answer's own. */
export function retryAfterMs(
  after: string | null | undefined,
  date: string | null | undefined,
): number | undefined {
  if (after === null || after === undefined || after.trim() === '') return undefined
  const wait = [Number(after) * 1000, Date.parse(after) - Date.parse(date ?? '')].find((each) => each >= 0)
  return wait
}

function httpFailure(status: number, body: string, waitMs: number | undefined): Failure | undefined {
  const said = saidIn(parsed(body))
  const failure = said && serviceFailure(said)
  return failure && { ...failure, status, retryAfterMs: failure.retryAfterMs ?? waitMs }
}

/** Decoded by the client: the number of the status, and the sentence as the message. */
function decoded(error: unknown, http: number): Failure {
  const code = field(error, 'code')
  const message = textOf(field(error, 'message'))
  const isForeign = typeof code !== 'number' || code >= 100 || /could not be decoded/.test(message ?? '')
  const said = isForeign ? undefined : serviceFailure(saidBy(error, code, message))
  return said === undefined ? foreignFailure(http, retryAfterOf(error)) : { ...said, status: http }
}

function grpcFailure(error: unknown, code: number): Failure {
  const details = textOf(field(error, 'details')) ?? textOf(field(error, 'message')) ?? ''
  if (/metadata from plugin failed/.test(details) && code !== 14 && code !== 8) return noToken
  const foreign = /^Received HTTP status code (\d{3})/.exec(details)?.[1]
  if (foreign !== undefined) return foreignFailure(Number(foreign), undefined)
  const failure = serviceFailure(saidBy(error, code, details))
  if (failure?.code !== 'UNAVAILABLE') return failure ?? { code: 'UNKNOWN' }
  const { code: found, outcomeUnknown, detail } = connectionFailure(details, undefined)
  return { ...failure, code: found, outcomeUnknown, detail }
}

function saidBy(error: unknown, status: number, sentence: string | undefined): Said {
  const details = field(error, 'statusDetails')
  const delays = (Array.isArray(details) ? details : []).map((each) => delayOf(field(each, 'retryDelay')))
  return {
    status,
    sentence,
    reason: textOf(field(error, 'reason')),
    retryAfterMs: delays.find((each) => each !== undefined),
  }
}

/** The error of a body in the form of the service. */
function saidIn(body: JsonValue | undefined): Said | undefined {
  const error = field(Array.isArray(body) ? body[0] : body, 'error')
  const status = textOf(field(error, 'status'))
  if (status === undefined) return undefined
  const details = field(error, 'details')
  const parts = Array.isArray(details) ? details : []
  return {
    status,
    sentence: textOf(field(error, 'message')),
    reason: parts.map((part) => textOf(field(part, 'reason'))).find(isWord),
    retryAfterMs: parts.map((part) => delayOf(field(part, 'retryDelay'))).find((each) => each !== undefined),
  }
}

/** A google.protobuf.Duration: its text, or its parts. */
function delayOf(delay: unknown): number | undefined {
  const seconds =
    typeof delay === 'string'
      ? Number(/^(\d+(?:\.\d+)?)s$/.exec(delay)?.[1] ?? Number.NaN)
      : Number(String(field(delay, 'seconds') ?? Number.NaN)) + Number(field(delay, 'nanos') ?? 0) / 1e9
  return seconds >= 0 ? Math.round(seconds * 1000) : undefined
}

export const noToken: Failure = {
  code: 'UNAUTHENTICATED',
  outcomeUnknown: false,
  detail:
    'the credential gave no token; log in with "gcloud auth application-default login", set GOOGLE_APPLICATION_CREDENTIALS, or pass a credential',
}

/** What the client refuses by itself, before anything is sent. */
const setUps: readonly (readonly [RegExp, Failure])[] = [
  [/default credentials|No authentication was provided/i, noToken],
  [
    /universe domain/,
    {
      code: 'CONFIG_INVALID',
      outcomeUnknown: false,
      detail: 'GOOGLE_CLOUD_UNIVERSE_DOMAIN and the credential name different clouds',
    },
  ],
  [/client has already been closed/, { code: 'CLOSED', outcomeUnknown: false }],
]

function setUpFailure(error: unknown): Failure {
  const message = textOf(error) ?? textOf(field(error, 'message')) ?? ''
  const found = setUps.find(([pattern]) => pattern.test(message))?.[1]
  // What is left is an answer of another form than that of the method; the texts of these errors quote it.
  return found ?? { code: error instanceof Error ? 'UNAVAILABLE' : 'UNKNOWN' }
}

/** Of a decoded error, or of one that holds the answer itself. */
function httpStatusOf(error: unknown): number | undefined {
  const candidates = [
    field(error, 'httpStatusCode'),
    field(error, 'status'),
    field(field(error, 'response'), 'status'),
  ]
  return candidates.find((each): each is number => typeof each === 'number' && each >= 100)
}

/** The message is the body, where the client did not decode it. */
function bodyOf(error: unknown): string {
  return textOf(field(error, 'message')) ?? ''
}

function retryAfterOf(error: unknown): number | undefined {
  const headers = field(field(error, 'response'), 'headers')
  return headers instanceof Headers
    ? retryAfterMs(headers.get('retry-after'), headers.get('date'))
    : undefined
}

/** Of a socket; `fetch` keeps it in the cause. */
export function nodeCodeOf(error: unknown): string | undefined {
  const codes = [field(error, 'code'), field(field(error, 'cause'), 'code')].map(textOf)
  return codes.find(isWord)
}

function parsed(body: string): JsonValue | undefined {
  try {
    return parseJson(body)
  } catch (error) {
    if (error instanceof Error && error.name === 'JsonError') return undefined
    throw error
  }
}

export function field(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
