import { inspect, isDeepStrictEqual } from 'node:util'
import v8 from 'node:v8'
import fc from 'fast-check'
import { Secret, SecretError, type SecretInput, type SecretRecord, SecretValue } from 'strongroom'
import { canaryValue, leaksIn } from 'strongroom/testing'
import { describe, expect, it } from 'vitest'
import { fieldOf } from '../../src/secret.js'

const time = new Date('2026-01-01T00:00:00Z')

function secretOf(input: SecretInput, more: Partial<SecretRecord> = {}): Secret {
  const value = SecretValue.from(input)
  const record: SecretRecord = {
    name: 'db',
    canonical: 'db',
    version: 'v1',
    stages: ['current'],
    state: 'enabled',
    createdAt: time,
    tags: { team: 'red' },
    kind: value.kind,
    value,
    ...more,
  }
  return new Secret(record, { provider: 'stub' })
}

describe('a value', () => {
  it('comes back byte for byte', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const value = SecretValue.binary(bytes)
        expect(value.bytes()).toEqual(new Uint8Array(bytes))
        expect(value.byteLength).toBe(bytes.length)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(text.isWellFormed())
        expect(SecretValue.text(text).text()).toBe(text)
        expect(Buffer.from(SecretValue.text(text).bytes()).toString('utf8')).toBe(text)
      }),
    )
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        fc.pre(typeof json !== 'string' && JSON.stringify(json).isWellFormed())
        const value = SecretValue.from(json as SecretInput)
        expect(value.text()).toBe(JSON.stringify(json))
        expect(value.json()).toEqual(JSON.parse(JSON.stringify(json)))
      }),
    )
  })

  it('is a copy on the way in and out', () => {
    const bytes = Uint8Array.of(1, 2, 3)
    const value = SecretValue.binary(bytes)
    bytes.fill(0)
    value.bytes().fill(9)
    expect([...value.bytes()]).toEqual([1, 2, 3])
  })

  it.each<[SecretInput, string]>([
    ['{"a":1}', 'text'],
    [Uint8Array.of(1), 'binary'],
    [Buffer.from('x'), 'binary'],
    [{ a: 1, b: undefined }, 'json'],
    [[null, true], 'json'],
    [12, 'json'],
    [null, 'json'],
    [Object.create(null), 'json'],
    [SecretValue.jsonText('[ ]'), 'json'],
    [secretOf('x'), 'text'],
    [secretOf(Uint8Array.of(1)), 'binary'],
    [secretOf({ a: 1 }), 'json'],
  ])('made of %j is %s', (input, kind) => {
    expect(SecretValue.from(input).kind).toBe(kind)
  })

  it('made of a secret holds the same bytes', () => {
    for (const input of ['text', Uint8Array.of(0, 255), { a: [1] }] as const) {
      expect(SecretValue.from(secretOf(input)).equals(SecretValue.from(input))).toBe(true)
    }
    const value = SecretValue.text('x')
    expect(SecretValue.from(value)).toBe(value)
  })

  it.each([
    ['{"a":1}', 'json'],
    ['[1]', 'json'],
    [' {"a":1}\n', 'json'],
    ['12', 'text'],
    ['"a"', 'text'],
    ['{"a":', 'text'],
    ['', 'text'],
  ])('inferred from %j is %s, to the byte', (text, kind) => {
    expect(SecretValue.infer(text).kind).toBe(kind)
    expect(SecretValue.infer(text).text()).toBe(text)
  })

  it.each<[string, () => unknown]>([
    ['value must be a string, bytes or JSON; got undefined', () => undefined],
    ['value must be a string, bytes or JSON; got function', () => () => 1],
    ['value must be a string, bytes or JSON; got bigint', () => 1n],
    ['value must be a string, bytes or JSON; got symbol', () => Symbol('x')],
    ['value must be a string, bytes or JSON; got number', () => Number.NaN],
    ['value.a must be a string, bytes or JSON; got number', () => ({ a: Number.POSITIVE_INFINITY })],
    ['value.a.0 must be a string, bytes or JSON; got undefined', () => ({ a: [undefined] })],
    ['value.a must be a plain object; got an instance of Map', () => ({ a: new Map() })],
    ['value must be a plain object; got an instance of Date', () => new Date()],
    [
      'value.a.self refers back to itself, which JSON cannot hold',
      () => {
        const inner: Record<string, unknown> = {}
        inner['self'] = inner
        return { a: inner }
      },
    ],
  ])('%s', (message, make) => {
    expect(() => SecretValue.from(make() as SecretInput)).toThrow(new TypeError(message))
  })

  it('may hold the same object twice, side by side', () => {
    const twin = { a: 1 }
    expect(SecretValue.from([twin, twin]).text()).toBe('[{"a":1},{"a":1}]')
  })

  it('refuses text that UTF-8 cannot carry, and bytes that are no text', () => {
    expect(() => SecretValue.text('\ud800')).toThrow(
      'the text holds a lone surrogate, which UTF-8 cannot carry; put bytes',
    )
    expect(() => SecretValue.jsonText('"\ud800"')).toThrow(SecretError)
    const bytes = SecretValue.binary(Uint8Array.of(0xff))
    expect(() => bytes.text()).toThrow('the value is not UTF-8 text; read it with bytes()')
    expect(SecretValue.binary(Buffer.from('é')).text()).toBe('é')
    expect(SecretValue.binary(Buffer.from('\uFEFFa')).text()).toBe('\uFEFFa')
  })

  it('says where it is not JSON, and never what it is', () => {
    expect(() => SecretValue.text('{"a": hunter2}').json()).toThrow('the value is not JSON at byte 6')
    expect(thrown(() => SecretValue.text('hunter2').json())).toMatchObject({ code: 'INVALID_VALUE' })
  })

  it('equals what has the same bytes, of whatever kind', () => {
    expect(SecretValue.text('a').equals(SecretValue.binary(Buffer.from('a')))).toBe(true)
    expect(SecretValue.text('a').equals(SecretValue.text('b'))).toBe(false)
    expect(SecretValue.text('a').equals(SecretValue.text('ab'))).toBe(false)
  })

  it('is known across copies of the package', () => {
    const copy = Object.create({ [Symbol.for('strongroom.SecretValue')]: true })
    expect([SecretValue.text('a'), copy, {}, null, 'a'].map(SecretValue.is)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })

  it('cannot be changed, printed or turned into a string', () => {
    const text = canaryValue()
    const value = SecretValue.text(text)
    expect(Object.isFrozen(value)).toBe(true)
    expect([inspect(value), JSON.stringify({ value })]).toEqual([
      '[secret value]',
      '{"value":"[secret value]"}',
    ])
    expect(leaksIn({ call: { input: { value } } }, [text])).toEqual([])
    expect(() => `${value}`).toThrow('a SecretValue does not turn into a string by itself; read .text()')
    expect(() => String(value)).toThrow(TypeError)
    expect(() => value.toString()).toThrow(TypeError)
  })
})

