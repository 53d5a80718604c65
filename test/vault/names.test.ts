import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from '../../providers/vault/limits.js'
import { apiPath, vaultNames } from '../../providers/vault/names.js'

const codec = vaultNames(undefined, undefined)
const pieces = fc.constantFrom(
  'a',
  'B',
  '.',
  '..',
  '-',
  '-x',
  '-x2e-',
  '-x2d-',
  'x2e',
  '/',
  ' ',
  'é',
  '🔑',
  '\u202e',
  '\u00a0',
  '%2F',
  '_',
)
const names = fc.oneof(
  fc.array(pieces, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', minLength: 1 }),
)

describe('names', () => {
  it('come back from their spelling, which the server holds', () => {
    fc.assert(
      fc.property(names, (name) => {
        const ref = codec.encode(name)
        expect(codec.decode(ref)).toBe(name)
        expect(ref).toMatch(limits.namePattern)
        expect(ref.endsWith('.')).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  it('no two meet', () => {
    fc.assert(
      fc.property(names, names, (one, other) => {
        expect(codec.encode(one) === codec.encode(other)).toBe(one === other)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['prod/db', 'prod/db'],
    ['dot.in.the/mid.dle', 'dot.in.the/mid.dle'],
    ['a.', 'a-x2e-'],
    ['a...', 'a..-x2e-'],
    ['a-x2e-', 'a-x2d-x2e-'],
    ['a\u00a0b', 'a-xc2a0-b'],
    ['ключ 🔑', 'ключ 🔑'],
  ])('%s is %s', (name, ref) => expect(codec.encode(name)).toBe(ref))

  it('a path keeps every name in its place', () => {
    fc.assert(
      fc.property(names, (name) => {
        const ref = codec.encode(name)
        const isPath = ref.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
        if (!isPath) {
          expect(() => apiPath('secret', 'data', ref)).toThrow(
            expect.objectContaining({ code: 'INVALID_NAME' }),
          )
          return
        }
        const path = apiPath('secret', 'data', ref)
        const url = new URL(`https://vault.example.com/v1${path}`)
        expect(url.pathname).toBe(`/v1${path}`)
        expect(decodeURIComponent(path)).toBe(`/secret/data/${ref}`)
      }),
    )
  })
})
