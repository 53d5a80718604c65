import type { SecretProvider } from 'strongroom'
import { createStore } from 'strongroom'
import { defineProvider, nameCodec, type ProviderDefinition, refusal, SecretError } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { operationNames } from '../../src/operations.js'
import { shelfCapabilities as capabilities, shelfLimits as limits } from '../../src/shelf/facts.js'
import { columns } from '../conformance/columns.js'
import { failure } from './stub-provider.js'

const definition: ProviderDefinition = {
  capabilities: columns['env'] ?? capabilities,
  limits,
  names: nameCodec({ allowed: 'a-z' }),
  classify: () => ({ code: 'UNKNOWN' }),
  listPage: async () => ({ items: [] }),
}

describe('defineProvider', () => {
  it('fills in what the author left out', async () => {
    const provider = defineProvider('toy', definition)
    expect(Object.keys(provider.operations).sort()).toEqual([...operationNames].sort())
    expect(await provider.close()).toBeUndefined()
    const absent = await failure(createStore({ provider, layers: [] }).get('db'))
    expect(absent).toMatchObject({ code: 'UNSUPPORTED', provider: 'toy', operation: 'get' })
    expect(absent.message).toContain('the backend has no get')
  })

  it('freezes what it is given, without freezing the author’s own', () => {
    const own = { ...capabilities, ...columns['env'] }
    const provider: SecretProvider = defineProvider('toy', { ...definition, capabilities: own })
    for (const part of [provider, provider.capabilities, provider.limits, provider.operations]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
    expect(Object.isFrozen(own)).toBe(false)
  })

  it.each<[Partial<typeof capabilities>, string]>([
    [{ writable: true }, 'put'],
    [{ pending: 'native' }, 'promote'],
    [{ recordSwap: 'checked' }, 'swapRecord'],
    [{ versionDisable: true }, 'setVersionState'],
    [{ versionDestroy: true }, 'setVersionState'],
    [{ deleteRecoverable: true }, 'restore'],
    [{ purge: true }, 'delete'],
  ])('%j promises %s', (promise, operation) => {
    const wrong = { ...definition, capabilities: { ...definition.capabilities, ...promise } }
    const message = `defineProvider("toy"): capabilities promise ${operation}, which is absent`
    expect(() => defineProvider('toy', wrong)).toThrow(new TypeError(message))
  })

  it('holds an author to a listing, a discard, a delete and tags that were promised', () => {
    const { listPage: _, ...without } = definition
    expect(() => defineProvider('toy', without)).toThrow('promise listPage')
    const some = async (): Promise<never> => {
      throw new Error('unused')
    }
    const facts = { ...definition.capabilities, writable: true, tagScope: 'secret' } as const
    expect(() => defineProvider('toy', { ...definition, capabilities: facts, put: some })).toThrow(
      'promise tag',
    )
    const pending = { ...definition.capabilities, pending: 'native' } as const
    expect(() => defineProvider('toy', { ...definition, capabilities: pending, promote: some })).toThrow(
      'promise discard',
    )
    const trash = { ...definition.capabilities, deleteRecoverable: true }
    expect(() => defineProvider('toy', { ...definition, capabilities: trash, restore: some })).toThrow(
      'promise delete',
    )
    const readOnlyTags = { ...definition.capabilities, tagScope: 'secret' } as const
    expect(() => defineProvider('toy', { ...definition, capabilities: readOnlyTags })).not.toThrow()
  })

  it('lets an author refuse, with a version where there is one', () => {
    expect(refusal('CONFLICT', 'it moved')).toMatchObject({ code: 'CONFLICT', message: 'it moved' })
    expect(refusal('ALREADY_EXISTS', 'so', 'v1')).toMatchObject({ version: 'v1' })
    expect(SecretError.is(refusal('CONFLICT', 'x'))).toBe(true)
    expect('version' in refusal('CONFLICT', 'x')).toBe(false)
  })
})
