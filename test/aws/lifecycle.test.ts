import { describe, expect, test } from 'vitest'
import { bench, errorBody, failure, stub, stubStore } from './support.js'

describe('tag', () => {
  test('removes, then sets; the others stay', async () => {
    const { store, counted } = await bench()
    await store.put('db', 'x', { tags: { a: '1', b: '2', c: '3' } })
    const calls = await counted(() => store.tag('db', { set: { b: '4', d: '' }, remove: ['a'] }))
    expect(calls).toEqual({ UntagResource: 1, TagResource: 1 })
    expect((await store.describe('db')).tags).toEqual({ b: '4', c: '3', d: '' })
  })

  test('a tag that AWS would refuse is refused, one too many too', async () => {
    const { store } = await bench()
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, 'v']))
    await store.put('db', 'x', { tags })
    for (const set of [{ 'AWS:x': '1' }, { 'semi;colon': '1' }, { k: 'x'.repeat(257) }, { more: '1' }]) {
      expect(await failure(store.tag('db', { set }))).toMatchObject({ code: 'INVALID_VALUE' })
    }
    expect((await store.describe('db')).tags).toEqual(tags)
    await store.tag('db', { set: { more: '1' }, remove: ['k0'] })
  })

  test('half done is an unknown outcome; not begun is not', async () => {
    const { store, emulator } = await bench()
    await store.put('db', 'x', { tags: { a: '1' } })
    const call = (): Promise<unknown> => store.tag('db', { set: { b: '2' }, remove: ['a'] })
    emulator.faults.add({ operation: 'UntagResource', error: 'ThrottlingException', times: 1 })
    expect(await failure(call())).toMatchObject({ code: 'RATE_LIMITED', outcomeUnknown: false })
    emulator.faults.add({ operation: 'TagResource', error: 'ThrottlingException', times: 1 })
    expect(await failure(call())).toMatchObject({ code: 'RATE_LIMITED', outcomeUnknown: true })
    await call()
    expect((await store.describe('db')).tags).toEqual({ b: '2' })
  })

  test('of what is missing or in the trash', async () => {
    const { store } = await bench()
    expect(await failure(store.tag('nothing', { set: { a: '1' } }))).toMatchObject({ code: 'NOT_FOUND' })
    await store.put('db', 'x')
    await store.delete('db')
    expect(await failure(store.tag('db', { remove: ['a'] }))).toMatchObject({ code: 'PENDING_DELETION' })
  })
})

describe('delete', () => {
  test('into the trash, for as long as AWS or the factory says', async () => {
    const server = await stub(() => ({ body: { DeletionDate: 1_700_000_000 } }))
    expect(await stubStore(server).delete('db')).toEqual({ recoverableUntil: new Date(1_700_000_000_000) })
    await stubStore(server, { recoveryWindowDays: 7 }).delete('db')
    expect(server.requests.map(({ body }) => body)).toEqual([
      { SecretId: 'db' },
      { SecretId: 'db', RecoveryWindowInDays: 7 },
    ])
  })

  test('every operation on it then answers PENDING_DELETION, and restore undoes it', async () => {
    const { store } = await bench()
    const { version } = await store.put('db', 'one')
    await store.delete('db')
    for (const call of [
      () => store.get('db'),
      () => store.get('db', { version }),
      () => store.put('db', 'two'),
      () => store.delete('db'),
      () => store.discard('db', version),
    ]) {
      expect(await failure(call)).toMatchObject({ code: 'PENDING_DELETION' })
    }
    await store.restore('db')
    expect((await store.get('db')).value).toBe('one')
  })

  test('what is missing is NOT_FOUND, also for a purge, which AWS would call done', async () => {
    const { store, counted } = await bench()
    expect(await failure(store.delete('nothing'))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await failure(store.restore('nothing'))).toMatchObject({ code: 'NOT_FOUND' })
    const calls = await counted(async () => {
      expect(await failure(store.delete('nothing', { purge: true }))).toMatchObject({ code: 'NOT_FOUND' })
    })
    expect(calls).toEqual({ DescribeSecret: 1 })
  })

  test('a purge is for good, also out of the trash, and the name is free when it returns', async () => {
    const { store } = await bench({}, { forceDeleteDelayMs: 0 })
    await store.put('db', 'one')
    await store.delete('db')
    expect(await store.delete('db', { purge: true })).toEqual({})
    expect(await failure(store.get('db'))).toMatchObject({ code: 'NOT_FOUND' })
    await store.put('db', 'two', { ifAbsent: true })
  })

  test('a purge waits until AWS has finished, for a while', async () => {
    let left = 3
    const server = await stub(({ operation }) => {
      if (operation === 'DescribeSecret') left -= 1
      return left < 0 ? { status: 400, body: errorBody('ResourceNotFoundException', '') } : {}
    })
    await stubStore(server).delete('db', { purge: true })
    expect(server.operations()).toEqual([
      'DescribeSecret',
      'DeleteSecret',
      'DescribeSecret',
      'DescribeSecret',
      'DescribeSecret',
    ])
    const stuck = await stub(() => ({}))
    const error = await failure(stubStore(stuck).delete('db', { purge: true }))
    expect(error).toMatchObject({ code: 'TIMEOUT', outcomeUnknown: true })
  })
})
