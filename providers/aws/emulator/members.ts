import { AwsError } from './errors.js'

/**
 * A member of a request: reads a JSON value, and notes every rule of the service's model that it breaks. `null` and
 * absent are the same.
 */
export interface Member<T, Required extends boolean = false> {
  readonly isRequired: Required
  read(value: unknown, path: string, problems: string[]): T
}

// biome-ignore lint/suspicious/noExplicitAny: a table of members of all types
export type Members = Readonly<Record<string, Member<any, boolean>>>

type Value<M> = M extends Member<infer T, boolean> ? T : never
export type Input<S extends Members> = {
  readonly [K in keyof S as S[K] extends Member<unknown, true> ? K : never]: Value<S[K]>
} & { readonly [K in keyof S as S[K] extends Member<unknown, true> ? never : K]?: Value<S[K]> }

export interface TextRules {
  readonly min?: number
  readonly max?: number
  readonly pattern?: RegExp
  readonly oneOf?: readonly string[]
  /** Never shown in an error. Default false. */
  readonly isSensitive?: boolean
}

/** The model counts characters; the value of a secret is measured in bytes of UTF-8. */
export function text(rules: TextRules = {}): Member<string> {
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern, oneOf, isSensitive = false } = rules
  return member((value, path, problems) => {
    if (typeof value !== 'string') throw notSerializable()
    const broken = brokenRule(isSensitive ? Buffer.byteLength(value) : value.length, min, max, 'length')
    const shown = isSensitive ? 'Value' : `Value '${value}'`
    if (broken !== undefined) problems.push(problem(shown, path, broken))
    else if (oneOf !== undefined && !oneOf.includes(value)) {
      problems.push(problem(shown, path, `Member must satisfy enum value set: [${oneOf.join(', ')}]`))
    } else if (pattern !== undefined && !pattern.test(value)) {
      problems.push(problem(shown, path, `Member must satisfy regular expression pattern: ${pattern.source}`))
    }
    return value
  })
}

/** Base64 on the wire; what is read is the same bytes in the one canonical base64. Always sensitive. */
export function blob(min: number, max: number): Member<string> {
  return member((value, path, problems) => {
    if (typeof value !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) throw notSerializable()
    const bytes = Buffer.from(value, 'base64')
    const broken = brokenRule(bytes.length, min, max, 'length')
    if (broken !== undefined) problems.push(problem('Value', path, broken))
    return bytes.toString('base64')
  })
}

export function flag(): Member<boolean> {
  return member((value) => {
    if (typeof value !== 'boolean') throw notSerializable()
    return value
  })
}

export function integer(
  min: number = Number.NEGATIVE_INFINITY,
  max: number = Number.POSITIVE_INFINITY,
): Member<number> {
  return member((value, path, problems) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) throw notSerializable()
    const broken = brokenRule(value, min, max, 'value')
    if (broken !== undefined) problems.push(problem(`Value '${value}'`, path, broken))
    return value
  })
}

export function list<T>(
  item: Member<T>,
  min = 0,
  max: number = Number.POSITIVE_INFINITY,
): Member<readonly T[]> {
  return member((value, path, problems) => {
    if (!Array.isArray(value)) throw notSerializable()
    const broken = brokenRule(value.length, min, max, 'length')
    if (broken !== undefined) problems.push(problem('Value', path, broken))
    return value.map((entry, index) => item.read(entry, `${path}.${index + 1}.member`, problems))
  })
}

export function structure<S extends Members>(members: S): Member<Input<S>> {
  return member((value, path, problems) => readMembers(members, value, `${path}.`, problems))
}

export function required<T>(inner: Member<T>): Member<T, true> {
  return { ...inner, isRequired: true }
}

/**
 * Reads the body of a request.
 *
 * @throws {AwsError} `SerializationException` for a value of the wrong type, `ValidationException` that lists every
 * broken rule of the model.
 */
export function readInput<S extends Members>(members: S, body: unknown): Input<S> {
  const problems: string[] = []
  const input = readMembers(members, body, '', problems)
  if (problems.length > 0) {
    const count = `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: `
    throw new AwsError('ValidationException', count + problems.join('; '))
  }
  return input
}

function readMembers<S extends Members>(
  members: S,
  body: unknown,
  prefix: string,
  problems: string[],
): Input<S> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw notSerializable()
  const input: Record<string, unknown> = {}
  for (const [name, { isRequired, read }] of Object.entries(members)) {
    const value = Object.hasOwn(body, name) ? (body as Record<string, unknown>)[name] : undefined
    const path = prefix + name.charAt(0).toLowerCase() + name.slice(1)
    if (value !== undefined && value !== null) input[name] = read(value, path, problems)
    else if (isRequired) problems.push(problem('Value null', path, 'Member must not be null'))
  }
  return input as Input<S>
}

function member<T>(read: Member<T>['read']): Member<T> {
  return { isRequired: false, read }
}

function problem(shown: string, path: string, rule: string): string {
  return `${shown} at '${path}' failed to satisfy constraint: ${rule}`
}

function brokenRule(size: number, min: number, max: number, measure: 'length' | 'value'): string | undefined {
  if (size < min) return `Member must have ${measure} greater than or equal to ${min}`
  if (size > max) return `Member must have ${measure} less than or equal to ${max}`
  return undefined
}

const notSerializable = (): AwsError => new AwsError('SerializationException')
