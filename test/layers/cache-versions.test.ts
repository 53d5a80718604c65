import { cache, createStore, type SecretStore } from 'strongroom'
import { memory } from 'strongroom/memory'
import { type SecretProvider, SecretValue } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'

const record = {
  version: 'v1',
  createdAt: new Date(1),
  expiresAt: new Date(2),
  state: 'enabled',
  stages: ['current', 'pending'],
  tags: { team: 'payments', env: 'prod' },
  value: SecretValue.text('a value'),
}

/** A store whose backend gives these, one after the other. */
function answering(answers: readonly object[]): SecretStore {
  const rest = [...answers]
  const base = memory()
  const provider: SecretProvider = {
    ...base,
    operations: { ...base.operations, get: async () => rest.shift() as never },
  }
  return createStore({ provider, layers: [cache()] })
}

async function areOne(first: object, second: object): Promise<boolean> {
  const store = answering([first, second])
  const before = await store.get('db')
  return (await store.get('db', { maxAgeMs: 0 })) === before
}

describe('a version that is read again', () => {
  it('is the same object for as long as nothing about it changes', async () => {
    expect(await areOne(record, { ...record, stages: ['pending', 'current'], createdAt: new Date(1) })).toBe(
      true,
    )
    expect(await areOne(record, { ...record, tags: { env: 'prod', team: 'payments' } })).toBe(true)
    const { createdAt: _, tags: __, expiresAt: ___, ...bare } = record
    expect(await areOne(bare, { ...bare })).toBe(true)
  })

  it.each([
    ['version', { version: 'v2' }],
    ['creation', { createdAt: new Date(9) }],
    ['expiry', { expiresAt: new Date(9) }],
    ['no expiry', { expiresAt: undefined }],
    ['another stage', { stages: ['current', 'previous'] }],
    ['one stage less', { stages: ['current'] }],
    ['one stage more', { stages: ['current', 'pending', 'previous'] }],
    ['a tag of another value', { tags: { team: 'payments', env: 'test' } }],
    ['one tag less', { tags: { team: 'payments' } }],
    ['one tag more', { tags: { team: 'payments', env: 'prod', more: 'x' } }],
    ['no tags', { tags: undefined }],
    ['value', { value: SecretValue.text('another') }],
    ['kind', { value: SecretValue.binary(Buffer.from('a value')) }],
  ])('is another one after a change: %s', async (_, change) => {
    expect(await areOne(record, { ...record, ...change })).toBe(false)
  })
})
