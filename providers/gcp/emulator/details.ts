import type { GcpError } from './errors.js'
import type { Any, Status } from './messages.js'
import { badRequest, errorInfo, retryInfo, status } from './types.js'
import { encode } from './wire.js'

const typeUrl = (name: string): string => `type.googleapis.com/google.rpc.${name}`

/** The details of an error as JSON has them. */
export function detailsAsJson({ details }: GcpError): readonly object[] {
  const { reason, violations, retryAfterMs } = details
  return [
    ...(reason === undefined ? [] : [{ '@type': typeUrl('ErrorInfo'), ...reason }]),
    ...(violations === undefined ? [] : [{ '@type': typeUrl('BadRequest'), fieldViolations: violations }]),
    ...(retryAfterMs === undefined
      ? []
      : [{ '@type': typeUrl('RetryInfo'), retryDelay: `${retryAfterMs / 1_000}s` }]),
  ]
}

/** `google.rpc.Status`, for a trailer; `undefined` where there is no more to say than code and text. */
export function statusBytes({ number, message, details }: GcpError): Buffer | undefined {
  const { reason, violations, retryAfterMs } = details
  const all: Any[] = []
  if (reason !== undefined) all.push({ typeUrl: typeUrl('ErrorInfo'), value: encode(errorInfo, reason) })
  if (violations !== undefined) {
    all.push({ typeUrl: typeUrl('BadRequest'), value: encode(badRequest, { fieldViolations: violations }) })
  }
  if (retryAfterMs !== undefined) {
    all.push({ typeUrl: typeUrl('RetryInfo'), value: encode(retryInfo, { retryDelay: retryAfterMs }) })
  }
  if (all.length === 0) return undefined
  const document: Status = { code: number, message, details: all }
  return encode(status, document)
}
