import { type ErrorCode, type Failure, SecretError } from 'strongroom/provider'
import { classifySdkError, serviceFailure } from './error-codes.js'
import { looksWhole } from './names.js'

/** A failed request: the facts that may be said of it, and nothing of the SDK's own error. */
export class AwsFault extends Error {
  override readonly name = 'AwsFault'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.code)
    this.failure = failure
  }
}

/** What the SDK threw, as a fault. Errors that are ours already pass through. */
export function faultOf(error: unknown, id?: string): AwsFault | SecretError {
  if (SecretError.is(error) || error instanceof AwsFault) return error
  const failure = classifySdkError(error)
  const isTrap = ['NOT_FOUND', 'PERMISSION_DENIED'].includes(failure.code)
  return new AwsFault(isTrap && id !== undefined && looksWhole(id) ? withArnHint(failure) : failure)
}

/** For `defineProvider`. */
export function classify(error: unknown): Failure {
  return error instanceof AwsFault ? error.failure : classifySdkError(error)
}

/** The error of one item of an answer that is itself a success. */
export function faultOfItem(code: string, message: string): AwsFault {
  return new AwsFault(serviceFailure(code, message, undefined))
}

/** The answer to a request, or what `instead` gives when the request fails with this code. */
export async function unless<Answer, Other>(
  code: ErrorCode,
  request: Promise<Answer>,
  instead: (fault: AwsFault) => Other | Promise<Other>,
): Promise<Answer | Other> {
  try {
    return await request
  } catch (error) {
    if (error instanceof AwsFault && error.failure.code === code) return instead(error)
    throw error
  }
}

/** For a request that follows one which has taken effect: its failure leaves the whole half done. */
export async function afterEffect<Answer>(request: Promise<Answer>): Promise<Answer> {
  try {
    return await request
  } catch (error) {
    if (error instanceof AwsFault) throw new AwsFault({ ...error.failure, outcomeUnknown: true })
    throw error
  }
}

function withArnHint(failure: Failure): Failure {
  const hint =
    'AWS reads the last hyphen and six characters of an ARN as its suffix: give the whole ARN, or the name'
  return { ...failure, detail: failure.detail === undefined ? hint : `${failure.detail} ${hint}` }
}
