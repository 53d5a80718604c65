import fc from 'fast-check'
import { fold, nameCodec, SecretError, systemName } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { checkName, type NameCodecOptions, systemRoot } from '../../src/names.js'

/** The alphabets of the backends. */
const alphabets: Readonly<Record<string, NameCodecOptions>> = {
  aws: { allowed: 'A-Za-z0-9/_+=.@\\-' },
  azure: { allowed: 'A-Za-z0-9-', foldsCase: true },
  gcp: { allowed: 'A-Za-z0-9_-' },
  vault: { allowed: 'A-Za-z0-9/_.\\-' },
  env: { allowed: 'A-Za-z0-9_', mark: '_' },
  memory: { allowed: '\\P{Cc}' },
}

/** Names rich in what an escape is made of. */
const names = fc
  .array(
    fc.constantFrom('-', '_', 'x', 'X', '2', 'f', '2f', 'a', 'B', '/', '-x2f-', '_x2f_', 'é', '🔑', ' ', '%'),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''))
const anyName = fc.oneof(names, fc.string({ unit: 'grapheme', minLength: 1 }))

describe.each(Object.entries(alphabets))('the codec of %s', (_, options) => {
  const codec = nameCodec(options)
  const holds = new RegExp(`^[${options.allowed}]*$`, 'u')
  const same = (left: string, right: string): boolean =>
    fold(left, codec.foldsCase) === fold(right, codec.foldsCase)

  it('spells every name in its alphabet, and reads it back', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        fc.pre(name.isWellFormed())
        const ref = codec.encode(name)
        expect(ref).toMatch(holds)
        expect(codec.decode(ref)).toBe(name)
      }),
    )
  })

  it('spells no two names alike', () => {
    fc.assert(
      fc.property(names, names, (left, right) => {
        expect(same(codec.encode(left), codec.encode(right))).toBe(same(left, right))
      }),
      { numRuns: 2_000 },
    )
  })

  it('leaves a name alone that it can hold, unless it looks like an escape', () => {
    fc.assert(
      fc.property(names, (name) => {
        fc.pre(holds.test(name) && !/[-_]x/i.test(name))
        expect(codec.encode(name)).toBe(name)
      }),
    )
  })

  it('gives every spelling that is not its own back as unknown', () => {
    fc.assert(
      fc.property(names, (ref) => {
        const name = codec.decode(ref)
        expect(name === undefined || same(codec.encode(name), ref)).toBe(true)
      }),
    )
  })
})

describe('the spelling of a name', () => {
  it.each([
    ['azure', 'prod/db', 'prod-x2f-db'],
    ['azure', 'a-x2f-b', 'a-x2d-x2f-b'],
    ['azure', 'a-x2f-x2f-b', 'a-x2d-x2f-x2d-x2f-b'],
    ['azure', 'ünï', '-xc3bc-n-xc3af-'],
    ['azure', '-x', '-x'],
    ['azure', 'ax2f-b/', 'ax2f-b-x2f-'],
    ['azure', 'a-xb', 'a-xb'],
    ['env', 'prod/db-1', 'prod_x2f_db_x2d_1'],
    ['gcp', 'a_x2f_b', 'a_x2f_b'],
    ['aws', 'prod/db', 'prod/db'],
    ['aws', 'a b', 'a-x20-b'],
  ])('on %s: %s is %s', (alphabet, name, ref) => {
    const codec = nameCodec(alphabets[alphabet] ?? { allowed: '' })
    expect(codec.encode(name)).toBe(ref)
    expect(codec.decode(ref)).toBe(name)
  })

  it('knows an escape in any case where case is folded, and only in lower case elsewhere', () => {
    expect(nameCodec({ allowed: 'A-Za-z0-9-', foldsCase: true }).decode('a-X2F-b')).toBe('a/b')
    expect(nameCodec({ allowed: 'A-Za-z0-9-' }).decode('a-X2F-b')).toBe('a-X2F-b')
  })

  it('follows a house convention, both ways', () => {
    const convention = {
      encode: (name: string) => name.replaceAll('/', '--'),
      decode: (ref: string) => ref.replaceAll('--', '/'),
    }
    const codec = nameCodec({ allowed: 'A-Za-z0-9-', names: convention })
    expect(codec.encode('prod/db')).toBe('prod--db')
    expect(codec.decode('prod--db')).toBe('prod/db')
    expect(codec.systemRef).toBe('strongroom-system--')
  })

  it('does not know a spelling that its convention would write otherwise', () => {
    const codec = nameCodec({
      allowed: 'a-z',
      names: { encode: (name) => name.toLowerCase(), decode: (ref) => ref },
    })
    expect(codec.decode('ABC')).toBeUndefined()
  })

  it('reads the spelling behind an identifier, which by default is the identifier', () => {
    expect(nameCodec({ allowed: 'a-z' }).refOfId('any thing')).toBe('any thing')
    expect(nameCodec({ allowed: 'a-z', refOfId: (id) => id.slice(4) }).refOfId('arn:db')).toBe('db')
  })

  it('cannot be changed', () => {
    expect(Object.isFrozen(nameCodec({ allowed: 'a-z' }))).toBe(true)
  })
})

