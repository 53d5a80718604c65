import { createStore, type StandardSchema } from 'strongroom'
import { memory } from 'strongroom/memory'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { applySchema } from '../../src/schema.js'
import { SecretValue } from '../../src/secret.js'
import { failure } from './stub-provider.js'

const connection = z.object({
  host: z.string(),
  port: z.number().int(),
  tls: z.object({ on: z.boolean() }).optional(),
})

function asyncSchema(validate: (value: unknown) => unknown): StandardSchema<string> {
  return { '~standard': { version: 1, vendor: 'own', validate: validate as never } }
}

describe('a typed store', () => {
  const store = createStore({
    provider: memory({
      seed: { db: { host: 'h', port: 1 }, broken: { host: 1, tls: {} }, plain: 'hunter2' },
    }),
    layers: [],
    secrets: { db: connection, broken: connection },
  })

  it('gives the value that its schema makes, and text where it has none', async () => {
    expect((await store.get('db')).value).toEqual({ host: 'h', port: 1 })
    expect((await store.get('plain')).value).toBe('hunter2')
    expect((await store.get('db')).text()).toBe('{"host":"h","port":1}')
  })

  it('names the paths that break the schema, and not the value', async () => {
    const error = await failure(store.get('broken'))
    expect(error).toMatchObject({
      code: 'INVALID_VALUE',
      secret: 'broken',
      operation: 'get',
      provider: 'memory',
    })
    expect(error.message).toBe(
      'memory: get "broken": the value breaks its schema at host, port, tls.on; correct the value, or the schema',
    )
  })

  it('takes no schema for a name that only looks like one', async () => {
    const seed = { toString: 'x' }
    const odd = createStore({ provider: memory({ seed }), layers: [], secrets: {} })
    expect((await odd.get('toString')).value).toBe('x')
  })
})

describe('a schema', () => {
  it.each<[string, z.ZodType, SecretValue, unknown]>([
    ['a document parsed', z.object({ a: z.number() }), SecretValue.text('{"a":1}'), { a: 1 }],
    ['a document as text, where it takes it so', z.string(), SecretValue.jsonText('{"a":1}'), '{"a":1}'],
    ['text', z.string().transform((text) => text.length), SecretValue.text('hunter2'), 7],
    ['a number as text', z.coerce.number(), SecretValue.text('12'), 12],
    ['bytes', z.instanceof(Uint8Array), SecretValue.binary(Uint8Array.of(1)), Uint8Array.of(1)],
  ])('is given %s', async (_, schema, value, expected) => {
    expect(await applySchema(schema, value)).toEqual(expected)
  })

  it('may take its time', async () => {
    const schema = asyncSchema(async (value) => ({ value: `${value}!` }))
    expect(await applySchema(schema, SecretValue.text('a'))).toBe('a!')
  })

  it.each([
    [[], 'the top'],
    [['a', 0], 'a.0'],
    [[{ key: 'a' }, { key: 1 }], 'a.1'],
    [undefined, 'the top'],
  ])('that breaks at %j says %s, once', async (path, shown) => {
    const issue = { message: 'hunter2 is wrong', ...(path && { path }) }
    const schema = asyncSchema(() => ({ issues: [issue, issue] }))
    const error = await failure(applySchema(schema, SecretValue.text('hunter2')))
    expect(error.message).toBe(`the value breaks its schema at ${shown}; correct the value, or the schema`)
  })

  it('says of a document where its parsed form breaks, not its text', async () => {
    const error = await failure(applySchema(z.object({ a: z.number() }), SecretValue.text('{"a":"x"}')))
    expect(error.message).toContain('at a;')
  })
})
