import { randomUUID } from 'node:crypto'
import type { EmulatorReply } from 'strongroom/testing'
import type { VaultError } from './errors.js'
import type { Answer, JsonObject } from './model.js'

const headers = { 'cache-control': 'no-store', 'content-type': 'application/json' }

export function jsonReply(status: number, body: JsonObject): EmulatorReply {
  return { status, headers, body: JSON.stringify(body) }
}

/** Everything in its envelope. @param flat whether the fields of `data` also stand beside it, as some old paths have it. */
export function answerReply(answer: Answer | undefined, flat: boolean): EmulatorReply {
  if (answer === undefined) return { status: 204, headers }
  const { status = 200, raw, isEmpty = false } = answer
  return isEmpty ? { status, headers } : jsonReply(status, raw ?? envelopeOf(answer, flat))
}

export function envelopeOf(
  { data = null, auth, warnings, leaseDuration = 0, envelope }: Answer,
  flat = false,
): JsonObject {
  if (envelope !== undefined) return { ...envelope, request_id: randomUUID() }
  return {
    ...(flat ? data : {}),
    request_id: randomUUID(),
    lease_id: '',
    renewable: false,
    lease_duration: leaseDuration,
    data,
    wrap_info: null,
    warnings: warnings === undefined || warnings.length === 0 ? null : warnings,
    auth: auth ?? null,
  }
}

export function errorReply({ status, errors, headers: more }: VaultError): EmulatorReply {
  return { status, headers: { ...headers, ...more }, body: `${JSON.stringify({ errors })}\n` }
}
