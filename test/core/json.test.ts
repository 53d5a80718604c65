import fc from 'fast-check'
import { JsonError, parseJson } from 'strongroom/testing'
import { describe, expect, it } from 'vitest'
import { documentOf } from '../../src/json.js'

function offsetOf(text: string): number {
  try {
    parseJson(text)
  } catch (error) {
    if (error instanceof JsonError) return error.byteOffset
    throw error
  }
  throw new Error('it is JSON')
}

describe('the one JSON parser', () => {
  it('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it.each([
    ['', 0],
    ['hunter2', 0],
    ['"hunter2" and more', 10],
    ['{"a": hunter2}', 6],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ['{"a":1 "b":2}', 7],
    ['{,}', 1],
    ['{1:2}', 1],
    ['[1,2', 4],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[', 1],
    ['[]]', 2],
    ['{"a":[1,{"b":tru}]}', 13],
    ['"é', 0],
    ['"é" x', 5],
    ['["é", x]', 7],
    ['01', 1],
    ['-', 0],
    ['1.', 1],
    ['"a\nb"', 0],
    ['"\\x"', 0],
    ['"\\u12"', 0],
    ['\u00a0{}', 0],
    ['nul', 0],
    ['{} {}', 3],
    ['{}}', 2],
    ['{"a":{}}}', 8],
    ['[[],', 4],
  ])('says of %j that it stops being JSON at byte %i', (text, offset) => {
    expect(offsetOf(text)).toBe(offset)
  })

  it('never quotes what it was given', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        const error = failureOf(text)
        fc.pre(error !== undefined)
        expect(error?.message).toBe(`not JSON at byte ${error?.byteOffset}`)
        expect(error?.byteOffset).toBeLessThanOrEqual(Buffer.byteLength(text))
        expect(error?.name).toBe('JsonError')
        expect(error).not.toHaveProperty('cause')
      }),
    )
  })

  it('points into a broken text at or before its break', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (value, cut) => {
        const text = JSON.stringify(value)
        const at = cut % text.length
        const broken = `${text.slice(0, at)}\u0001${text.slice(at)}`
        const error = failureOf(broken)
        expect(error?.byteOffset ?? -1).toBeGreaterThanOrEqual(0)
        expect(error?.byteOffset).toBeLessThanOrEqual(Buffer.byteLength(text.slice(0, at)))
      }),
    )
  })
})

function failureOf(text: string): JsonError | undefined {
  try {
    parseJson(text)
    return undefined
  } catch (error) {
    if (error instanceof JsonError) return error
    throw error
  }
}

describe('a document', () => {
  it.each(['{}', ' [1]\n', '\t{"a":1}', '\r\n[]'])('%j is one', (text) => {
    expect(documentOf(text)).toEqual(JSON.parse(text))
  })

  it.each(['', '1', 'true', '"a"', 'null', '{', '[1', 'x{}', '{} x'])('%j is none', (text) => {
    expect(documentOf(text)).toBeUndefined()
  })
})
