import nodeVault from 'node-vault'
import { createStore, type SecretStore, timeout } from 'strongroom'
import { createClock, type Emulator } from 'strongroom/testing'
import { type VaultOptions, vault } from 'strongroom/vault'
import { vaultEmulator } from 'strongroom/vault/emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Answerer,
  errorOf,
  isData,
  ok,
  open as openOn,
  openStub,
  refused,
  secret,
  stored,
} from './stub.js'

const clock = createClock({ start: Date.UTC(2026, 0, 1), frozen: true })
let emulator: Emulator
let hand: nodeVault.client

beforeAll(async () => {
  emulator = await vaultEmulator({ clock })
  hand = nodeVault({ endpoint: emulator.url, token: 'root' })
})
beforeEach(() => emulator.reset())
afterAll(() => emulator.close())

function open(options: VaultOptions = {}): SecretStore {
  const provider = vault({ address: emulator.url, token: 'root', ...options })
  return createStore({ provider, layers: [], now: () => clock.now() })
}

/** The requests that a call makes, by operation of the service. */
async function wire(run: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = emulator.calls
  await run()
  const counts = Object.entries(emulator.calls).map(
    ([name, count]) => [name, count - (before[name] ?? 0)] as const,
  )
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}

describe('what each call sends', () => {
  it('as the README says', async () => {
    const store = open()
    await store.put('a', 'x')
    await store.put('a', 'y')
    expect(await wire(() => store.get('a'))).toEqual({ 'kv-v2-read': 1 })
    expect(await wire(() => store.get('a', { version: '1' }))).toEqual({
      'kv-v2-read-metadata': 1,
      'kv-v2-read': 1,
    })
    expect(await wire(() => store.put('a', 'z'))).toEqual({ 'kv-v2-read-metadata': 1, 'kv-v2-write': 1 })
    expect(await wire(() => store.put('a', 'z', { tags: { team: 'red' } }))).toEqual({
      'kv-v2-read-metadata': 1,
      'kv-v2-write': 1,
      'kv-v2-write-metadata': 1,
    })
    expect(await wire(() => store.tag('a', { set: { b: 'c' } }))).toEqual({
      'kv-v2-read-metadata': 1,
      'kv-v2-patch-metadata': 1,
    })
    expect(await wire(() => store.describe('a'))).toEqual({ 'kv-v2-read-metadata': 1 })
    expect(await wire(() => store.readRecord('a'))).toEqual({ 'kv-v2-read': 1 })
    expect(await wire(() => store.delete('a'))).toEqual({ 'kv-v2-read-metadata': 1, 'kv-v2-delete': 1 })
  })

  it('at the first call also a look at the token and at the mount', async () => {
    const store = open()
    const first = await wire(() => store.find('a'))
    expect(Object.values(first).reduce((sum, count) => sum + count, 0)).toBe(3)
    expect(await wire(() => store.find('a'))).toEqual({ 'kv-v2-read': 1 })
  })
})

