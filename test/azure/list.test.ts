import { createStore, type SecretStore } from 'strongroom'
import { azure } from 'strongroom/azure'
import type { ProviderContext } from 'strongroom/provider'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, collect, errorOf, foreignHand, httpUrlOf, openBench } from './kit.js'
import { openStub } from './stub.js'

let bench: Bench
let store: SecretStore
beforeEach(async () => {
  bench = await openBench()
  store = bench.store
})
afterEach(() => bench.close())

const names = Array.from({ length: 60 }, (_, index) => `s${String(index).padStart(2, '0')}`)
const namesOf = async (listed: AsyncIterable<{ readonly name: string }>): Promise<string[]> =>
  (await collect(listed)).map(({ name }) => name).sort()
const context: ProviderContext = {
  signal: new AbortController().signal,
  now: Date.now,
  sleep: async () => {},
}

describe('a listing', () => {
  beforeEach(async () => {
    for (const name of names)
      await foreignHand(bench.emulator).setSecret(name, 'x', {
        tags: { even: `${Number(name.slice(1)) % 2}` },
      })
  })

  it('reads a page at a time, no more than it is asked for', async () => {
    const wire = await bench.wire(async () => {
      for await (const { name } of store.list()) {
        expect(names).toContain(name)
        break
      }
    })
    expect(wire).toEqual({ GetSecrets: 1 })
    expect(await bench.wire(async () => expect(await namesOf(store.list())).toEqual(names))).toEqual({
      GetSecrets: 3,
    })
  })

  it('is the same of a ready-made client, whose pages lack the link', async () => {
    const ready = bench.open({ client: foreignHand(bench.emulator) })
    expect(await bench.wire(async () => expect(await namesOf(ready.list())).toEqual(names))).toEqual({
      GetSecrets: 3,
    })
  })

  it('goes on over an empty page', async () => {
    bench.emulator.faults.add({ operation: 'GetSecrets', emptyPage: true, times: 2 })
    expect(await namesOf(store.list())).toEqual(names)
  })

  it('picks by tags within the page', async () => {
    expect(await namesOf(store.list({ tags: { even: '1' } }))).toHaveLength(30)
    expect(await namesOf(store.list({ tags: { even: '1', team: 'red' } }))).toEqual([])
  })

  it('gives what it carries, and the id that reaches the secret', async () => {
    const [first] = await collect(store.list({ prefix: 's00' }))
    expect(first).toEqual({
      name: 's00',
      canonical: 's00',
      id: `${httpUrlOf(bench.emulator)}/secrets/s00`,
      tags: { even: '0' },
      changedAt: new Date(Date.UTC(2026, 0, 1)),
    })
    expect((await store.get({ id: first?.id ?? '' })).value).toBe('x')
  })

  it('gives cursors without a host, and takes only its own', async () => {
    const { listPage, versionsPage } = azure({ endpoint: httpUrlOf(bench.emulator) }).operations
    const { cursor } = await listPage({ refPrefix: '' }, context)
    expect(cursor).toMatch(/^\/secrets\?/)
    for (const wrong of [
      'https://evil.example/secrets?x=1',
      '//evil.example/secrets',
      '/deletedsecrets?x=1',
      'x',
    ]) {
      await expect(listPage({ refPrefix: '', cursor: wrong }, context)).rejects.toMatchObject({
        code: 'INVALID_VALUE',
      })
    }
    const versions = versionsPage({ ref: 's00', canonical: 's00', cursor: 'x' }, context)
    await expect(versions).rejects.toMatchObject({ code: 'INVALID_VALUE' })
  })
})

describe('a link to the next page', () => {
  const item = {
    id: 'https://v.vault.azure.net/secrets/a',
    attributes: { enabled: true, created: 1, updated: 1 },
  }

  it('that points elsewhere is followed on the vault itself: no other host sees a token', async () => {
    const stub = await openStub((_, index) => ({
      status: 200,
      body: { value: [item], nextLink: index === 0 ? 'https://evil.example:443/secrets?page=2' : null },
    }))
    const own = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    expect(await namesOf(own.list())).toEqual(['a', 'a'])
    expect(stub.requests.map(({ target }) => target.replace(/api-version=[^&]*/, ''))).toEqual([
      '/secrets?',
      expect.stringContaining('/secrets?page=2'),
    ])
    await stub.close()
  })

  it('is read under the signal of the call, also on the second page', async () => {
    const stub = await openStub((_, index) =>
      index === 0 ? { status: 200, body: { value: [item], nextLink: 'http://x/secrets?page=2' } } : 'hang',
    )
    const own = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    const controller = new AbortController()
    const listing = own.list({ signal: controller.signal })
    await listing.next()
    const second = errorOf(listing.next())
    while (stub.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 2))
    controller.abort()
    expect((await second).code).toBe('ABORTED')
    await stub.close()
  })

  it.each([
    ['that is no URL', { value: [], nextLink: 'page 2' }],
    ['of a page without items', { nextLink: null }],
  ])('%s is UNAVAILABLE', async (_, body) => {
    const stub = await openStub(() => ({ status: 200, body }))
    const own = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    expect((await errorOf(collect(own.list()))).code).toBe('UNAVAILABLE')
    await stub.close()
  })
})

describe('an id', () => {
  it('of this vault reaches its secret, whatever its case and port', async () => {
    await store.put('Db', 'x')
    const url = httpUrlOf(bench.emulator)
    for (const id of ['Db', 'dB', `${url}/secrets/Db`, `${url}/secrets/DB/`]) {
      expect((await store.get({ id })).value).toBe('x')
      expect((await store.describe({ id })).canonical).toBe('db')
    }
  })

  it.each([
    ['https://other.vault.azure.net/secrets/a', 'another vault'],
    ['URL/secrets/a/0123456789abcdef0123456789abcdef', 'one version'],
    ['URL/keys/a', '/secrets/NAME'],
    ['URL/secrets/', '/secrets/NAME'],
    ['a_b', 'neither a name nor a URL'],
    ['/secrets/a', 'neither a name nor a URL'],
  ])('%s is INVALID_NAME before the wire, and the message says %s', async (id, says) => {
    const wire = await bench.wire(async () => {
      const error = await errorOf(store.get({ id: id.replace('URL', httpUrlOf(bench.emulator)) }))
      expect(error.code).toBe('INVALID_NAME')
      expect(error.message).toContain(says)
    })
    expect(wire).toEqual({})
  })
})
