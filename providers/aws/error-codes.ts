import type { ErrorCode, Failure } from 'strongroom/provider'

/** Codes that AWS sends, modelled or not, and what each means. */
const codes: Readonly<Record<string, ErrorCode>> = {
  ResourceNotFoundException: 'NOT_FOUND',
  ResourceExistsException: 'ALREADY_EXISTS',
  InvalidParameterException: 'INVALID_VALUE',
  InvalidRequestException: 'INVALID_VALUE',
  InvalidNextTokenException: 'INVALID_VALUE',
  ValidationException: 'INVALID_VALUE',
  MalformedPolicyDocumentException: 'INVALID_VALUE',
  PublicPolicyException: 'INVALID_VALUE',
  // A hard quota, of versions, labels or secrets: waiting does not help.
  LimitExceededException: 'TOO_LARGE',
  PreconditionNotMetException: 'CONFLICT',
  EncryptionFailure: 'CONFIG_INVALID',
  DecryptionFailure: 'CONFIG_INVALID',
  InternalServiceError: 'UNAVAILABLE',
  InternalFailure: 'UNAVAILABLE',
  ServiceUnavailable: 'UNAVAILABLE',
  ServiceUnavailableException: 'UNAVAILABLE',
  AccessDeniedException: 'PERMISSION_DENIED',
  AccessDenied: 'PERMISSION_DENIED',
  NotAuthorized: 'PERMISSION_DENIED',
  UnrecognizedClientException: 'UNAUTHENTICATED',
  InvalidSignatureException: 'UNAUTHENTICATED',
  SignatureDoesNotMatch: 'UNAUTHENTICATED',
  IncompleteSignature: 'UNAUTHENTICATED',
  IncompleteSignatureException: 'UNAUTHENTICATED',
  ExpiredToken: 'UNAUTHENTICATED',
  ExpiredTokenException: 'UNAUTHENTICATED',
  RequestExpired: 'UNAUTHENTICATED',
  InvalidClientTokenId: 'UNAUTHENTICATED',
  MissingAuthenticationToken: 'UNAUTHENTICATED',
  MissingAuthenticationTokenException: 'UNAUTHENTICATED',
  Throttling: 'RATE_LIMITED',
  ThrottlingException: 'RATE_LIMITED',
  ThrottledException: 'RATE_LIMITED',
  RequestThrottled: 'RATE_LIMITED',
  RequestThrottledException: 'RATE_LIMITED',
  RequestLimitExceeded: 'RATE_LIMITED',
  TooManyRequestsException: 'RATE_LIMITED',
  BandwidthLimitExceeded: 'RATE_LIMITED',
  SlowDown: 'RATE_LIMITED',
}

/** One code stands for several states; only its sentence tells them apart. */
const sentences: Readonly<Record<string, readonly (readonly [RegExp, ErrorCode])[]>> = {
  InvalidRequestException: [
    [/(?:marked|scheduled) for deletion|marked deleted/i, 'PENDING_DELETION'],
    [/not associated to the provided VersionId/i, 'NOT_FOUND'],
    [/previous rotation isn.t complete/i, 'CONFLICT'],
  ],
  InvalidParameterException: [[/replica secret/i, 'CONFIG_INVALID']],
  ValidationException: [[/invalid name/i, 'INVALID_NAME']],
}

/** What went wrong before AWS answered: errors of the SDK and of Node. */
const local: Readonly<Record<string, Failure>> = {
  // The answer was no JSON. The text of this error quotes it.
  SyntaxError: { code: 'UNAVAILABLE' },
  AbortError: { code: 'ABORTED' },
  TimeoutError: { code: 'TIMEOUT' },
  RequestTimeout: { code: 'TIMEOUT' },
  CredentialsProviderError: {
    code: 'UNAUTHENTICATED',
    providerCode: 'CredentialsProviderError',
    detail:
      'no credentials found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, log in (aws sso login), name a profile, or pass credentials',
  },
  TokenProviderError: {
    code: 'UNAUTHENTICATED',
    providerCode: 'TokenProviderError',
    detail: 'the single sign-on session is missing or over; log in again (aws sso login)',
  },
}

