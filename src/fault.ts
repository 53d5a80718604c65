import type { ErrorCode } from './errors.js'
import type { Failure } from './provider.js'

/** A failed request: the facts that may be said of it, and nothing of the client's own error. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.code)
    this.failure = failure
  }
}

/** For `defineProvider`. What is no fault comes from nowhere near the wire. */
export function classifyFault(error: unknown): Failure {
  return error instanceof Fault ? error.failure : { code: 'UNKNOWN' }
}

export function isFault(error: unknown, code: ErrorCode): error is Fault {
  return error instanceof Fault && error.failure.code === code
}

/** The answer to a request, or what `instead` gives when the request fails with this code. */
export async function unless<Answer, Other>(
  code: ErrorCode,
  request: Promise<Answer>,
  instead: (fault: Fault) => Other | Promise<Other>,
): Promise<Answer | Other> {
  try {
    return await request
  } catch (error) {
    if (isFault(error, code)) return instead(error)
    throw error
  }
}

/** For a request that follows one which has taken effect: its failure leaves the whole half done. */
export function afterEffect<Answer>(request: Promise<Answer>): Promise<Answer> {
  return inDoubt(request, true)
}

/** For a request that changes nothing, within a call that writes: whatever becomes of it, nothing is in doubt. */
export function beforeEffect<Answer>(request: Promise<Answer>): Promise<Answer> {
  return inDoubt(request, false)
}

async function inDoubt<Answer>(request: Promise<Answer>, outcomeUnknown: boolean): Promise<Answer> {
  try {
    return await request
  } catch (error) {
    throw error instanceof Fault ? new Fault({ ...error.failure, outcomeUnknown }) : error
  }
}
