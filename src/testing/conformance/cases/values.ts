import type { SecretInput } from '../../../secret.js'
import { SecretValue } from '../../../secret.js'
import { canary } from '../../leaks.js'
import type { ConformanceCase } from '../case.js'
import { check, holds, refused, refusedAs } from '../expect.js'
import type { Harness } from '../harness.js'

const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index)
const encoder = new TextEncoder()

/** Texts whose kind no backend may mistake. */
const texts: Readonly<Record<string, string>> = {
  ascii: `${canary} with spaces, "quotes", 'more' and \\ backslashes`,
  unicode: `${canary} ünïcödé ☃ 秘密 🔑 e\u0301 \u202Eright-to-left\u202C \u{10FFFF}`,
  'nul-and-controls': `${canary}\u0000\u0001\u001b[31m\u007f`,
  'newline-at-the-end': `${canary}\n`,
  'newlines-of-all-kinds': `\r\n${canary}\r\n\n\r\u2028\u2029\u0085`,
  'spaces-around': `  \t${canary}\t  `,
  'byte-order-mark': `\uFEFF${canary}`,
  'looks-like-base64': Buffer.from(`${canary}.....`).toString('base64'),
  'looks-like-a-number': `${Number.MAX_SAFE_INTEGER}00000000000`,
  'broken-json': `{"${canary}": `,
  markup: `<${canary}>&amp;%41%00+\${x}</${canary}>`,
}

/** Texts that read as JSON: their bytes are kept, their kind may be inferred. */
const documents: Readonly<Record<string, string>> = {
  'json-whitespace': ` {\n\t"key" :  "${canary}" ,"b":[ 1,2 ]\r\n} \n`,
  'json-key-order-and-duplicates': `{"b":"${canary}","a":1,"b":2}`,
  'json-numbers': `[1.0,1e21,-0,12345678901234567890,0.1000,"${canary}"]`,
  'json-escapes': `{"a":"\\u0041\\/\\ud83d\\ude00","b":"${canary}"}`,
}

const values: Readonly<Record<string, SecretInput>> = {
  'json-object': { user: 'app', password: canary, ключ: ['a', 1, true, null, { deep: 'ü"\\\n' }] },
  'json-array': [canary, { a: [] }, {}],
  'json-text': SecretValue.jsonText(`{ "b": 1.0, "a": "${canary}" }`),
  'every-byte': everyByte,
  'not-utf-8': Uint8Array.of(0xff, 0xfe, 0x00, 0xc3, 0x28, ...encoder.encode(canary)),
}

/** Bytes that are UTF-8: they are kept, and their kind may be inferred. */
const readable: Readonly<Record<string, Uint8Array>> = {
  'bytes-that-read-as-text': encoder.encode(canary),
  'bytes-that-read-as-json': encoder.encode(`{"a":"${canary}"}`),
}

const needs = { writable: true } as const
const otherwise = refused((h) => h.store.put(h.name(), h.value()))

async function comesBack(h: Harness, value: SecretInput, ...kinds: readonly string[]): Promise<void> {
  const { name, version } = await h.given(value)
  for (const secret of [await h.store.get(name), await h.store.get(name, { version })]) {
    holds(secret, value)
    const isRight = kinds.length === 0 || kinds.includes(secret.kind)
    check(isRight, `the kind is ${secret.kind}, not ${kinds.join(' or ')}`)
  }
}

function roundTrip(id: string, value: SecretInput, ...kinds: readonly string[]): ConformanceCase {
  const title = `comes back byte for byte${kinds.length === 0 ? '' : `, as ${kinds.join(' or ')}`}`
  return {
    id: `values/${id}`,
    title: `${id.replaceAll('-', ' ')}: ${title}`,
    needs,
    otherwise,
    run: (h) => comesBack(h, value, ...kinds),
  }
}

export const valueCases: readonly ConformanceCase[] = [
  ...Object.entries(texts).map(([id, text]) => roundTrip(id, text, 'text')),
  ...Object.entries(documents).map(([id, text]) => roundTrip(id, text)),
  ...Object.entries(values).map(([id, value]) => roundTrip(id, value, SecretValue.from(value).kind)),
  ...Object.entries(readable).map(([id, bytes]) => {
    const { kind } = SecretValue.infer(Buffer.from(bytes).toString())
    return roundTrip(id, bytes, 'binary', kind)
  }),
  {
    id: 'values/json-scalars',
    title: 'a number, a boolean and null come back as the JSON text that they are',
    needs,
    otherwise,
    async run(h) {
      for (const value of [12.5, true, null, 0]) await comesBack(h, value)
    },
  },
  {
    id: 'values/put-a-secret',
    title: 'a secret that was read can be put under another name, with its kind',
    needs,
    otherwise,
    async run(h) {
      const { name } = await h.given(everyByte)
      const copy = await h.given(await h.store.get(name))
      const secret = await h.store.get(copy.name)
      holds(secret, everyByte)
      check(secret.kind === 'binary', `the kind is ${secret.kind}, not binary`)
    },
  },
  {
    id: 'values/empty-text',
    title: 'an empty text comes back empty; where a backend holds none it is INVALID_VALUE before the wire',
    needs: { writable: true, emptyValue: true },
    run: (h) => comesBack(h, '', 'text'),
    otherwise: (h) => emptyIsRefused(h, ''),
  },
  {
    id: 'values/empty-bytes',
    title: 'empty bytes come back empty; where a backend holds none they are INVALID_VALUE before the wire',
    needs: { writable: true, emptyValue: true },
    run: (h) => comesBack(h, new Uint8Array(), 'binary'),
    otherwise: (h) => emptyIsRefused(h, new Uint8Array()),
  },
  {
    id: 'values/largest',
    title: 'a text of exactly the largest size comes back',
    needs,
    otherwise,
    run: (h) => comesBack(h, canary.padEnd(h.limits.maxValueBytes, 'ab'), 'text'),
  },
  {
    id: 'values/largest-bytes',
    title: 'the largest bytes that fit, encoded where they are, come back',
    needs,
    otherwise,
    run: (h) => comesBack(h, new Uint8Array(largestBinary(h)).fill(0xee), 'binary'),
  },
  {
    id: 'values/too-large',
    title: 'one byte over the limit is TOO_LARGE before the wire, counted in bytes and not in characters',
    needs,
    otherwise,
    async run(h) {
      const { maxValueBytes } = h.limits
      const wide = 'é'.repeat(Math.floor(maxValueBytes / 2) + 1)
      for (const value of ['a'.repeat(maxValueBytes + 1), wide, new Uint8Array(largestBinary(h) + 1)]) {
        const error = await refusedAs(h, 'TOO_LARGE', () => h.store.put(h.name(), value))
        check(error.message.includes(String(maxValueBytes)), `the message names no limit: ${error.message}`)
      }
    },
  },
  {
    id: 'values/lone-surrogate',
    title: 'text that UTF-8 cannot carry is INVALID_VALUE before the wire',
    needs,
    otherwise,
    async run(h) {
      await refusedAs(h, 'INVALID_VALUE', () => h.store.put(h.name(), '\ud800'))
    },
  },
]

async function emptyIsRefused(h: Harness, value: SecretInput): Promise<void> {
  if (!h.capabilities.writable) return otherwise(h)
  await refusedAs(h, 'INVALID_VALUE', () => h.store.put(h.name(), value))
}

function largestBinary({ capabilities, limits }: Harness): number {
  return capabilities.binary === 'native' ? limits.maxValueBytes : Math.floor(limits.maxValueBytes / 4) * 3
}
