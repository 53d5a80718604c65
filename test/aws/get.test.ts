import { describe, expect, test } from 'vitest'
import { bench, failure, stub, stubStore } from './support.js'

const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf'
const value = { ARN: arn, Name: 'db', VersionId: 'v1', CreatedDate: 1_700_000_000.123 }

describe('get', () => {
  test('one request, for the stage by its label', async () => {
    const server = await stub(() => ({
      body: { ...value, SecretString: 's', VersionStages: ['AWSCURRENT'] },
    }))
    const secret = await stubStore(server, { prefix: 'prod' }).get('db')
    expect(server.requests.map(({ operation, body }) => [operation, body])).toEqual([
      ['GetSecretValue', { SecretId: 'prod/db', VersionStage: 'AWSCURRENT' }],
    ])
    expect(secret.createdAt).toEqual(new Date(1_700_000_000_123))
    expect(secret.stages).toEqual(['current'])
  })

  test('a version by its id, without a stage', async () => {
    const server = await stub(() => ({ body: { ...value, SecretString: 's' } }))
    const secret = await stubStore(server).get('db', { version: 'v1' })
    expect(server.requests[0]?.body).toEqual({ SecretId: 'db', VersionId: 'v1' })
    expect(secret.stages).toEqual([])
  })

  test('an identifier goes out as it is', async () => {
    const server = await stub(() => ({ body: { ...value, SecretString: 's' } }))
    await stubStore(server, { prefix: 'prod' }).get({ id: arn })
    expect(server.requests[0]?.body).toEqual({ SecretId: arn, VersionStage: 'AWSCURRENT' })
  })

  test('text, JSON and bytes come back as what they are, byte for byte', async () => {
    const { store } = await bench()
    await store.put('text', '﻿  {not json}\u0000 é😀\n')
    await store.put('json', { b: [1, { a: null }] })
    await store.put('binary', new Uint8Array([0, 255, 254, 0]))
    const [text, json, binary] = await Promise.all(['text', 'json', 'binary'].map((name) => store.get(name)))
    expect([text?.kind, json?.kind, binary?.kind]).toEqual(['text', 'json', 'binary'])
    expect(text?.text()).toBe('﻿  {not json}\u0000 é😀\n')
    expect(json?.text()).toBe('{"b":[1,{"a":null}]}')
    expect(binary?.bytes()).toEqual(new Uint8Array([0, 255, 254, 0]))
  })

  test('previous, and what has no such stage', async () => {
    const { store } = await bench()
    const { version } = await store.put('db', 'one')
    expect((await failure(store.get('db', { stage: 'previous' }))).code).toBe('NOT_FOUND')
    await store.put('db', 'two')
    expect((await store.get('db', { stage: 'previous' })).version).toBe(version)
    expect((await failure(store.get('db', { stage: 'pending' }))).code).toBe('NOT_FOUND')
  })

  test('pending on the current version reads as no pending', async () => {
    const server = await stub(() => ({
      body: { ...value, SecretString: 's', VersionStages: ['AWSCURRENT', 'AWSPENDING'] },
    }))
    const store = stubStore(server)
    expect(await failure(store.get('db', { stage: 'pending' }))).toMatchObject({ code: 'NOT_FOUND' })
    expect((await store.get('db')).stages).toEqual(['current'])
  })

  test('an answer without a value or a version is no answer', async () => {
    const server = await stub(({ body }) => ({
      body: body.SecretId === 'a' ? value : { ...value, VersionId: undefined, SecretString: 's' },
    }))
    const store = stubStore(server)
    expect(await failure(store.get('a'))).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect((await failure(store.get('b'))).message).toContain('no VersionId')
  })
})

describe('newest-enabled', () => {
  const listed = (...versions: readonly [string, number, readonly string[]][]): object => ({
    Versions: versions.map(([VersionId, CreatedDate, VersionStages]) => ({
      VersionId,
      CreatedDate,
      VersionStages,
    })),
  })
  const serve = async (...pages: readonly object[]): Promise<string | undefined> => {
    let page = 0
    const server = await stub(({ operation, body }) => {
      if (operation === 'GetSecretValue') return { body: { ...value, ...body, SecretString: 's' } }
      page += 1
      return { body: { ...pages[page - 1], ...(page < pages.length && { NextToken: String(page) }) } }
    })
    return (await stubStore(server).get('db', { stage: 'newest-enabled' })).version
  }

  test('the youngest with a stage, over all pages', async () => {
    const first = listed(['a', 1, ['AWSPREVIOUS']], ['b', 2, ['AWSCURRENT']])
    expect(await serve(first, {}, listed(['c', 3, ['AWSPENDING']]))).toBe('c')
  })
  test('not one that only carried a refused value in', async () => {
    expect(await serve(listed(['a', 1, ['AWSCURRENT']], ['b', 2, ['strongroom-incoming']]))).toBe('a')
  })
  test('of two equally young, the current one', async () => {
    expect(await serve(listed(['a', 1, ['AWSPREVIOUS']], ['b', 1, ['AWSCURRENT']]))).toBe('b')
  })
  test('a tie without the current one is not guessed', async () => {
    const tie = listed(['a', 1, ['AWSCURRENT']], ['b', 2, ['AWSPENDING']], ['c', 2, ['AWSPREVIOUS']])
    expect(await failure(serve(tie))).toMatchObject({ code: 'CONFLICT' })
  })
  test('no version is NOT_FOUND', async () => {
    expect(await failure(serve(listed()))).toMatchObject({ code: 'NOT_FOUND' })
  })
})