describe('a prefix', () => {
  it.each([
    [undefined, ''],
    ['', ''],
    ['/', ''],
    ['prod', 'prod/'],
    ['prod/', 'prod/'],
    ['prod/eu', 'prod/eu/'],
  ])('%s becomes %s', (prefix, expected) => {
    expect(nameCodec({ allowed: 'a-z/', prefix }).prefix).toBe(expected)
  })

  it.each(['/prod', 'prod//eu', '../prod', 'prod/./eu', 'a\nb', 'prod//'])('%j is refused', (prefix) => {
    expect(() => nameCodec({ allowed: 'a-z/', prefix })).toThrow(SecretError)
  })
})

describe('a name', () => {
  it.each([
    ['', 'must not be empty'],
    ['/a', 'slash'],
    ['a/', 'slash'],
    ['a//b', 'slash'],
    ['.', '"." or ".."'],
    ['..', '"." or ".."'],
    ['a/./b', '"." or ".."'],
    ['a/..', '"." or ".."'],
    ['a\u0000', 'control character'],
    ['a\u009f', 'control character'],
    ['\ud800', 'lone surrogate'],
  ])('%j is INVALID_NAME', (name, rule) => {
    const error = thrown(() => checkName(name))
    expect(error).toMatchObject({ code: 'INVALID_NAME', secret: name })
    expect(error.message).toContain(rule)
    expect(name === '' || error.message.includes(JSON.stringify(name))).toBe(true)
  })

  it.each(['a', 'a.b', '.a', '...', 'a/.../b', 'a b', '%2e', 'a\\b'])('%j is one', (name) => {
    expect(() => checkName(name)).not.toThrow()
  })
})

describe('a system name', () => {
  const codec = nameCodec({ allowed: 'A-Za-z0-9-', foldsCase: true })

  it('stands under its purpose', () => {
    expect(systemName('record', 'prod-x2f-db', codec, 127)).toBe('strongroom-system/record/prod-x2f-db')
    expect(codec.systemRef).toBe(codec.encode(systemRoot))
  })

  it('folds its beginning where the backend folds', () => {
    const loud = nameCodec({
      allowed: 'A-Z',
      foldsCase: true,
      names: { encode: (name) => name.toUpperCase(), decode: (ref) => ref.toLowerCase() },
    })
    expect(loud.systemRef).toBe('strongroom-system/')
  })

  it('of exactly the limit stays whole, of one more ends in 32 digits of a hash', () => {
    const whole = systemName('record', 'a'.repeat(60), codec, 1_000)
    const length = codec.encode(whole).length
    expect(systemName('record', 'a'.repeat(60), codec, length)).toBe(whole)
    const cut = systemName('record', 'a'.repeat(60), codec, length - 1)
    expect(cut).toMatch(/^strongroom-system\/record\/a+[0-9a-f]{32}$/)
    expect(codec.encode(cut).length).toBeLessThanOrEqual(length - 1)
    expect(codec.encode(cut.replace('/a', '/aa')).length).toBeGreaterThan(length - 1)
  })

  it('is its hash alone where no more fits', () => {
    expect(systemName('record', 'prod', codec, 10)).toMatch(/^strongroom-system\/record\/[0-9a-f]{32}$/)
  })

  it('never exceeds the limit, and never meets that of another name', () => {
    const canonicals = fc.string({ unit: fc.constantFrom('a', 'b', '-', 'x'), minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(canonicals, canonicals, (left, right) => {
        const spell = (canonical: string): string =>
          codec.encode(systemName('pending', canonical, codec, 100))
        expect(spell(left).length).toBeLessThanOrEqual(100)
        expect(spell(left) === spell(right)).toBe(left === right)
      }),
    )
  })
})

function thrown(run: () => void): SecretError {
  try {
    run()
  } catch (error) {
    if (SecretError.is(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('a character that may not be the last', () => {
  const { encode, decode } = nameCodec({ allowed: 'A-Za-z0-9./-', notLast: '.' })

  it.each([
    ['a', 'a'],
    ['a.b', 'a.b'],
    ['.a', '.a'],
    ['ab.', 'ab-x2e-'],
    ['a.b.', 'a.b-x2e-'],
    ['a..', 'a.-x2e-'],
    ['a é.', 'a-x20--xc3a9--x2e-'],
  ])('%s is spelled %s', (name, ref) => {
    expect(encode(name)).toBe(ref)
    expect(decode(ref)).toBe(name)
  })
})