describe('the current version', () => {
  it('deleted, it puts the secret into the trash; older ones come back with it', async () => {
    const store = open()
    for (const value of ['1', '2', '3']) await store.put('a', value)
    await hand.write('secret/delete/a', { versions: [3] })
    expect((await errorOf(store.get('a'))).code).toBe('PENDING_DELETION')
    expect((await errorOf(store.get('a', { version: '1' }))).code).toBe('PENDING_DELETION')
    expect((await errorOf(store.get('a', { stage: 'newest-enabled' }))).code).toBe('PENDING_DELETION')
    await store.restore('a')
    expect((await store.get('a')).value).toBe('3')
  })

  it('destroyed, it is NOT_FOUND, newest-enabled reads past it, and a put goes on above it', async () => {
    const store = open()
    for (const value of ['1', '2']) await store.put('a', value)
    await store.setVersionState('a', '2', 'destroyed')
    const error = await errorOf(store.get('a'))
    expect([error.code, error.message]).toEqual(['NOT_FOUND', expect.stringContaining('destroyed')])
    expect((await store.get('a', { stage: 'newest-enabled' })).value).toBe('1')
    expect((await store.describe('a')).current?.state).toBe('destroyed')
    expect((await errorOf(store.delete('a'))).code).toBe('NOT_FOUND')
    expect((await errorOf(store.put('a', 'x', { ifAbsent: true }))).code).toBe('ALREADY_EXISTS')
    expect(await store.put('a', '3')).toEqual({ version: '3' })
  })

  it('with all the others destroyed leaves nothing: absent for ifAbsent, whose cas is then not 0', async () => {
    const store = open()
    await store.put('a', '1')
    await store.setVersionState('a', '1', 'destroyed')
    expect((await errorOf(store.get('a', { stage: 'newest-enabled' }))).code).toBe('NOT_FOUND')
    expect(await store.put('a', '2', { ifAbsent: true })).toEqual({ version: '2' })
  })

  it('an older one that somebody has deleted by itself is DISABLED', async () => {
    const store = open()
    for (const value of ['1', '2']) await store.put('a', value)
    await hand.write('secret/delete/a', { versions: [1] })
    expect((await errorOf(store.get('a', { version: '1' }))).code).toBe('DISABLED')
    expect((await errorOf(store.get('a', { stage: 'previous' }))).code).toBe('DISABLED')
    expect((await store.get('a')).value).toBe('2')
  })

  it('one that ends by itself is live until then', async () => {
    const store = open()
    await hand.write('secret/metadata/a', { delete_version_after: '1h' })
    await store.put('a', 'x')
    expect((await store.get('a')).value).toBe('x')
  })

  it('a key that was made by its metadata alone counts as absent', async () => {
    const store = open()
    await hand.write('secret/metadata/a', { custom_metadata: { owner: 'ann' } })
    expect(await store.find('a')).toBeUndefined()
    expect((await errorOf(store.describe('a'))).code).toBe('NOT_FOUND')
    expect(await store.put('a', 'x', { ifAbsent: true })).toEqual({ version: '1' })
    expect((await store.get('a')).tags).toEqual({ owner: 'ann' })
  })
})

describe('a put in the trash', () => {
  it('with ifAbsent and onDeleted restore is ALREADY_EXISTS, and stays there', async () => {
    const store = open()
    await store.put('a', 'x')
    await store.delete('a')
    const error = await errorOf(store.put('a', 'y', { ifAbsent: true, onDeleted: 'restore' }))
    expect(error.code).toBe('ALREADY_EXISTS')
    expect((await store.describe('a')).state).toBe('deleted')
  })
})

describe('settings of creation', () => {
  it('tags stand beside those of the put, which win, and an old secret is left alone', async () => {
    const store = open({ create: { tags: { owner: 'ops', team: 'blue' }, maxVersions: 3 } })
    await store.put('a', 'x', { tags: { team: 'red' } })
    expect((await store.describe('a')).tags).toEqual({ owner: 'ops', team: 'red' })
    await store.put('a', 'y', { tags: { only: 'this' } })
    expect((await store.describe('a')).tags).toEqual({ only: 'this' })
  })

  it('a record has the tags of its parent', async () => {
    const store = open()
    await store.put('a', 'x', { tags: { team: 'red' } })
    await store.swapRecord('a', { nonce: 'n', of: 'a' }, { ifRevision: '0' })
    const { data } = await hand.read('secret/metadata/strongroom-system/record/a')
    expect(data.custom_metadata).toEqual({ team: 'red' })
  })
})

describe('listing', () => {
  const names = async (store: SecretStore, prefix = ''): Promise<string[]> => {
    const found: string[] = []
    for await (const { name } of store.list({ prefix })) found.push(name)
    return found.sort()
  }

  it('walks folders, a request each, and an empty page is not the end', async () => {
    const store = open()
    for (const name of ['a/b/c/d', 'a/b/e', 'f']) await store.put(name, 'x')
    expect(await wire(async () => expect(await names(store)).toEqual(['a/b/c/d', 'a/b/e', 'f']))).toEqual({
      'kv-v2-list-detailed': 4,
    })
    expect(await wire(() => names(store, 'a/b/c/'))).toEqual({ 'kv-v2-list-detailed': 1 })
  })

  it('a name that ends in a period is escaped, and found by what it begins with', async () => {
    const store = open()
    await store.put('x/a.', '1')
    await store.put('x/a.b', '2')
    expect((await store.get('x/a.')).value).toBe('1')
    expect(await names(store, 'x/a.')).toEqual(['x/a.', 'x/a.b'])
  })

  it.each(['nonsense', 'W10', 'WzFd', 'WyJhIl0'])('a cursor %s is INVALID_VALUE', async (cursor) => {
    const { operations } = vault({ address: emulator.url, token: 'root' })
    const context = { signal: new AbortController().signal, now: () => 0, sleep: async () => {} }
    await expect(operations.listPage({ refPrefix: '', cursor }, context)).rejects.toMatchObject({
      code: 'INVALID_VALUE',
    })
  })
})

