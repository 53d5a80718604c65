import { describe, expect, test } from 'vitest'
import { bench, collect, failure, stub, stubStore } from './support.js'

const entry = (Name: string, tags: Record<string, string> = {}, more: object = {}): object => ({
  Name,
  ARN: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${Name}-AbCdEf`,
  CreatedDate: 1,
  LastChangedDate: 2,
  Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  ...more,
})

describe('list', () => {
  test('names under the prefix, with what the listing carries and no value', async () => {
    const { store, open, counted } = await bench({ prefix: 'prod' })
    await open({ prefix: 'test' }).put('db', 'x')
    await store.put('db', 'sk_live_1', { tags: { team: 'a' } })
    await store.put('api/key', 'sk_live_2')
    let found: unknown[] = []
    expect(
      await counted(async () => {
        found = await collect(store.list())
      }),
    ).toEqual({ ListSecrets: 1 })
    expect(found).toHaveLength(2)
    expect(found).toContainEqual({
      name: 'db',
      canonical: 'prod/db',
      id: expect.stringMatching(/:secret:prod\/db-\w{6}$/),
      tags: { team: 'a' },
      createdAt: expect.any(Date),
      changedAt: expect.any(Date),
    })
    expect(JSON.stringify(found)).not.toContain('sk_live')
    expect((await collect(store.list({ prefix: 'api/' }))).map(({ name }) => name)).toEqual(['api/key'])
  })

  test('asks for the prefix, and for one tag, in the words of AWS', async () => {
    const server = await stub(() => ({ body: { SecretList: [] } }))
    const store = stubStore(server, { prefix: 'prod' })
    await collect(store.list({ prefix: 'd', tags: { team: 'a', tier: '1' } }))
    await collect(stubStore(server).list({ tags: { note: '' } }))
    await collect(stubStore(server).list({ tags: { note: '!é' } }))
    await collect(stubStore(server).list())
    expect(server.requests.map(({ body }) => body)).toEqual([
      {
        MaxResults: 100,
        Filters: [
          { Key: 'name', Values: ['prod/d'] },
          { Key: 'tag-key', Values: ['team'] },
          { Key: 'tag-value', Values: ['a'] },
        ],
      },
      { MaxResults: 100, Filters: [{ Key: 'tag-key', Values: ['note'] }] },
      { MaxResults: 100, Filters: [{ Key: 'tag-key', Values: ['note'] }] },
      { MaxResults: 100 },
    ])
  })

  test('keeps exactly the secrets that carry all tags', async () => {
    const SecretList = [
      entry('a', { team: 'a', tier: '1', more: 'x' }),
      entry('b', { team: 'ab', tier: '1' }),
      entry('c', { team: 'a' }),
      entry('d', { teams: 'a', tier: '1' }),
      entry('e'),
    ]
    const server = await stub(() => ({ body: { SecretList } }))
    const found = await collect(stubStore(server).list({ tags: { team: 'a', tier: '1' } }))
    expect(found.map(({ name }) => name)).toEqual(['a'])
  })

  test('hides what lies in the trash, and what belongs to workflows', async () => {
    const { store } = await bench()
    await store.put('kept', 'x')
    await store.put('gone', 'x')
    await store.delete('gone')
    const { revision } = await store.readRecord('kept')
    await store.swapRecord('kept', { nonce: 'n', of: 'kept' }, { ifRevision: revision })
    expect((await collect(store.list())).map(({ name }) => name)).toEqual(['kept'])
    const server = await stub(() => ({
      body: { SecretList: [entry('a'), entry('b', {}, { DeletedDate: 3 })] },
    }))
    expect((await collect(stubStore(server).list())).map(({ name }) => name)).toEqual(['a'])
  })

  test('goes on over an empty page, and over as many pages as there are', async () => {
    const { store, emulator } = await bench()
    const names = Array.from({ length: 130 }, (_, index) => `s${index}`)
    await Promise.all(names.map((name) => store.put(name, 'x')))
    emulator.faults.add({ operation: 'ListSecrets', emptyPage: true, times: 1 })
    const found = (await collect(store.list())).map(({ name }) => name)
    expect(found.sort()).toEqual(names.sort())
    expect(emulator.calls['ListSecrets']).toBe(3)
  })

  test('shows names that AWS cannot hold as they were given', async () => {
    const { store } = await bench({ prefix: 'prod' })
    const names = ['käse brot', 'a-x2f-b', 'a*b/c']
    for (const name of names) await store.put(name, 'x')
    expect((await collect(store.list())).map(({ name }) => name).sort()).toEqual(names.sort())
    expect((await collect(store.list({ prefix: 'käse' }))).map(({ name }) => name)).toEqual(['käse brot'])
  })

  test('an entry without a name, or a page token of another listing, is no answer', async () => {
    const server = await stub(() => ({ body: { SecretList: [{ ARN: 'arn' }] } }))
    expect(await failure(collect(stubStore(server).list()))).toMatchObject({ code: 'UNAVAILABLE' })
  })
})
