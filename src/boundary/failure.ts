import type { ErrorCode } from '../errors.js'
import { defined, SecretError } from '../errors.js'
import type { Call, Operation, PutInput } from '../operations.js'
import { effects } from '../operations.js'
import type { Failure, SecretProvider } from '../provider.js'
import { SecretValue } from '../secret.js'
import { mentions, scrub } from './redact.js'

const sentences: { readonly [C in ErrorCode]: string } = {
  NOT_FOUND: 'there is no such secret, version or stage',
  ALREADY_EXISTS: 'it exists already',
  CONFLICT: 'somebody else changed it first; read it again and decide',
  PENDING_DELETION: 'it is deleted and waits in the trash; restore it first',
  DISABLED: 'this version is disabled; enable it or read another one',
  PERMISSION_DENIED: 'this identity is not allowed to; grant the permission or use another identity',
  UNAUTHENTICATED: 'the credentials are missing, expired or wrong',
  RATE_LIMITED: 'the quota of the backend is used up for the moment',
  UNAVAILABLE: 'the backend gave no usable answer',
  TIMEOUT: 'no answer came in time',
  ABORTED: 'the caller aborted it',
  INVALID_NAME: 'the backend refuses the name',
  INVALID_VALUE: 'the backend refuses a value in the request',
  TOO_LARGE: 'the value is larger than the backend holds',
  UNSUPPORTED: 'the backend cannot do it',
  CONFIG_INVALID: 'the set-up of the provider is wrong',
  CLOSED: 'the store is closed',
  UNKNOWN: 'the backend answered with an error that is not known here',
}

const doubtful: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['UNAVAILABLE', 'TIMEOUT', 'ABORTED', 'UNKNOWN'])

/** Turns what a provider threw into the one error that leaves the boundary. Keeps nothing of the original. */
export function toSecretError(
  error: unknown,
  call: Call,
  provider: SecretProvider,
  shown: string | undefined,
  sent: boolean,
): SecretError {
  const place = { provider: provider.name, operation: call.operation, ...defined({ secret: shown }) }
  const lead = `${provider.name}: ${call.operation}${shown === undefined ? '' : ` ${JSON.stringify(shown)}`}: `
  if (SecretError.is(error)) {
    const told = sent && mentions(error.message, valuesIn(call)) ? sentences[error.code] : error.message
    const message = told.startsWith(lead) ? told : lead + told
    return error.with({
      ...place,
      message,
      outcomeUnknown: error.outcomeUnknown || (sent && isDoubtful(call.operation, error.code)),
    })
  }
  const failure = provider.classify(error)
  const { code, status, retryAfterMs } = failure
  const [providerCode, requestId] = [failure.providerCode, failure.requestId].map((text) =>
    text !== undefined && mentions(text, valuesIn(call)) ? undefined : text,
  )
  return new SecretError({
    ...place,
    code,
    message: lead + sentences[code] + reason({ ...failure, providerCode }, call),
    outcomeUnknown: failure.outcomeUnknown ?? isDoubtful(call.operation, code),
    ...defined({ providerCode, status, requestId, retryAfterMs }),
  })
}

/** The error for a call whose signal was aborted: the timeout's or deadline's own error, else `ABORTED`. */
export function abortError(signal: AbortSignal): SecretError {
  const reason: unknown = signal.reason
  return SecretError.is(reason) ? reason : new SecretError({ code: 'ABORTED', message: sentences.ABORTED })
}

function isDoubtful(operation: Operation, code: ErrorCode): boolean {
  return effects[operation] === 'write' && doubtful.has(code)
}

function reason({ providerCode, detail }: Failure, call: Call): string {
  const text = detail === undefined ? undefined : scrub(detail, valuesIn(call))
  const parts = [providerCode, text].filter((part) => part !== undefined && part !== '')
  return parts.length === 0 ? '' : ` (${parts.join(': ')})`
}

function valuesIn(call: Call): SecretValue[] {
  if (call.operation !== 'put') return []
  const { value, rotationToken } = call.input as PutInput
  return rotationToken === undefined ? [value] : [value, SecretValue.text(rotationToken)]
}
