import { createStore, firstOf, openStore, type Secret, type SecretReader, type SecretStore } from 'strongroom'
import { memory } from 'strongroom/memory'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

const stripe = z.object({ apiKey: z.string(), test: z.boolean().optional() })
const provider = memory()

describe('the types of a store', () => {
  it('give text for a name without a schema', () => {
    const store = createStore({ provider })
    expectTypeOf(store).toEqualTypeOf<SecretStore>()
    expectTypeOf(() => store.get('db')).returns.resolves.toEqualTypeOf<Secret<string>>()
    expectTypeOf(() => store.find('db')).returns.resolves.toEqualTypeOf<Secret<string> | undefined>()
    expectTypeOf(() => store.get({ id: 'arn' })).returns.resolves.toEqualTypeOf<Secret<string>>()
  })

  it('give what a schema gives, by name', () => {
    const store = createStore({ provider, secrets: { stripe, port: z.coerce.number() } })
    expectTypeOf(() => store.get('stripe')).returns.resolves.toEqualTypeOf<
      Secret<{ apiKey: string; test?: boolean | undefined }>
    >()
    expectTypeOf(() => store.get('port')).returns.resolves.toEqualTypeOf<Secret<number>>()
    expectTypeOf(() => store.get('other')).returns.resolves.toEqualTypeOf<Secret<string>>()
    expectTypeOf(() => store.find('port')).returns.resolves.toEqualTypeOf<Secret<number> | undefined>()
    expectTypeOf(store.peek('port')).toEqualTypeOf<Secret<number> | undefined>()
    expectTypeOf(() => store.get('stripe', { field: 'apiKey' })).returns.resolves.toEqualTypeOf<
      Secret<string>
    >()
    type Value = Awaited<ReturnType<typeof store.get<'stripe'>>>['value']
    expectTypeOf<Value['apiKey']>().toEqualTypeOf<string>()
  })

  it('give the same through openStore and firstOf', () => {
    const open = () => openStore('memory:', { secrets: { stripe } })
    expectTypeOf(open).returns.resolves.toEqualTypeOf<SecretStore<{ stripe: typeof stripe }>>()
    const reader = (store: SecretStore<{ stripe: typeof stripe }>) => firstOf(store, store).get('stripe')
    expectTypeOf(reader).returns.resolves.toEqualTypeOf<Secret<z.infer<typeof stripe>>>()
  })

  it('let a store stand where a reader is asked for, and not the other way', () => {
    expectTypeOf<SecretStore>().toExtend<SecretReader>()
    expectTypeOf<SecretReader>().not.toExtend<SecretStore>()
    expectTypeOf<SecretReader>().not.toHaveProperty('put')
  })

  it('take strings, bytes, JSON and secrets for values, and nothing else', () => {
    type Value = Parameters<SecretStore['put']>[1]
    expectTypeOf<string>().toExtend<Value>()
    expectTypeOf<Uint8Array>().toExtend<Value>()
    expectTypeOf<{ readonly a: readonly number[]; readonly b: null }>().toExtend<Value>()
    expectTypeOf<Secret<{ a: 1 }>>().toExtend<Value>()
    expectTypeOf<undefined>().not.toExtend<Value>()
    expectTypeOf<() => void>().not.toExtend<Value>()
    expectTypeOf<bigint>().not.toExtend<Value>()
    expectTypeOf<{ a: () => void }>().not.toExtend<Value>()
  })

  it('take only the stages and states that there are', () => {
    type GetStage = NonNullable<NonNullable<Parameters<SecretStore['find']>[1]>['stage']>
    expectTypeOf<GetStage>().toEqualTypeOf<'current' | 'previous' | 'pending' | 'newest-enabled'>()
    type PutStage = NonNullable<NonNullable<Parameters<SecretStore['put']>[2]>['stage']>
    expectTypeOf<PutStage>().toEqualTypeOf<'current' | 'pending'>()
    expectTypeOf<Parameters<SecretStore['setVersionState']>[2]>().toEqualTypeOf<
      'enabled' | 'disabled' | 'destroyed'
    >()
    expectTypeOf<Parameters<SecretStore['swapRecord']>[2]>()
      .toHaveProperty('ifRevision')
      .toEqualTypeOf<string>()
  })
})
