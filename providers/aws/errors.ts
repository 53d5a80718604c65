import { type Failure, Fault, SecretError } from 'strongroom/provider'
import { classifySdkError, serviceFailure } from './error-codes.js'
import { looksWhole } from './names.js'

/** What the SDK threw, as a fault. Errors that are ours already pass through. */
export function faultOf(error: unknown, id?: string): Fault | SecretError {
  if (SecretError.is(error) || error instanceof Fault) return error
  const failure = classifySdkError(error)
  const isTrap = ['NOT_FOUND', 'PERMISSION_DENIED'].includes(failure.code)
  return new Fault(isTrap && id !== undefined && looksWhole(id) ? withArnHint(failure) : failure)
}

/** For `defineProvider`. */
export function classify(error: unknown): Failure {
  return error instanceof Fault ? error.failure : classifySdkError(error)
}

/** The error of one item of an answer that is itself a success. */
export function faultOfItem(code: string, message: string): Fault {
  return new Fault(serviceFailure(code, message, undefined))
}

function withArnHint(failure: Failure): Failure {
  const hint =
    'AWS reads the last hyphen and six characters of an ARN as its suffix: give the whole ARN, or the name'
  return { ...failure, detail: failure.detail === undefined ? hint : `${failure.detail} ${hint}` }
}
