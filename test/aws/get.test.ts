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

  test('newest-enabled is current: nothing can be disabled, and what is pending stays hidden', async () => {
    const { store, counted } = await bench()
    const { version } = await store.put('db', 'one')
    await store.put('db', 'two', { stage: 'pending' })
    const calls = await counted(async () => {
      expect((await store.get('db', { stage: 'newest-enabled' })).version).toBe(version)
    })
    expect(calls).toEqual({ GetSecretValue: 1 })
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
