import { Fault, SecretError } from 'strongroom/provider'
import { failureOf } from './facts.js'

/** What the client threw, as a fault. Errors that are ours already pass through. */
export function faultOf(error: unknown): Fault | SecretError {
  if (SecretError.is(error) || error instanceof Fault) return error
  // The client wraps, in newer versions, what our half of REST has thrown.
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Fault ? cause : new Fault(failureOf(error))
}

/** Whether an etag was not the one that is there. */
export function isStale(error: unknown): error is Fault {
  return error instanceof Fault && error.failure.status === 400 && error.failure.code === 'UNKNOWN'
}