describe('a secret', () => {
  const text = canaryValue()
  const secret = secretOf(text)

  it('gives its value, as text, JSON and bytes', () => {
    expect([secret.value, secret.text()]).toEqual([text, text])
    expect(Buffer.from(secret.bytes()).toString()).toBe(text)
    expect(secretOf({ a: 1 }).json()).toEqual({ a: 1 })
    expect(() => secretOf(Uint8Array.of(255)).value).toThrow('read it with bytes()')
  })

  it('gives what a schema made of it', () => {
    const { value, ...record } = { ...recordOf({ port: 1 }) }
    const typed = new Secret({ ...record, value }, { provider: 'stub', typed: { port: 1 }, stale: true })
    expect([typed.value, typed.stale]).toEqual([{ port: 1 }, true])
  })

  it('says when it was made and when it ends, in dates of the caller', () => {
    const ending = secretOf('x', { expiresAt: time })
    ending.createdAt?.setTime(0)
    ending.expiresAt?.setTime(0)
    expect([ending.createdAt, ending.expiresAt]).toEqual([time, time])
    expect(secret.expiresAt).toBeUndefined()
  })

  it('says nothing of the time where the read carries none', () => {
    const value = SecretValue.text('x')
    const named = { name: 'db', canonical: 'db', version: 'v1', kind: value.kind, value } as const
    const silent = new Secret({ ...named, stages: [], state: 'enabled' }, { provider: 'stub' })
    expect(silent.createdAt).toBeUndefined()
  })

  it('cannot be changed, and follows no change of what it was made of', () => {
    const stages: ('current' | 'previous')[] = ['current']
    const tags = { team: 'red' }
    const made = secretOf('x', { stages, tags })
    stages.push('previous')
    tags.team = 'blue'
    expect([made.stages, made.tags]).toEqual([['current'], { team: 'red' }])
    for (const part of [made, made.stages, made.tags]) expect(Object.isFrozen(part)).toBe(true)
    const { tags: _, ...untagged } = recordOf('x')
    expect(new Secret(untagged, { provider: 'stub' }).tags).toBeUndefined()
  })

  it('shows everything but its value', () => {
    expect(inspect(secret)).toBe('Secret(db, version v1)')
    expect(JSON.parse(JSON.stringify(secret))).toEqual({
      name: 'db',
      version: 'v1',
      stages: ['current'],
      state: 'enabled',
      createdAt: '2026-01-01T00:00:00.000Z',
      tags: { team: 'red' },
      kind: 'text',
      provider: 'stub',
      stale: false,
      value: '[secret]',
    })
  })

  it.each(printOptions())('is silent under inspect with %j', (options) => {
    const printed = inspect({ deep: [secret] }, options)
    const isTheException = options.showHidden && options.getters && !options.customInspect
    expect(printed.includes(text)).toBe(isTheException)
  })

  it.each<[string, () => unknown]>([
    ['spread', () => ({ ...secret })],
    ['Object.entries', () => Object.entries(secret)],
    ['structuredClone', () => structuredClone({ ...secret })],
    ['v8.serialize', () => v8.serialize({ ...secret })],
    ['Object.getOwnPropertyDescriptors', () => Object.getOwnPropertyDescriptors(secret)],
    ['inspect of a proxy', () => inspect(new Proxy(secret, {}), { showProxy: true })],
    ['a graph walk', () => secret],
  ])('is silent through %s', (_, look) => {
    expect(leaksIn(look(), [text])).toEqual([])
  })

  it('does not turn into a string by itself', () => {
    expect(() => `${secret}`).toThrow(
      'a Secret does not turn into a string by itself; read .value where the value is meant',
    )
    expect(() => `${secret.toString()}`).toThrow(TypeError)
    expect(() => Number(secret)).toThrow(TypeError)
  })

  it('equals another of the same bytes only, also for comparers that look at structure', () => {
    const [twin, other] = [secretOf(text), secretOf(canaryValue())]
    expect([secret.equals(twin), secret.equals(other)]).toEqual([true, false])
    expect([isDeepStrictEqual(secret, twin), isDeepStrictEqual(secret, other)]).toEqual([true, false])
    expect(secret).toEqual(twin)
    expect(secret).not.toEqual(other)
  })

  it('is known across copies of the package', () => {
    const copy = Object.create({ [Symbol.for('strongroom.Secret')]: true })
    expect([secret, copy, {}, null, 'a'].map(Secret.isSecret)).toEqual([true, true, false, false, false])
  })
})

