import { type JsonObject, type JsonValue, parseJson, refusal, SecretValue } from 'strongroom/provider'
import { isObject } from './answer.js'
import { hasPlainNumbers, inOrder, isPlainJson, orderOf } from './json-text.js'
import { markerKey } from './options.js'

/**
 * What a version holds: a map.
 *
 * - A text sits under one key, `value`.
 * - A JSON object is the map, so that `vault kv get` shows its fields; where its keys are in another order than the
 *   server's, or it could be taken for a text, the key `strongroom` says so: `object`, and the order.
 * - Bytes are base64 under `value`, beside `strongroom: binary`.
 * - All other JSON, and an object that a server of parsed JSON would change, is its text under `value`, beside
 *   `strongroom: json`.
 */
export function encodeValue(value: SecretValue, valueKey: string): JsonObject {
  if (value.kind === 'text') return { [valueKey]: value.text() }
  if (value.kind === 'binary') return { [valueKey]: base64(value), [markerKey]: 'binary' }
  const text = value.text()
  const object = mapOf(text)
  if (object === undefined) return { [valueKey]: text, [markerKey]: 'json' }
  const order = orderOf(object)
  if (order !== 0) return { ...object, [markerKey]: `object ${JSON.stringify(order)}` }
  return isTextMap(object, valueKey) ? { ...object, [markerKey]: 'object' } : object
}

/**
 * @param text the map to the character, where it is known: numbers that JavaScript cannot hold are kept by it.
 * @throws `INVALID_VALUE` for a map whose marker promises something else than it holds.
 */
export function decodeValue(data: JsonObject, text: string | undefined, valueKey: string): SecretValue {
  const { [markerKey]: marker, ...rest } = data
  const held = rest[valueKey]
  if (marker === 'binary' && typeof held === 'string') return decodeBinary(held)
  if (marker === 'json' && typeof held === 'string') return SecretValue.jsonText(held)
  if (marker === 'binary' || marker === 'json')
    throw contradiction(`no text under ${JSON.stringify(valueKey)}`)
  if (marker === 'object') return SecretValue.jsonText(JSON.stringify(rest))
  const order = typeof marker === 'string' ? /^object (.+)$/s.exec(marker)?.[1] : undefined
  if (order !== undefined) return SecretValue.jsonText(JSON.stringify(inOrder(rest, orderIn(order))))
  if (isTextMap(data, valueKey)) return SecretValue.text(held as string)
  const isKept = text === undefined || hasPlainNumbers(text)
  return SecretValue.jsonText(isKept ? JSON.stringify(data) : text)
}

/** The object that a JSON text is, where a map keeps it. */
function mapOf(text: string): JsonObject | undefined {
  const value = parsed(text)
  if (!isObject(value) || Object.hasOwn(value, markerKey)) return undefined
  return isPlainJson(text) ? value : undefined
}

/** What calls itself JSON and is not is kept as it is, and said to be so by whoever reads it. */
function parsed(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof Error && error.name === 'JsonError') return undefined
    throw error
  }
}

function isTextMap(data: JsonObject, valueKey: string): boolean {
  return Object.keys(data).length === 1 && typeof data[valueKey] === 'string'
}

function base64(value: SecretValue): string {
  return Buffer.from(value.bytes()).toString('base64')
}

function decodeBinary(text: string): SecretValue {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw contradiction('something else than base64')
  return SecretValue.binary(bytes)
}

/** Written by hand it may be anything; then the server's order stands. */
function orderIn(text: string): unknown {
  return parsed(text) ?? 0
}

function contradiction(what: string): Error {
  return refusal(
    'INVALID_VALUE',
    `the key ${markerKey} says what the value is, and there is ${what}; correct one of them`,
  )
}
