import { type ErrorCode, type Failure, SecretError } from 'strongroom/provider'
import { factsOf, field } from './facts.js'

const byInnerCode: Readonly<Record<string, ErrorCode>> = {
  SecretDisabled: 'DISABLED',
  ObjectIsDeletedButRecoverable: 'PENDING_DELETION',
  ObjectIsBeingDeleted: 'PENDING_DELETION',
  ObjectIsBeingRecovered: 'CONFLICT',
}

const byStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_VALUE',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'TIMEOUT',
  409: 'CONFLICT',
  413: 'TOO_LARGE',
  429: 'RATE_LIMITED',
}

const byName: Readonly<Record<string, ErrorCode>> = {
  AbortError: 'ABORTED',
  AuthenticationError: 'UNAUTHENTICATED',
  AuthenticationRequiredError: 'UNAUTHENTICATED',
  AggregateAuthenticationError: 'UNAUTHENTICATED',
  CredentialUnavailableError: 'UNAUTHENTICATED',
  JsonError: 'UNAVAILABLE',
}

/** The socket was never open, so that nothing can have been carried out. */
const unsent = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/
const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/

const setUpFaults: readonly (readonly [RegExp, string])[] = [
  [
    /^The challenge /,
    'the vault asks for tokens of another service; check its URL, and for an emulator set disableChallengeResourceVerification',
  ],
  [
    /allowInsecureConnection is false/,
    'plain http needs allowInsecureConnection in the options of the client',
  ],
]

/** What may pass by itself, or is not about the credential. */
const passing: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ABORTED',
  'CONFIG_INVALID',
  'RATE_LIMITED',
  'TIMEOUT',
  'UNAVAILABLE',
])

/** Turns what the SDK threw into facts. */
export function classify(error: unknown): Failure {
  if (error instanceof Known) return error.failure
  const { name, status, code, innerCode, detail, answer } = factsOf(error)
  const named = byName[name]
  if (named !== undefined) return { code: named, providerCode: name }
  const known = { providerCode: innerCode ?? code, status, ...answer }
  if (status === undefined) return { ...known, ...withoutAnswer(error, name, code) }
  return { ...known, code: codeOf(status, code, innerCode), detail }
}

function withoutAnswer(error: unknown, name: string, code: string | undefined): Failure {
  if (code !== undefined && untrusted.test(code)) {
    const detail = 'the certificate is not trusted; give the authority in caFile'
    return { code: 'CONFIG_INVALID', outcomeUnknown: false, detail }
  }
  if (name !== 'RestError') return setUpFault(error) ?? { code: 'UNKNOWN' }
  return code !== undefined && unsent.test(code)
    ? { code: 'UNAVAILABLE', outcomeUnknown: false }
    : { code: 'UNAVAILABLE' }
}

/** Refusals of the SDK itself, before anything is sent, which have no code: met only with a ready-made client. */
function setUpFault(error: unknown): Failure | undefined {
  const message = String(field(error, 'message'))
  const detail = setUpFaults.find(([pattern]) => pattern.test(message))?.[1]
  return detail === undefined ? undefined : { code: 'CONFIG_INVALID', outcomeUnknown: false, detail }
}

function codeOf(status: number, code: string | undefined, innerCode: string | undefined): ErrorCode {
  const inner = innerCode === undefined ? undefined : byInnerCode[innerCode]
  if (inner !== undefined) return inner
  // Not the vault's own 404, which has a code: a proxy, or another service.
  if (status < 400 || status >= 500 || (status === 404 && code === undefined)) return 'UNAVAILABLE'
  return byStatus[status] ?? 'UNKNOWN'
}

/** Whether the secret, or the version, is not there. */
export function isMissing(error: unknown): boolean {
  return classify(error).code === 'NOT_FOUND'
}

export function isDisabled(error: unknown): boolean {
  return classify(error).code === 'DISABLED'
}

export function isDenied(error: unknown): boolean {
  return classify(error).code === 'PERMISSION_DENIED'
}

/** Between two states: the same request works, or fails for good, a little later. Nothing came of it. */
export function isSettling(error: unknown): boolean {
  return /^ObjectIsBeing/.test(factsOf(error).innerCode ?? '')
}

export function undefinedIfSettling(error: unknown): undefined {
  if (!isSettling(error)) throw error
}

/** Whether the name belongs to a secret in the trash. */
export function isInTrash(error: unknown): boolean {
  const code = SecretError.is(error) ? error.code : classify(error).code
  return code === 'PENDING_DELETION'
}

/** A failure of which more is known than the error says. */
class Known extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super('see failure')
    this.failure = failure
  }
}

/** Marks the failures of a read that a write begins with: nothing was written. */
export function beforeWriting<T>(read: Promise<T>): Promise<T> {
  return read.catch((error: unknown) => {
    throw SecretError.is(error) ? error : new Known({ ...classify(error), outcomeUnknown: false })
  })
}

/** Marks the failures of what follows on a request that the vault has accepted. */
export function afterEffect<T>(rest: Promise<T>): Promise<T> {
  return rest.catch((error: unknown) => {
    throw inDoubt(error)
  })
}

/** The same failure, of a call which may have been carried out all the same. */
export function inDoubt(error: unknown): Error {
  if (SecretError.is(error)) return error.with({ outcomeUnknown: true })
  return new Known({ ...classify(error), outcomeUnknown: true })
}

/** What a credential threw. Its own refusals may look like anything; they are no answers of the vault. */
export function tokenError(error: unknown): unknown {
  if (SecretError.is(error)) return error
  const { status = 500 } = factsOf(error)
  return passing.has(classify(error).code) && (status >= 500 || status === 429) ? error : noToken()
}

export function noToken(): Error {
  return new Known({ code: 'UNAUTHENTICATED', detail: 'the credential gave no token' })
}

/** Whether the SDK understood what happened. */
export function isTyped(error: unknown): boolean {
  const { name } = factsOf(error)
  return SecretError.is(error) || error instanceof Known || name === 'RestError' || byName[name] !== undefined
}