describe('a field of a value', () => {
  const value = SecretValue.from({ user: 'app', port: 5432, none: null, deep: { a: 1 }, text: '{"a":1}' })

  it.each([
    ['user', 'text', 'app'],
    ['port', 'json', '5432'],
    ['none', 'json', 'null'],
    ['deep', 'json', '{"a":1}'],
    ['text', 'text', '{"a":1}'],
  ])('%s is %s: %s', (field, kind, text) => {
    const found = fieldOf(value, field)
    expect([found.kind, found.text()]).toEqual([kind, text])
  })

  it.each([
    [value, 'host', 'the value has no field "host"'],
    [value, 'toString', 'the value has no field "toString"'],
    [SecretValue.from([1]), '0', 'the value is not a JSON object, so it has no fields'],
    [SecretValue.from(12), 'a', 'the value is not a JSON object, so it has no fields'],
    [SecretValue.from(null), 'a', 'the value is not a JSON object, so it has no fields'],
    [SecretValue.text('plain'), 'a', 'the value is not JSON at byte 0'],
  ])('that is not there is INVALID_VALUE: %#', (from, field, message) => {
    expect(thrown(() => fieldOf(from, field))).toMatchObject({ code: 'INVALID_VALUE', message })
  })
})

function recordOf(input: SecretInput): SecretRecord {
  const value = SecretValue.from(input)
  const { kind } = value
  const stages = ['current'] as const
  return {
    name: 'db',
    canonical: 'db',
    version: 'v1',
    stages,
    state: 'enabled',
    createdAt: time,
    tags: {},
    kind,
    value,
  }
}

interface PrintOptions {
  readonly showHidden: boolean
  readonly getters: boolean
  readonly customInspect: boolean
  readonly showProxy: boolean
  readonly depth: number
}

function printOptions(): PrintOptions[] {
  const both = [true, false]
  return both.flatMap((showHidden) =>
    both.flatMap((getters) =>
      both.flatMap((customInspect) =>
        both.map((showProxy) => ({ showHidden, getters, customInspect, showProxy, depth: 9 })),
      ),
    ),
  )
}

function thrown(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
