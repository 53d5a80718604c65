import { SecretError } from './errors.js'
import { checkFields, type Fields } from './fields.js'
import type { SecretInfo, SecretName } from './operations.js'
import type { Secret } from './secret.js'
import type { AcceptedOptions, CallOptions, GetOptions } from './store.js'

export interface AcceptedParts {
  readonly get: (name: SecretName, options: GetOptions) => Promise<Secret<unknown>>
  readonly describe: (name: SecretName, options: CallOptions) => Promise<SecretInfo>
  readonly now: () => number
}

const fields: Fields<AcceptedOptions> = { overlapMs: true, maxAgeMs: true, signal: true, deadlineMs: true }

/** The current secret, and the previous one for as long as the current is younger than the overlap. */
export async function accepted(
  parts: AcceptedParts,
  name: SecretName,
  options: AcceptedOptions,
): Promise<readonly Secret<unknown>[]> {
  checkFields('accepted', options, fields)
  const { overlapMs, ...rest } = options
  const { get, now } = parts
  if (typeof overlapMs !== 'number' || !(overlapMs >= 0)) {
    throw new TypeError('accepted: overlapMs must be a number of milliseconds, 0 or more')
  }
  const current = await get(name, rest)
  const createdAt = current.createdAt ?? (await creationOf(current, parts, name, options))
  if (now() - createdAt.getTime() >= overlapMs) return [current]
  const previous = await get(name, { ...rest, stage: 'previous' }).catch(undefinedIfUnusable)
  return previous === undefined || previous.version === current.version ? [current] : [current, previous]
}

/** Of a backend whose reads do not carry it. A version that is no longer current was made a moment ago, for all we know. */
async function creationOf(
  { version }: Secret<unknown>,
  { describe, now }: AcceptedParts,
  name: SecretName,
  { signal, deadlineMs }: AcceptedOptions,
): Promise<Date> {
  const { current } = await describe(name, { signal, deadlineMs })
  return current?.version === version ? current.createdAt : new Date(now())
}

/** There is none, or somebody has switched it off: then it must not be accepted. */
function undefinedIfUnusable(error: unknown): undefined {
  if (SecretError.is(error) && (error.code === 'NOT_FOUND' || error.code === 'DISABLED')) return undefined
  throw error
}
