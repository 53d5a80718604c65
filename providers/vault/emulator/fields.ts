import { readDuration } from './durations.js'
import { badRequest, type VaultError } from './errors.js'
import type { Json, JsonObject } from './model.js'

/** Fields of a request, converted as the service converts them: `"3"` is a number, `1` is a text, `null` is absent. */
export interface Fields {
  has(name: string): boolean
  text(name: string): string | undefined
  int(name: string): number | undefined
  bool(name: string): boolean | undefined
  /** Milliseconds. */
  duration(name: string): number | undefined
  object(name: string): JsonObject | undefined
  /** A list, or one text with commas. */
  texts(name: string): readonly string[] | undefined
  /** A list, or one text as it is. */
  list(name: string): readonly string[] | undefined
  ints(name: string): readonly number[] | undefined
}

/** @param prefix stands before the text of each error: some endpoints have their fields checked ahead of them. */
export function fieldsOf(
  data: JsonObject,
  prefix: '' | 'Field validation failed: ' = 'Field validation failed: ',
): Fields {
  const value = (name: string): Json | undefined =>
    Object.hasOwn(data, name) ? (data[name] ?? undefined) : undefined
  const fail = (name: string, text: string): VaultError =>
    badRequest(`${prefix}error converting input for field "${name}": ${text}`)
  const field =
    <T>(read: (value: Json) => T | undefined, complain: (value: Json) => string) =>
    (name: string): T | undefined => {
      const given = value(name)
      if (given === undefined) return undefined
      const result = read(given)
      if (result === undefined) throw fail(name, complain(given))
      return result
    }
  return {
    has: (name) => value(name) !== undefined,
    text: field(textOf, (given) => unconvertible(given, 'string')),
    int: field(intOf, (given) =>
      typeof given === 'string'
        ? `'' cannot parse value as 'int': strconv.ParseInt: invalid syntax`
        : unconvertible(given, 'int'),
    ),
    bool: field(boolOf, (given) =>
      typeof given === 'string'
        ? `'' cannot parse value as 'bool': strconv.ParseBool: invalid syntax`
        : unconvertible(given, 'bool'),
    ),
    duration(name) {
      const ms = field(readDuration, (given) =>
        typeof given === 'string'
          ? `time: invalid duration ${JSON.stringify(given)}`
          : 'could not parse duration string from input',
      )(name)
      if (ms !== undefined && ms < 0)
        throw fail(name, `cannot provide negative value '${Math.trunc(ms / 1_000)}'`)
      return ms
    },
    object: field(objectOf, (given) =>
      Array.isArray(given)
        ? `'[0]' expected type 'map[string]interface {}', got unconvertible type '${goType(given[0] ?? null)}'`
        : unconvertible(given, 'map[string]interface {}'),
    ),
    texts: field(textsOf, (given) => unconvertible(given, 'string')),
    list: field(listOf, (given) => unconvertible(given, 'string')),
    ints: field(
      intsOf,
      () =>
        `decoding failed due to the following error(s):\n\n'[0]' cannot parse value as 'int': strconv.ParseInt: invalid syntax`,
    ),
  }
}

export function objectOf(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}

export function textOf(value: Json): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  return typeof value === 'boolean' ? (value ? '1' : '0') : undefined
}

export function intOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'string') return undefined
  if (value === '') return 0
  return /^[+-]?\d+$/.test(value) ? Number(value) : undefined
}

export function boolOf(value: Json | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  if (typeof value !== 'string') return undefined
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true
  return /^(0|f|F|FALSE|false|False|)$/.test(value) ? false : undefined
}

function listOf(value: Json): readonly string[] | undefined {
  const texts = (Array.isArray(value) ? value : [value]).map(textOf)
  return texts.every((text) => text !== undefined) ? texts : undefined
}

function textsOf(value: Json): readonly string[] | undefined {
  if (typeof value === 'string') return value === '' ? [] : value.split(',').map((text) => text.trim())
  if (!Array.isArray(value)) return undefined
  const texts = value.map(textOf)
  return texts.every((text) => text !== undefined) ? texts : undefined
}

function intsOf(value: Json): readonly number[] | undefined {
  const list = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [value]
  const numbers = list.map(intOf)
  return numbers.every((number) => number !== undefined) ? numbers : undefined
}

function unconvertible(value: Json, type: string): string {
  return `'' expected type '${type}', got unconvertible type '${goType(value)}'`
}

export function goType(value: Json): string {
  if (value === null) return 'nil'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'json.Number'
  if (typeof value === 'string') return 'string'
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'
}
