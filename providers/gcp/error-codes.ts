import type { ErrorCode, Failure } from 'strongroom/provider'

interface Status {
  readonly name: string
  readonly code: ErrorCode
  /** The HTTP status that stands for it, over either transport. */
  readonly http: number
}

/** google.rpc.Code, by number. */
const statuses: readonly (Status | undefined)[] = [
  undefined,
  { name: 'CANCELLED', code: 'UNAVAILABLE', http: 499 },
  { name: 'UNKNOWN', code: 'UNKNOWN', http: 500 },
  { name: 'INVALID_ARGUMENT', code: 'INVALID_VALUE', http: 400 },
  { name: 'DEADLINE_EXCEEDED', code: 'TIMEOUT', http: 504 },
  { name: 'NOT_FOUND', code: 'NOT_FOUND', http: 404 },
  { name: 'ALREADY_EXISTS', code: 'ALREADY_EXISTS', http: 409 },
  { name: 'PERMISSION_DENIED', code: 'PERMISSION_DENIED', http: 403 },
  { name: 'RESOURCE_EXHAUSTED', code: 'RATE_LIMITED', http: 429 },
  { name: 'FAILED_PRECONDITION', code: 'UNKNOWN', http: 400 },
  { name: 'ABORTED', code: 'CONFLICT', http: 409 },
  { name: 'OUT_OF_RANGE', code: 'INVALID_VALUE', http: 400 },
  { name: 'UNIMPLEMENTED', code: 'UNKNOWN', http: 501 },
  { name: 'INTERNAL', code: 'UNAVAILABLE', http: 500 },
  { name: 'UNAVAILABLE', code: 'UNAVAILABLE', http: 503 },
  { name: 'DATA_LOSS', code: 'UNAVAILABLE', http: 500 },
  { name: 'UNAUTHENTICATED', code: 'UNAUTHENTICATED', http: 401 },
]

/** One status stands for several states; only the service's sentence tells them apart. */
const preconditions: readonly (readonly [RegExp, ErrorCode])[] = [
  [/\bDISABLED state/i, 'DISABLED'],
  [/\bDESTROYED state/i, 'NOT_FOUND'],
  [/\bkms\b|cryptoKey/i, 'CONFIG_INVALID'],
]

/** google.rpc.ErrorInfo: a set-up that no permission mends. */
const byReason: Readonly<Record<string, ErrorCode>> = {
  SERVICE_DISABLED: 'CONFIG_INVALID',
  BILLING_DISABLED: 'CONFIG_INVALID',
  CONSUMER_INVALID: 'CONFIG_INVALID',
  RESOURCE_PROJECT_INVALID: 'CONFIG_INVALID',
}

/** What a proxy, or another server, means by an answer that is none of the service's. */
const byHttp: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_VALUE',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  408: 'TIMEOUT',
  413: 'TOO_LARGE',
  429: 'RATE_LIMITED',
}

const refused: ReadonlySet<string> = new Set(['FAILED_PRECONDITION', 'UNIMPLEMENTED'])

/** The client words these itself; what they quote may come from anywhere. */
const local: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['UNAVAILABLE', 'TIMEOUT', 'UNKNOWN'])

/** What the service said of a failed request. */
export interface Said {
  /** google.rpc.Code, as its number or its name. */
  readonly status: number | string
  readonly reason?: string | undefined
  readonly sentence?: string | undefined
  readonly retryAfterMs?: number | undefined
}

/** The facts of an error of the service; `undefined` for a status that there is not. */
export function serviceFailure({ status, reason, sentence, retryAfterMs }: Said): Failure | undefined {
  const found = statuses.find(
    (each, index) => each !== undefined && (index === status || each.name === status),
  )
  if (found === undefined) return undefined
  const bySentence =
    found.name === 'FAILED_PRECONDITION'
      ? preconditions.find(([pattern]) => pattern.test(sentence ?? ''))?.[1]
      : undefined
  const known = reason !== undefined && Object.hasOwn(byReason, reason) ? byReason[reason] : undefined
  const isService = found.name === 'FAILED_PRECONDITION' || !local.has(found.code)
  return {
    code: bySentence ?? known ?? found.code,
    providerCode: isWord(reason) ? reason : found.name,
    status: found.http,
    retryAfterMs,
    ...(isService && { detail: sentence }),
    // It was looked at, and refused.
    ...(refused.has(found.name) && { outcomeUnknown: false }),
  }
}

/** The facts of an HTTP answer that is not in the form of the service. */
export function foreignFailure(status: number, retryAfterMs: number | undefined): Failure {
  const code = status >= 400 && status < 500 && status !== 404 ? (byHttp[status] ?? 'UNKNOWN') : 'UNAVAILABLE'
  return { code, status, retryAfterMs }
}

/** The socket was never open, so that nothing can have been carried out. */
const unsent = /\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|Name resolution failed)\b/
const untrusted =
  /CERT_|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO|self-signed certificate|unable to (?:get|verify)/
/** Node 26 on, by way of gRPC. */
const unnamed = /ERR_INVALID_ARG_VALUE\b.*\bservername\b/

/** What failed below the service: of a code of Node, or of gRPC's sentence for a connection that did not come about. */
export function connectionFailure(text: string, providerCode: string | undefined): Failure {
  if (untrusted.test(text)) {
    const detail = 'the certificate is not trusted; give its authority in NODE_EXTRA_CA_CERTS'
    return { code: 'CONFIG_INVALID', providerCode, outcomeUnknown: false, detail }
  }
  if (unnamed.test(text)) {
    const detail = 'TLS over gRPC needs a host by its name here, not an address; change endpoint'
    return { code: 'CONFIG_INVALID', providerCode, outcomeUnknown: false, detail }
  }
  return { code: 'UNAVAILABLE', providerCode, ...(unsent.test(text) && { outcomeUnknown: false }) }
}

export function isWord(text: string | undefined): text is string {
  return text !== undefined && /^[A-Z][A-Z0-9_]{1,63}$/.test(text)
}
