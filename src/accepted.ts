import { SecretError } from './errors.js'
import { checkFields, type Fields } from './fields.js'
import type { SecretName } from './operations.js'
import type { Secret } from './secret.js'
import type { AcceptedOptions, GetOptions } from './store.js'

export interface AcceptedParts {
  readonly get: (name: SecretName, options: GetOptions) => Promise<Secret<unknown>>
  readonly now: () => number
}

const fields: Fields<AcceptedOptions> = { overlapMs: true, maxAgeMs: true, signal: true, deadlineMs: true }

/** The current secret, and the previous one for as long as the current is younger than the overlap. */
export async function accepted(
  { get, now }: AcceptedParts,
  name: SecretName,
  options: AcceptedOptions,
): Promise<readonly Secret<unknown>[]> {
  checkFields('accepted', options, fields)
  const { overlapMs, ...rest } = options
  if (typeof overlapMs !== 'number' || !(overlapMs >= 0)) {
    throw new TypeError('accepted: overlapMs must be a number of milliseconds, 0 or more')
  }
  const current = await get(name, rest)
  if (now() - current.createdAt.getTime() >= overlapMs) return [current]
  const previous = await get(name, { ...rest, stage: 'previous' }).catch(undefinedIfUnusable)
  return previous === undefined || previous.version === current.version ? [current] : [current, previous]
}

/** There is none, or somebody has switched it off: then it must not be accepted. */
function undefinedIfUnusable(error: unknown): undefined {
  if (SecretError.is(error) && (error.code === 'NOT_FOUND' || error.code === 'DISABLED')) return undefined
  throw error
}
