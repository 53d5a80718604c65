import { type ErrorCode, type Failure, SecretError } from 'strongroom/provider'
import { factsOf, field } from './facts.js'

type Codes = ReadonlyMap<string | number | undefined, ErrorCode>

/** What the status alone does not tell. One that is being recovered is a `CONFLICT` by its status. */
const byInnerCode: Codes = new Map([
  ['SecretDisabled', 'DISABLED'],
  ['SecretManagedByKeyVault', 'INVALID_NAME'],
  ['ObjectIsDeletedButRecoverable', 'PENDING_DELETION'],
  ['ObjectIsBeingDeleted', 'PENDING_DELETION'],
])

const byStatus: Codes = new Map([
  [400, 'INVALID_VALUE'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [408, 'TIMEOUT'],
  [409, 'CONFLICT'],
  [413, 'TOO_LARGE'],
  [429, 'RATE_LIMITED'],
])

const byName: Codes = new Map([
  ['AbortError', 'ABORTED'],
  ['AuthenticationError', 'UNAUTHENTICATED'],
  ['AuthenticationRequiredError', 'UNAUTHENTICATED'],
  ['AggregateAuthenticationError', 'UNAUTHENTICATED'],
  ['CredentialUnavailableError', 'UNAUTHENTICATED'],
  ['JsonError', 'UNAVAILABLE'],
])

/** Between two states: the same request works, or fails for good, a little later. */
const settling: ReadonlySet<string | undefined> = new Set(['ObjectIsBeingDeleted', 'ObjectIsBeingRecovered'])

/** The socket was never open, so that nothing can have been carried out. */
const unsent: ReadonlySet<string | undefined> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
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

/** Turns what the SDK threw into facts. */
export function classify(error: unknown): Failure {
  if (error instanceof Known) return error.failure
  const { name, status, code, innerCode, detail, answer } = factsOf(error)
  const named = byName.get(name)
  if (named !== undefined) return { code: named, providerCode: name }
  const known = { providerCode: innerCode ?? code, status, ...answer }
  if (status === undefined) return { ...known, ...withoutAnswer(error, name, code) }
  return { ...known, code: codeOf(status, code, innerCode), detail }
}

function withoutAnswer(error: unknown, name: string, code: string | undefined): Failure {
  if (untrusted.test(String(code))) {
    const detail = 'the certificate is not trusted; give the authority in caFile'
    return { code: 'CONFIG_INVALID', outcomeUnknown: false, detail }
  }
  if (name !== 'RestError') return setUpFault(error) ?? { code: 'UNKNOWN' }
  return unsent.has(code) ? { code: 'UNAVAILABLE', outcomeUnknown: false } : { code: 'UNAVAILABLE' }
}

/** Refusals of the SDK itself, before anything is sent, which have no code: met only with a ready-made client. */
function setUpFault(error: unknown): Failure | undefined {
  const message = String(field(error, 'message'))
  const detail = setUpFaults.find(([pattern]) => pattern.test(message))?.[1]
  return detail === undefined ? undefined : { code: 'CONFIG_INVALID', outcomeUnknown: false, detail }
}

function codeOf(status: number, code: string | undefined, innerCode: string | undefined): ErrorCode {
  const inner = byInnerCode.get(innerCode)
  if (inner !== undefined) return inner
  // Not the vault's own 404, which has a code: a proxy, or another service.
  if (status < 400 || status >= 500 || (status === 404 && code === undefined)) return 'UNAVAILABLE'
  return byStatus.get(status) ?? 'UNKNOWN'
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

/** Refused between two states: nothing came of it. */
export function isSettling(error: unknown): boolean {
  return settling.has(factsOf(error).innerCode)
}

export function undefinedIfSettling(error: unknown): undefined {
  if (!isSettling(error)) throw error
}

export function undefinedIfRecovering(error: unknown): undefined {
  if (factsOf(error).innerCode !== 'ObjectIsBeingRecovered') throw error
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
    super()
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

/** The credential gave no token. */
class NoToken extends Known {}

export function noToken(hint: string): Error {
  return new NoToken({ code: 'UNAUTHENTICATED', detail: hint, outcomeUnknown: false })
}

/** Whether everybody else who needs a token would fare the same. */
export function isNoToken(error: unknown): boolean {
  return error instanceof NoToken
}

/** What is not about the credential, and may pass by itself or after a correction elsewhere. */
const tokenDetails: ReadonlyMap<ErrorCode | undefined, string> = new Map([
  ['ABORTED', 'while it waited for a token'],
  [
    'CONFIG_INVALID',
    'the certificate of the service that gives tokens is not trusted; name its authority in NODE_EXTRA_CA_CERTS',
  ],
  ['RATE_LIMITED', 'of the service that gives tokens, not of the vault'],
  ['TIMEOUT', 'of the service that gives tokens, not of the vault'],
  ['UNAVAILABLE', 'the service that gives tokens, not the vault'],
])

/** What a credential threw. Its refusals may look like anything; they are no answers of the vault, and nothing was sent. */
export function tokenError(error: unknown, hint: string): Error {
  if (SecretError.is(error) || error instanceof Known) return error
  const { status } = factsOf(error)
  const code = status === undefined ? classify(error).code : tokenCodeOf(status)
  const detail = tokenDetails.get(code)
  if (code === undefined || detail === undefined) return noToken(hint)
  return new Known({ code, status, detail, outcomeUnknown: false })
}

function tokenCodeOf(status: number): ErrorCode | undefined {
  return status >= 500 ? 'UNAVAILABLE' : byStatus.get(status)
}

/** Whether the SDK understood what happened. */
export function isTyped(error: unknown): boolean {
  const { name } = factsOf(error)
  return SecretError.is(error) || error instanceof Known || name === 'RestError' || byName.has(name)
}
