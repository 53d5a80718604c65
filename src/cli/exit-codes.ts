import type { ErrorCode } from '../errors.js'

type ExitName =
  | 'done'
  | 'failed'
  | 'usage'
  | 'notFound'
  | 'denied'
  | 'conflict'
  | 'unavailable'
  | 'found'
  | 'SIGINT'
  | 'SIGTERM'

/** What the command's exit says; the same for every subcommand, and part of the public interface. */
export const exitCodes: { readonly [N in ExitName]: number } = Object.freeze({
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  conflict: 5,
  unavailable: 6,
  /** Something was found: for `diff`, `drift` and `scan`. */
  found: 7,
  /** Interrupted, safe to resume. */
  SIGINT: 130,
  SIGTERM: 143,
})

export const exitCodeOf: { readonly [C in ErrorCode]: number } = Object.freeze({
  NOT_FOUND: exitCodes.notFound,
  PERMISSION_DENIED: exitCodes.denied,
  UNAUTHENTICATED: exitCodes.denied,
  ALREADY_EXISTS: exitCodes.conflict,
  CONFLICT: exitCodes.conflict,
  DISABLED: exitCodes.conflict,
  PENDING_DELETION: exitCodes.conflict,
  RATE_LIMITED: exitCodes.unavailable,
  TIMEOUT: exitCodes.unavailable,
  UNAVAILABLE: exitCodes.unavailable,
  INVALID_NAME: exitCodes.usage,
  CONFIG_INVALID: exitCodes.usage,
  ABORTED: exitCodes.SIGINT,
  INVALID_VALUE: exitCodes.failed,
  TOO_LARGE: exitCodes.failed,
  UNSUPPORTED: exitCodes.failed,
  CLOSED: exitCodes.failed,
  UNKNOWN: exitCodes.failed,
})
