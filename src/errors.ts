import type { Operation } from './operations.js'

/**
 * Every way in which a call can fail. The list is closed: a program may switch over it.
 *
 * | code | what happened, and what to do |
 * |---|---|
 * | `NOT_FOUND` | no such secret, version or stage |
 * | `ALREADY_EXISTS` | `ifAbsent` met a secret, or an idempotency key was used with another value |
 * | `CONFLICT` | somebody else moved first: read again and decide |
 * | `PENDING_DELETION` | deleted but recoverable: `restore` it, or wait until it is gone |
 * | `DISABLED` | the version exists and is switched off |
 * | `PERMISSION_DENIED` | the backend, or a policy layer, refuses this identity |
 * | `UNAUTHENTICATED` | credentials are missing, expired or wrong |
 * | `RATE_LIMITED` | the backend's quota; `retryAfterMs` where it says so |
 * | `UNAVAILABLE` | no usable answer: network, 5xx, or an answer of the wrong shape |
 * | `TIMEOUT` | no answer in time |
 * | `ABORTED` | the caller's signal |
 * | `INVALID_NAME` `INVALID_VALUE` `TOO_LARGE` | the input breaks a rule, which the message names |
 * | `UNSUPPORTED` | this backend cannot do it; `store.capabilities` said so |
 * | `CONFIG_INVALID` | the set-up is wrong: URL, option, region, missing SDK |
 * | `CLOSED` | the store was closed |
 * | `UNKNOWN` | none of these; `providerCode` has the service's word |
 */
export type ErrorCode =
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'CONFLICT'
  | 'PENDING_DELETION'
  | 'DISABLED'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  | 'RATE_LIMITED'
  | 'UNAVAILABLE'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'INVALID_NAME'
  | 'INVALID_VALUE'
  | 'TOO_LARGE'
  | 'UNSUPPORTED'
  | 'CONFIG_INVALID'
  | 'CLOSED'
  | 'UNKNOWN'

export const errorCodes: readonly ErrorCode[] = Object.freeze([
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'CONFLICT',
  'PENDING_DELETION',
  'DISABLED',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'TIMEOUT',
  'ABORTED',
  'INVALID_NAME',
  'INVALID_VALUE',
  'TOO_LARGE',
  'UNSUPPORTED',
  'CONFIG_INVALID',
  'CLOSED',
  'UNKNOWN',
])

/** What a `SecretError` may carry: an allow-list. Nothing else of a service's error survives. */
export interface SecretErrorFields {
  readonly code: ErrorCode
  /** One sentence for a person: what failed, the rule, what to do. Never a value. */
  readonly message: string
  /** The service's own code, such as `ResourceNotFoundException`. */
  readonly providerCode?: string
  /** HTTP or gRPC status. */
  readonly status?: number
  /** Whether the same call may succeed later. Default: true for `UNAVAILABLE`, `TIMEOUT`, `RATE_LIMITED`. */
  readonly retryable?: boolean
  readonly retryAfterMs?: number
  /** Requests made before giving up. Default 1. */
  readonly attempts?: number
  /** A write whose answer was lost: it may or may not have taken effect. Default false. */
  readonly outcomeUnknown?: boolean
  readonly provider?: string
  readonly operation?: Operation
  /** The secret's name. */
  readonly secret?: string
  /** A version that the message is about: the one that exists already. */
  readonly version?: string
  readonly requestId?: string
}

const brand = Symbol.for('strongroom.SecretError')
/** The backend could not be asked: nothing is said of the secret. */
export const transient: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'UNAVAILABLE',
  'TIMEOUT',
  'RATE_LIMITED',
])

/**
 * The one error that a store rejects with. No value, token, SDK request or response is reachable from it: not from
 * its `message`, `stack` or `cause`, and not from a property of any kind. A programming mistake is a `TypeError`.
 */
export class SecretError extends Error {
  override readonly name = 'SecretError'
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly attempts: number
  readonly outcomeUnknown: boolean
  declare readonly providerCode?: string
  declare readonly retryAfterMs?: number
  declare readonly provider?: string
  declare readonly operation?: Operation
  declare readonly secret?: string
  declare readonly version?: string
  declare readonly requestId?: string
  /** A fresh frozen summary of the service's error; never that error itself. */
  declare readonly cause?: { readonly name: string; readonly code?: string; readonly status?: number }

  constructor(fields: SecretErrorFields) {
    super(fields.message)
    this.code = fields.code
    this.retryable = fields.retryable ?? transient.has(fields.code)
    this.attempts = fields.attempts ?? 1
    this.outcomeUnknown = fields.outcomeUnknown ?? false
    if (fields.providerCode !== undefined) this.providerCode = fields.providerCode
    if (fields.retryAfterMs !== undefined) this.retryAfterMs = fields.retryAfterMs
    if (fields.provider !== undefined) this.provider = fields.provider
    if (fields.operation !== undefined) this.operation = fields.operation
    if (fields.secret !== undefined) this.secret = fields.secret
    if (fields.version !== undefined) this.version = fields.version
    if (fields.requestId !== undefined) this.requestId = fields.requestId
    if (fields.providerCode !== undefined || fields.status !== undefined) {
      Object.defineProperty(this, 'cause', { value: summary(fields), enumerable: false })
    }
  }

  /** True for a `SecretError` of any copy of this package. */
  static is(error: unknown): error is SecretError {
    return typeof error === 'object' && error !== null && brand in error
  }

  /** A copy with some fields changed; errors are never mutated. */
  with(changes: Partial<SecretErrorFields>): SecretError {
    const status = this.cause?.status
    const next = new SecretError({
      ...this.toJSON(),
      ...(status === undefined ? {} : { status }),
      ...changes,
    })
    if (changes.message === undefined && this.stack !== undefined) next.stack = this.stack
    return next
  }

  toJSON(): SecretErrorFields {
    const { code, message, retryable, attempts, outcomeUnknown } = this
    const { providerCode, retryAfterMs, provider, operation, secret, version, requestId } = this
    const optional = { providerCode, retryAfterMs, provider, operation, secret, version, requestId }
    return { code, message, retryable, attempts, outcomeUnknown, ...defined(optional) }
  }
}

Object.defineProperty(SecretError.prototype, brand, { value: true })

/**
 * An error that a provider finds out by itself; the boundary adds provider, operation and name. A message that holds the
 * value of the call (of 8 bytes or more) is replaced by the sentence of its code.
 */
export function refusal(code: ErrorCode, message: string, version?: string): SecretError {
  return new SecretError({ code, message, ...(version === undefined ? {} : { version }) })
}

function summary(fields: SecretErrorFields): object {
  return Object.freeze({
    name: 'ServiceError',
    ...defined({ code: fields.providerCode, status: fields.status }),
  })
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Drops the keys whose value is `undefined`, which `exactOptionalPropertyTypes` tells apart from absent ones. */
export function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>
}

/** How a call ended. `TYPE_ERROR` is a programming mistake, refused before anything was sent. */
export type Outcome = 'ok' | ErrorCode | 'TYPE_ERROR'

export function outcomeOf(error: unknown): Outcome {
  if (SecretError.is(error)) return error.code
  return error instanceof TypeError ? 'TYPE_ERROR' : 'UNKNOWN'
}
