import { createStore, firstOf, type SecretStore } from 'strongroom'
import { env } from 'strongroom/env'
import { memory } from 'strongroom/memory'
import { describe, expect, it } from 'vitest'
import { collect, failure, stub } from './stub-provider.js'

const open = (seed: Record<string, string>): SecretStore =>
  createStore({ provider: memory({ seed }), layers: [] })

describe('a reader over several', () => {
  const secrets = firstOf(open({ a: 'first a' }), open({ a: 'second a', b: 'second b' }))

  it('answers from the first that has the name', async () => {
    expect((await secrets.get('a')).value).toBe('first a')
    expect((await secrets.get('b')).value).toBe('second b')
    expect((await secrets.find('b'))?.value).toBe('second b')
    expect((await secrets.describe('b')).name).toBe('b')
  })

  it('has what none has not', async () => {
    expect((await failure(secrets.get('c'))).code).toBe('NOT_FOUND')
    expect(await secrets.find('c')).toBeUndefined()
    expect((await failure(secrets.describe('c'))).code).toBe('NOT_FOUND')
    await expect(collect(secrets.versions('c'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('falls through for what is missing and for nothing else', async () => {
    const denied = stub({ throws: new Error('x'), classify: () => ({ code: 'PERMISSION_DENIED' }) })
    const reader = firstOf(denied.store, open({ a: 'x' }))
    for (const call of [reader.get('a'), reader.find('a'), reader.describe('a')]) {
      expect((await failure(call)).code).toBe('PERMISSION_DENIED')
    }
    await expect(collect(reader.versions('a'))).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  })

  it('reads many, ahead too', async () => {
    const results = await secrets.getMany(['a', 'b', 'c'])
    expect([...results.values()].map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    await secrets.prefetch(['a', 'b'])
    expect((await failure(secrets.prefetch(['a', 'c', 'd']))).message).toContain('missing "c", "d"')
  })

  it('lists each name once, as the first shows it', async () => {
    expect((await collect(secrets.list())).map(({ name }) => name)).toEqual(['a', 'b'])
    expect(await collect(secrets.list({ prefix: 'b' }))).toMatchObject([{ name: 'b' }])
  })

  it('shows the history of the first that has one', async () => {
    const store = open({ b: '1' })
    await store.put('b', '2')
    const reader = firstOf(open({ a: 'x' }), store, open({ b: 'z' }))
    expect(await collect(reader.versions('b'))).toHaveLength(2)
    expect(await collect(reader.versions('a'))).toHaveLength(1)
  })

  it('can do what all of them can', () => {
    const { capabilities } = firstOf(open({}), createStore({ provider: env({ variables: {} }), layers: [] }))
    expect(capabilities).toEqual({
      ...env({ variables: {} }).capabilities,
      binary: 'encoded',
      list: true,
      freshRead: 'always',
      writable: false,
    })
    expect(Object.isFrozen(capabilities)).toBe(true)
    expect(firstOf(open({})).capabilities).toEqual({ ...open({}).capabilities, writable: false })
    const weak = stub({
      capabilities: { putIfVersion: 'checked', versionOrder: 'partial', freshRead: 'by-version' },
    })
    for (const reader of [firstOf(weak.store, open({})), firstOf(open({}), weak.store)]) {
      expect(reader.capabilities).toMatchObject({
        putIfVersion: 'checked',
        versionOrder: 'partial',
        freshRead: 'by-version',
      })
    }
  })

  it('peeks into the first', () => {
    const peeked = { ...open({}), peek: () => 'seen' } as unknown as SecretStore
    expect(firstOf(peeked, open({})).peek('a')).toBe('seen')
  })

  it('closes all', async () => {
    const [left, right] = [open({ a: 'x' }), open({ b: 'x' })]
    await firstOf(left, right).close()
    for (const store of [left, right]) expect((await failure(store.get('a'))).code).toBe('CLOSED')
    const third = open({})
    await firstOf(third)[Symbol.asyncDispose]()
    expect((await failure(third.get('a'))).code).toBe('CLOSED')
  })

  it('takes at least one', () => {
    expect(() => firstOf()).toThrow('firstOf takes at least one store')
  })
})
