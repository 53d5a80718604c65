import { SecretError } from '../errors.js'
import { checkName, fold, systemName, systemRoot, textOf } from '../names.js'
import type { Namespace, SecretName } from '../operations.js'
import type { SecretProvider, Target } from '../provider.js'

export interface ResolvedName extends Target {
  /** The name as the user gave it, for messages and answers. */
  readonly shown: string
}

/**
 * From a user's name to the backend's.
 *
 * @throws {SecretError} `INVALID_NAME` for a name that breaks a rule of all backends or of this one.
 */
export function resolveName(
  provider: SecretProvider,
  name: SecretName,
  namespace: Namespace = 'user',
): ResolvedName {
  const codec = provider.names
  const shown = textOf(name)
  if (shown === undefined) throw new TypeError('name must be a string or { id: string }')
  if (typeof name === 'string') checkName(name)
  else checkId(shown)

  const full = (namespace === 'system' ? systemRoot : codec.prefix) + shown
  const ref = typeof name === 'string' ? codec.encode(full) : shown
  const canonical = fold(typeof name === 'string' ? ref : codec.refOfId(shown), codec.foldsCase)
  if (typeof name === 'string') checkSpelling(provider, shown, ref)
  if (namespace === 'user' && isSystem(provider, canonical)) {
    throw invalid(shown, `names under ${systemRoot} belong to workflows; choose another name`)
  }
  return { shown, ref, canonical }
}

/** The spelling at which the record of a canonical name lives, where it is a sibling. */
export function recordRefOf({ names, limits }: SecretProvider, canonical: string): string {
  return names.encode(systemName('record', canonical, names, limits.maxNameLength))
}

/** Whether a spelling lies in the system namespace. */
export function isSystem(provider: SecretProvider, ref: string): boolean {
  const { systemRef, foldsCase } = provider.names
  return fold(ref, foldsCase).startsWith(systemRef)
}

function checkId(id: string): void {
  if (id === '' || /\p{Cc}/u.test(id)) {
    throw invalid(id, 'an { id } is an identifier of the backend: not empty, without control characters')
  }
}

function checkSpelling(provider: SecretProvider, shown: string, ref: string): void {
  const { maxNameLength, namePattern } = provider.limits
  if (ref.length > maxNameLength) {
    throw invalid(
      shown,
      `the name takes ${ref.length} characters on ${provider.name}, prefix and escapes included; the limit is ${maxNameLength}`,
    )
  }
  if (!namePattern.test(ref)) {
    throw invalid(
      shown,
      `${provider.name} cannot hold ${JSON.stringify(ref)}: names must match ${namePattern.source}`,
    )
  }
}

function invalid(secret: string, message: string): SecretError {
  return new SecretError({ code: 'INVALID_NAME', message, secret })
}
