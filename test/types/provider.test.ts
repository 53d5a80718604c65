import type { SecretProvider, SecretRecord } from 'strongroom'
import type {
  Capabilities,
  Input,
  Operation,
  Operations,
  Output,
  ProviderDefinition,
  ProviderInput,
  ProviderOutput,
} from 'strongroom/provider'
import { describe, expectTypeOf, it } from 'vitest'
import type { effects } from '../../src/operations.js'

describe('the types of a provider', () => {
  it('have thirteen operations, none of them optional', () => {
    expectTypeOf<keyof SecretProvider['operations']>().toEqualTypeOf<Operation>()
    expectTypeOf<SecretProvider['operations']['promote']>().toBeFunction()
    expectTypeOf<undefined>().not.toExtend<SecretProvider['operations'][Operation]>()
    expectTypeOf<keyof typeof effects>().toEqualTypeOf<keyof Operations>()
  })

  it('have twenty facts', () => {
    type Facts = { [F in keyof Capabilities]-?: Capabilities[F] }
    expectTypeOf<Facts>().toEqualTypeOf<Capabilities>()
  })

  it('let an author leave operations out, and nothing else', () => {
    expectTypeOf<undefined>().toExtend<ProviderDefinition['promote']>()
    expectTypeOf<undefined>().not.toExtend<ProviderDefinition['classify']>()
    expectTypeOf<undefined>().not.toExtend<ProviderDefinition['names']>()
  })

  it('give a provider the spelling and never the name', () => {
    expectTypeOf<ProviderInput<'get'>>().toHaveProperty('ref').toEqualTypeOf<string>()
    expectTypeOf<ProviderInput<'get'>>().not.toHaveProperty('name')
    expectTypeOf<ProviderInput<'get'>>().not.toHaveProperty('recordRef')
    expectTypeOf<ProviderInput<'swapRecord'>>().toHaveProperty('recordRef').toEqualTypeOf<string>()
    expectTypeOf<ProviderInput<'listPage'>>().toHaveProperty('refPrefix').toEqualTypeOf<string>()
    expectTypeOf<ProviderInput<'listPage'>>().not.toHaveProperty('prefix')
  })

  it('leave to the boundary what it knows', () => {
    expectTypeOf<ProviderOutput<'get'>>().not.toHaveProperty('name')
    expectTypeOf<ProviderOutput<'get'>>().not.toHaveProperty('kind')
    expectTypeOf<ProviderOutput<'listPage'>['items'][number]>().toHaveProperty('ref')
    expectTypeOf<ProviderOutput<'put'>>().toEqualTypeOf<Output<'put'>>()
    expectTypeOf<Output<'get'>>().toEqualTypeOf<SecretRecord>()
    expectTypeOf<Input<'restore'>>().toHaveProperty('name')
  })
})
