import { type ErrorCode, type Failure, SecretError } from 'strongroom/provider'
import { failureOf } from './facts.js'

/** A failed request: the facts that may be said of it, and nothing of the client's own error. */
export class GcpFault extends Error {
  override readonly name = 'GcpFault'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.code)
    this.failure = failure
  }
}

/** What the client threw, as a fault. Errors that are ours already pass through. */
export function faultOf(error: unknown): GcpFault | SecretError {
  if (SecretError.is(error) || error instanceof GcpFault) return error
  // The client wraps, in newer versions, what our half of REST has thrown.
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof GcpFault ? cause : new GcpFault(failureOf(error))
}

/** For `defineProvider`. */
export function classify(error: unknown): Failure {
  return error instanceof GcpFault ? error.failure : { code: 'UNKNOWN' }
}

export function isFault(error: unknown, code: ErrorCode): error is GcpFault {
  return error instanceof GcpFault && error.failure.code === code
}

/** Whether an etag was not the one that is there. */
export function isStale(error: unknown): error is GcpFault {
  return error instanceof GcpFault && error.failure.status === 400 && error.failure.code === 'UNKNOWN'
}

/** The answer to a request, or what `instead` gives when the request fails with this code. */
export async function unless<Answer, Other>(
  code: ErrorCode,
  request: Promise<Answer>,
  instead: (fault: GcpFault) => Other | Promise<Other>,
): Promise<Answer | Other> {
  try {
    return await request
  } catch (error) {
    if (isFault(error, code)) return instead(error)
    throw error
  }
}

/** For a request that follows one which has taken effect: its failure leaves the whole half done. */
export async function afterEffect<Answer>(request: Promise<Answer>): Promise<Answer> {
  try {
    return await request
  } catch (error) {
    if (error instanceof GcpFault) throw new GcpFault({ ...error.failure, outcomeUnknown: true })
    throw error
  }
}

/** For a request that changes nothing, within a call that writes: whatever becomes of it, nothing is in doubt. */
export async function beforeEffect<Answer>(request: Promise<Answer>): Promise<Answer> {
  try {
    return await request
  } catch (error) {
    throw error instanceof GcpFault ? new GcpFault({ ...error.failure, outcomeUnknown: false }) : error
  }
}
