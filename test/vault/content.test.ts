import fc from 'fast-check'
import { type JsonObject, type JsonValue, parseJson, SecretValue } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { decodeValue, encodeValue } from '../../providers/vault/content.js'
import { memberText } from '../../providers/vault/json-text.js'

/** A server of parsed JSON: keys sorted by bytes, `<`, `>` and `&` escaped, lone surrogates replaced. */
function server(data: JsonObject): string {
  return write(parseJson(JSON.stringify(data)))
}

function write(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (typeof value !== 'object' || value === null) {
    const kept = typeof value === 'string' ? value.toWellFormed() : value
    return JSON.stringify(kept).replaceAll(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)
  }
  const keys = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return `{${keys.map((key) => `${write(key)}:${write((value as JsonObject)[key] ?? null)}`).join(',')}}`
}

function roundTrip(value: SecretValue, valueKey = 'value'): SecretValue {
  const text = server(encodeValue(value, valueKey))
  return decodeValue(parseJson(text) as JsonObject, text, valueKey)
}

function comesBack(value: SecretValue, valueKey?: string): void {
  const back = roundTrip(value, valueKey)
  expect(back.kind).toBe(value.kind)
  expect(Buffer.from(back.bytes()).equals(Buffer.from(value.bytes()))).toBe(true)
}

const keys = fc.oneof(
  fc.constantFrom('value', 'strongroom', '__proto__', 'constructor', '10', '2', 'ключ', 'user', ''),
  fc.string(),
)
const json = fc.jsonValue({ maxDepth: 3 })
const objects = fc.dictionary(keys, json)

describe('what is put comes back, byte for byte and kind for kind', () => {
  it('any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => comesBack(SecretValue.text(text))))
  })

  it('any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => comesBack(SecretValue.binary(bytes))))
  })

  it('any JSON value', () => {
    fc.assert(
      fc.property(fc.oneof(json, objects), (value) => comesBack(SecretValue.jsonText(JSON.stringify(value)))),
    )
  })

  it('any JSON value, under another key', () => {
    fc.assert(fc.property(objects, (value) => comesBack(SecretValue.jsonText(JSON.stringify(value)), 'user')))
  })

  it.each([
    '{ "b": 1.0, "a": "x" }',
    '{"n":12345678901234567890}',
    '{"n":1e400}',
    '{"a":1,"a":2}',
    '{"value":"x"}',
    '{"value":"x","strongroom":"binary"}',
    '{"strongroom":"object"}',
    '{"a":"\\ud800"}',
    '{"a":"\\u0041"}',
    '{"b":1,"1":2}',
    '{}',
    '[1,2]',
    'null',
    '"text"',
    'no JSON at all',
  ])('the JSON text %s', (text) => comesBack(SecretValue.jsonText(text)))
})

describe('how it stands in the map', () => {
  it.each([
    [SecretValue.text('x'), { value: 'x' }],
    [SecretValue.text('{"a":1}'), { value: '{"a":1}' }],
    [SecretValue.binary(Uint8Array.of(0, 255)), { value: 'AP8=', strongroom: 'binary' }],
    [SecretValue.from({ password: 'x', user: 'app' }), { password: 'x', user: 'app' }],
    [
      SecretValue.from({ user: 'app', password: 'x' }),
      { user: 'app', password: 'x', strongroom: 'object {"user":0,"password":0}' },
    ],
    [SecretValue.from({ value: 'x' }), { value: 'x', strongroom: 'object' }],
    [SecretValue.from({ value: 1 }), { value: 1 }],
    [SecretValue.from([1, 2]), { value: '[1,2]', strongroom: 'json' }],
    [SecretValue.from(12.5), { value: '12.5', strongroom: 'json' }],
    [SecretValue.jsonText('{"n":1.0}'), { value: '{"n":1.0}', strongroom: 'json' }],
    [
      SecretValue.from({ a: [{ b: 1, a: 2 }] }),
      { a: [{ b: 1, a: 2 }], strongroom: 'object {"a":[{"b":0,"a":0}]}' },
    ],
  ])('%# is readable by everybody', (value, data) => {
    expect(encodeValue(value, 'value')).toEqual(data)
  })
})

describe('what others have put', () => {
  const decode = (text: string): SecretValue => decodeValue(parseJson(text) as JsonObject, text, 'value')

  it.each([
    ['{"value":"x"}', 'text', 'x'],
    ['{"password":"x"}', 'json', '{"password":"x"}'],
    ['{"value":1}', 'json', '{"value":1}'],
    ['{"a":"\\u003ca\\u003e"}', 'json', '{"a":"<a>"}'],
    ['{"n":12345678901234567890}', 'json', '{"n":12345678901234567890}'],
    ['{"n":1.0,"s":"1.0"}', 'json', '{"n":1.0,"s":"1.0"}'],
    ['{}', 'json', '{}'],
    ['{"value":"x","strongroom":"something else"}', 'json', '{"value":"x","strongroom":"something else"}'],
    ['{"a":1,"b":2,"strongroom":"object {\\"b\\":0,\\"gone\\":0}"}', 'json', '{"b":2,"a":1}'],
    ['{"a":1,"strongroom":"object nonsense"}', 'json', '{"a":1}'],
  ])('%s is %s', (stored, kind, text) => {
    const value = decode(stored)
    expect([value.kind, value.text()]).toEqual([kind, text])
  })

  it.each([
    '{"value":"no base64!","strongroom":"binary"}',
    '{"strongroom":"binary"}',
    '{"value":1,"strongroom":"json"}',
  ])('%s contradicts itself: INVALID_VALUE', (stored) => {
    expect(() => decode(stored)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }))
  })
})

describe('memberText', () => {
  it('gives any member of any document to the character', () => {
    fc.assert(
      fc.property(objects, fc.constantFrom('', ' ', '\n\t'), (value, space) => {
        const inner = JSON.stringify(value, null, space)
        const document = `{"request_id":"data","x":{"data":[1,{"data":2}]},"data":{"metadata":{"data":0},"data":${inner},"z":1}}`
        expect(memberText(document, 'data', 'data')).toBe(inner)
      }),
    )
  })

  it('gives nothing for what is not there', () => {
    expect(memberText('{"a":{"data":1},"b":"data"}', 'data')).toBeUndefined()
    expect(memberText('', 'data')).toBe('')
  })
})