const configuration: readonly (readonly [RegExp, string])[] = [
  [
    /^Region is missing$/,
    'no region; pass region, write it in the URL (aws://eu-west-1/…), or set AWS_REGION',
  ],
  [/^Region not accepted/, 'AWS_REGION, or the region of the profile, is not one; write it like "eu-west-1"'],
]

/** Nothing was sent, so nothing was carried out. */
const neverConnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/

const serviceCode = /^[A-Z][A-Za-z]{2,58}(?:Exception|Error|Failure|Fault)$/

/** The facts of what the SDK threw: an allow-list. Its texts are kept only where AWS wrote them. */
export function classifySdkError(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'UNKNOWN' }
  const { name, message, $fault, $metadata, $response } = error as SdkError
  if ($fault === undefined && !Object.hasOwn(codes, name)) return classifyLocalError(error)
  return {
    ...serviceFailure(name, message, numberOf($metadata?.httpStatusCode)),
    requestId: textOf($metadata?.requestId),
    retryAfterMs: retryAfterOf($response?.headers),
  }
}

/** The facts of an error that AWS itself sent. */
export function serviceFailure(name: string, message: string, status: number | undefined): Failure {
  const isKnown = Object.hasOwn(codes, name)
  return {
    code: serviceErrorCode(name, message, status),
    providerCode: isKnown || serviceCode.test(name) ? name : undefined,
    status,
    detail: isKnown ? message : undefined,
  }
}

function classifyLocalError({ name, message, code, $metadata }: SdkError): Failure {
  if (isNetworkCode(code) && untrusted.test(code)) {
    const detail = 'the certificate is not trusted; give its authority in NODE_EXTRA_CA_CERTS'
    return { code: 'CONFIG_INVALID', providerCode: code, outcomeUnknown: false, detail }
  }
  if (isNetworkCode(code)) {
    const isUnsent = neverConnected.has(code)
    return {
      code: code === 'ETIMEDOUT' ? 'TIMEOUT' : 'UNAVAILABLE',
      providerCode: code,
      ...(isUnsent && { outcomeUnknown: false }),
    }
  }
  if (Object.hasOwn(local, name)) {
    return { code: 'UNKNOWN', ...local[name], status: numberOf($metadata?.httpStatusCode) }
  }
  const hint = configuration.find(([pattern]) => pattern.test(message))?.[1]
  return hint === undefined ? { code: 'UNKNOWN' } : { code: 'CONFIG_INVALID', detail: hint }
}

/** Of sockets, name look-ups, TLS and the HTTP parser. The SDK calls a reset connection a timeout by name; its code tells. */
function isNetworkCode(code: unknown): code is string {
  return (
    typeof code === 'string' &&
    /^(?:E(?!RR_)|ERR_(?:TLS|SSL|STREAM)_|HPE_|CERT_|UNABLE_TO_|DEPTH_|SELF_)[A-Z0-9_]{2,60}$/.test(code)
  )
}

/** The fields that are read; any other may hold what a proxy put into the body. */
interface SdkError extends Error {
  readonly code?: unknown
  readonly $fault?: unknown
  readonly $metadata?: { readonly httpStatusCode?: unknown; readonly requestId?: unknown }
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
}

function serviceErrorCode(name: string, message: string, status: number | undefined): ErrorCode {
  const said = Object.hasOwn(sentences, name) ? sentences[name] : undefined
  const bySentence = said?.find(([pattern]) => pattern.test(message))?.[1]
  const byName = Object.hasOwn(codes, name) ? codes[name] : undefined
  return bySentence ?? byName ?? byStatus(status)
}

function byStatus(status = 0): ErrorCode {
  if (status >= 500) return 'UNAVAILABLE'
  if (status === 429) return 'RATE_LIMITED'
  if (status === 401) return 'UNAUTHENTICATED'
  return status === 403 ? 'PERMISSION_DENIED' : 'UNKNOWN'
}

function retryAfterOf(headers: Readonly<Record<string, string>> | undefined): number | undefined {
  const milliseconds = numberOf(headers?.['x-amz-retry-after'])
  const seconds = numberOf(headers?.['retry-after'])
  return milliseconds ?? (seconds === undefined ? undefined : seconds * 1_000)
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w-]{1,128}$/.test(value) ? value : undefined
}