describe('a mount', () => {
  it.each([
    ['version 1 opened as 2', { type: 'kv', options: null }, /KV version 1; set kv to 1/],
    ['another engine', { type: 'transit', options: null }, /another kind/],
  ])('%s is CONFIG_INVALID, and nothing is written to it', async (_, data, message) => {
    const stub = await openStub(({ target }) => (target.includes('/internal/') ? ok(data) : undefined))
    const error = await errorOf(openOn(stub).put('a', 'x'))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toMatch(message)
    expect(stub.requests.filter(({ method }) => method !== 'GET')).toEqual([])
    await stub.close()
  })

  it('that may not be looked at is used, and looked at again', async () => {
    const denied = refused(403, 'preflight capability check returned 403')
    const stub = await openStub((request) => {
      if (request.target.includes('/internal/')) return denied
      return isData(request) ? secret({ value: 'x' }) : undefined
    })
    const store = openOn(stub)
    for (const _ of [1, 2]) expect((await store.get('a')).value).toBe('x')
    expect(stub.requests.filter(({ target }) => target.includes('/internal/'))).toHaveLength(2)
    await stub.close()
  })
})

describe('states of a server', () => {
  it.each([
    [
      400,
      ['Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period'],
      { code: 'UNAVAILABLE', providerCode: 'Upgrading', outcomeUnknown: false },
    ],
    [412, ['required index state not present'], { code: 'UNAVAILABLE', providerCode: 'StateMissing' }],
    [429, ['rate limit quota exceeded'], { code: 'RATE_LIMITED' }],
    [472, [], { code: 'UNAVAILABLE', providerCode: 'Standby' }],
    [473, [], { code: 'UNAVAILABLE', providerCode: 'Standby' }],
    [500, ['internal error'], { code: 'UNAVAILABLE', outcomeUnknown: true }],
    [500, ['put failed due to value being too large'], { code: 'TOO_LARGE', outcomeUnknown: false }],
    [501, ['not initialized'], { code: 'UNAVAILABLE', providerCode: 'Uninitialized' }],
    [503, ['Vault is sealed'], { code: 'UNAVAILABLE', providerCode: 'Sealed', outcomeUnknown: false }],
    [503, ['no active Vault instance found'], { code: 'UNAVAILABLE' }],
    [404, ['no handler for route "x". route entry not found.'], { code: 'CONFIG_INVALID' }],
    [404, ['unsupported path'], { code: 'INVALID_NAME' }],
    [405, ['unsupported operation'], { code: 'CONFIG_INVALID' }],
    [418, ['teapot'], { code: 'UNKNOWN' }],
    [202, [], { code: 'UNAVAILABLE' }],
  ])('%i %j', async (status, errors, expected) => {
    const stub = await openStub((request) =>
      isData(request) && request.method === 'POST' ? refused(status, ...errors) : undefined,
    )
    expect(await errorOf(openOn(stub).put('a', 'x'))).toMatchObject(expected)
    await stub.close()
  })
})

describe('writers that meet', () => {
  const busy = (conflicts: number): Answerer => {
    let turns = 0
    return (request) => {
      if (!isData(request)) return undefined
      turns += 1
      return turns <= conflicts
        ? refused(400, 'check-and-set parameter did not match the current version')
        : stored(9)
    }
  }

  it('a plain put takes another turn', async () => {
    const stub = await openStub(busy(5))
    expect(await openOn(stub).put('a', 'x')).toEqual({ version: '9' })
    await stub.close()
  })

  it('one that never gets its turn is CONFLICT', async () => {
    const stub = await openStub(busy(1_000))
    expect((await errorOf(openOn(stub).put('a', 'x'))).code).toBe('CONFLICT')
    expect(stub.requests.filter(isData)).toHaveLength(64)
    await stub.close()
  })
})

it('a timeout of the store ends a call that is silent', async () => {
  const stub = await openStub((request) => (isData(request) ? 'hang' : undefined))
  const provider = vault({ address: stub.url, token: 't' })
  const store = createStore({ provider, layers: [timeout({ readMs: 50, writeMs: 50 })] })
  expect((await errorOf(store.get('a'))).code).toBe('TIMEOUT')
  await stub.close()
})
