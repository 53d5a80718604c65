import { inspect, isDeepStrictEqual } from 'node:util'
import { type ErrorCode, SecretError } from '../../errors.js'
import type { Tags } from '../../operations.js'
import type { Secret, SecretInput } from '../../secret.js'
import { SecretValue } from '../../secret.js'
import type { Harness } from './harness.js'

/** A broken sentence of the contract. Names what was expected; never shows a secret's value. */
export class ConformanceFailure extends Error {
  override readonly name = 'ConformanceFailure'
}

export function check(holds: boolean, problem: string): asserts holds {
  if (!holds) throw new ConformanceFailure(problem)
}

/** For what is no secret. */
export function same(actual: unknown, expected: unknown, what: string): void {
  check(
    isDeepStrictEqual(actual, expected),
    `${what}: expected ${inspect(expected)}, got ${inspect(actual, { depth: 4 })}`,
  )
}

/** The same members in any order. */
export function sameMembers(actual: readonly string[], expected: readonly string[], what: string): void {
  same([...actual].sort(), [...expected].sort(), what)
}

/** Byte for byte. */
export function holds(secret: Secret<unknown>, value: SecretInput, what = 'the value'): void {
  const expected = SecretValue.from(value)
  const actual = SecretValue.binary(secret.bytes())
  check(
    actual.equals(expected),
    `${what} is not what was put: ${actual.byteLength} bytes came back, ${expected.byteLength} were expected`,
  )
}

/** What a read says of tags: all that describe gives; or nothing at all, where they belong to the secret. */
export function sameTags(h: Harness, secret: Secret<unknown>, described: Tags): void {
  if (secret.tags === undefined) {
    check(h.capabilities.tagScope !== 'version', 'a read carries no tags, though they belong to the version')
  } else {
    same(secret.tags, described, 'the tags of the secret')
  }
}

/** The call rejects with a `SecretError` of that code, or of one of several. */
export async function rejects(
  call: () => unknown,
  codes: ErrorCode | readonly ErrorCode[],
): Promise<SecretError> {
  const wanted = typeof codes === 'string' ? [codes] : codes
  const { error } = await outcome(call)
  check(error !== undefined, `expected ${wanted.join(' or ')}, but the call succeeded`)
  check(
    SecretError.is(error),
    `expected ${wanted.join(' or ')}, got ${nameOf(error)}, which is no SecretError`,
  )
  check(wanted.includes(error.code), `expected ${wanted.join(' or ')}, got ${error.code}: ${error.message}`)
  return error
}

/** The call throws, or rejects with, a `TypeError` that names the field. */
export async function mistakes(call: () => unknown, field: string): Promise<void> {
  const { error } = await outcome(call)
  check(error instanceof TypeError, `expected a TypeError that names ${field}, got ${nameOf(error)}`)
  check(error.message.includes(field), `the TypeError does not name ${field}: ${error.message}`)
}

/** Nothing moves on the wire meanwhile. */
export async function quietly<T>(h: Harness, run: () => Promise<T>): Promise<T> {
  const before = h.requests()
  const result = await run()
  const moved = h.requests() - before
  check(moved === 0, `${moved} requests were sent; the call must be answered before the wire`)
  return result
}

/** The opposite of a case: the call is refused before the wire, and the message names the missing capability. */
export function refused(call: (h: Harness) => Promise<unknown>): (h: Harness) => Promise<void> {
  return async (h) => {
    const error = await quietly(h, () => rejects(() => call(h), 'UNSUPPORTED'))
    check(!error.retryable, 'UNSUPPORTED must not say that it may be retried')
    check(error.message.includes('capabilities.'), `the message names no capability: ${error.message}`)
  }
}

/** The same for a value or a name that the backend does not hold. */
export async function refusedAs(h: Harness, code: ErrorCode, call: () => unknown): Promise<SecretError> {
  return quietly(h, () => rejects(call, code))
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** How many calls succeeded, and the codes of those that did not. */
export async function race(calls: readonly Promise<unknown>[]): Promise<{ won: number[]; lost: string[] }> {
  const settled = await Promise.allSettled(calls)
  const won = settled.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []))
  const lost = settled.flatMap((result) => (result.status === 'rejected' ? [nameOf(result.reason)] : []))
  return { won, lost }
}

async function outcome(call: () => unknown): Promise<{ readonly error?: unknown }> {
  try {
    await call()
    return {}
  } catch (error) {
    return { error: error ?? new Error('nothing was thrown') }
  }
}

function nameOf(error: unknown): string {
  if (SecretError.is(error)) return error.code
  return error instanceof Error ? error.name : typeof error
}
