import { JsonError, parseJson } from 'strongroom/testing'
import { invalidProperty } from './errors.js'

/** The body of a set or an update, checked. `null` and absent are the same. */
export interface SecretParameters {
  readonly value?: string
  readonly contentType?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly enabled?: boolean
  /** Seconds since the epoch; the service sets no bound. */
  readonly nbf?: number
  readonly exp?: number
}

const maxValueBytes = 25_600
const maxContentTypeLength = 255
const maxTags = 15
const maxTagLength = 256

/** @throws {AzureError} `BadParameter` for a body that is none, or breaks a rule. */
export function readParameters(body: Buffer): SecretParameters {
  const { value, contentType, tags, attributes } = readBody(body)
  const { enabled, nbf, exp } = objectOf(attributes ?? {})
  return {
    ...member('value', value, (text) => isText(text) && Buffer.byteLength(text) <= maxValueBytes),
    ...member('contentType', contentType, (text) => isText(text) && text.length <= maxContentTypeLength),
    ...member('tags', tags, areTags),
    ...member('enabled', enabled, (flag) => typeof flag === 'boolean'),
    ...member('nbf', nbf, Number.isSafeInteger),
    ...member('exp', exp, Number.isSafeInteger),
  }
}

/** @throws {AzureError} `BadParameter` for a body that is no JSON object. */
export function readBody(body: Buffer): Readonly<Record<string, unknown>> {
  return objectOf(parse(body))
}

function parse(body: Buffer): unknown {
  try {
    return parseJson(body.toString('utf8'))
  } catch (error) {
    if (error instanceof JsonError) throw invalidProperty()
    throw error
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidProperty()
  return value as Record<string, unknown>
}

function member(name: keyof SecretParameters, value: unknown, isValid: (value: unknown) => boolean): object {
  if (value === undefined || value === null) return {}
  if (!isValid(value)) throw invalidProperty()
  return { [name]: value }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function areTags(tags: unknown): boolean {
  const entries = Object.entries(objectOf(tags))
  return (
    entries.length <= maxTags &&
    entries.every(
      ([key, value]) => isText(value) && key.length <= maxTagLength && value.length <= maxTagLength,
    )
  )
}
