import fc from 'fast-check'
import { SecretValue } from 'strongroom'
import { describe, expect, it } from 'vitest'
import { formsOf, mentions, scrub } from '../../src/boundary/redact.js'

const odd = 'hunter2-"ü\\/+~???>>>?>\n'
const bytes = Buffer.from(odd)

/** What services and their proxies make of a value that they echo. */
const echoes: Readonly<Record<string, string>> = {
  raw: odd,
  trimmed: odd.trim(),
  'JSON-escaped': JSON.stringify(odd).slice(1, -1),
  'URI-encoded': encodeURIComponent(odd),
  'URI-encoded where it divides': 'hunter2-"ü\\%2F%2B~%3F%3F%3F>>>%3F>\n',
  hex: bytes.toString('hex'),
  'upper-case hex': bytes.toString('hex').toUpperCase(),
  'bytes in decimal': bytes.join(','),
  'bytes in decimal with spaces': bytes.join(', '),
  base64: bytes.toString('base64').replace(/=+$/, ''),
  base64url: bytes.toString('base64url'),
}

describe('the one redactor', () => {
  it.each(Object.entries(echoes))('takes a value out of a text in its form %s', (_, echo) => {
    const text = `before ${echo} after ${echo}`
    expect(scrub(text, [SecretValue.text(odd)])).toBe('before [redacted] after [redacted]')
  })

  it.each([0, 1, 2, 3, 4])('takes a value out of base64 that has %i bytes before it', (before) => {
    const padded = Buffer.concat([Buffer.alloc(before, 'p'), bytes, Buffer.from('after')]).toString('base64')
    const clean = scrub(padded, [SecretValue.text(odd)]) ?? ''
    expect(clean).toContain('[redacted]')
    expect(Buffer.from(clean.replace('[redacted]', ''), 'base64').toString()).not.toContain('unter')
  })

  it('knows bytes that are no text', () => {
    const value = SecretValue.binary(Uint8Array.from({ length: 12 }, (_, index) => 255 - index))
    expect(scrub(`x ${Buffer.from(value.bytes()).toString('base64')}`, [value])).toBe('x [redacted]')
    expect(formsOf(value)).toHaveLength(10)
    expect(formsOf(SecretValue.text('a value of some length'))).toHaveLength(15)
  })

  it('takes the longer value first, where one holds the other', () => {
    const [short, long] = ['hunter2-2', 'hunter2-2-and-more'].map(SecretValue.text) as [
      SecretValue,
      SecretValue,
    ]
    expect(scrub('the hunter2-2-and-more', [short, long])).toBe('the [redacted]')
  })

  it('drops a text whole beside a value too short to look for', () => {
    expect(scrub('the pin 1234567', [SecretValue.text('1234567')])).toBeUndefined()
    expect(scrub('the pin 12345678', [SecretValue.text('12345678')])).toBe('the pin [redacted]')
    expect(scrub('nothing', [SecretValue.text('')])).toBe('nothing')
    expect(scrub('nothing', [])).toBe('nothing')
  })

  it('cuts at 300 characters', () => {
    expect(scrub('a'.repeat(300), [])).toBe('a'.repeat(300))
    expect(scrub('a'.repeat(301), [])).toBe(`${'a'.repeat(300)}…`)
    expect(scrub(`${'a'.repeat(295)}hunter2-2`, [SecretValue.text('hunter2-2')])).toBe(
      `${'a'.repeat(295)}[reda…`,
    )
  })

  it('leaves no value in any text, wherever it stands', () => {
    const texts = fc.string({ maxLength: 20 })
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 30 }), texts, texts, (value, before, after) => {
        fc.pre(value.trim().length >= 8 && !'[redacted]'.includes(value.trim()) && !before.includes(value))
        const clean = scrub(`${before}${value}${after}`, [SecretValue.text(value)]) ?? ''
        expect(clean).not.toContain(value)
      }),
    )
  })
})

describe('a text mentions a value', () => {
  it.each(Object.entries(echoes))('in its form %s', (_, echo) => {
    expect(mentions(`before ${echo} after`, [SecretValue.text(odd)])).toBe(true)
  })

  it('of 8 bytes or more; a shorter one is found by chance', () => {
    expect(mentions('there is 12345678', [SecretValue.text('12345678')])).toBe(true)
    expect(mentions('there is 1234567', [SecretValue.text('1234567')])).toBe(false)
  })

  it('not where it is nothing but spaces, and not where it says something else', () => {
    expect(mentions('there is none', [SecretValue.text(' '.repeat(12))])).toBe(false)
    expect(mentions('there is none', [SecretValue.text(odd)])).toBe(false)
    expect(mentions('there is none', [])).toBe(false)
  })
})
