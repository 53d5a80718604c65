import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore, type SecretStore } from 'strongroom'
import { type JsonObject, SecretError, systemStore } from 'strongroom/provider'
import { type VaultOptions, vault } from 'strongroom/vault'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, type OpenBao, rootToken, started, startOpenBao } from './openbao.js'

let bao: OpenBao

beforeAll(async () => {
  bao = await startOpenBao()
  await bao.api('POST', '/sys/mounts/one', { type: 'kv', options: { version: '1' } })
})
afterAll(() => bao.close())

function open(options: VaultOptions = {}): SecretStore {
  return createStore({ provider: vault({ address: bao.url, token: rootToken, ...options }), layers: [] })
}

async function errorOf(call: Promise<unknown>): Promise<SecretError> {
  const [settled] = await Promise.allSettled([call])
  if (settled.status === 'rejected' && SecretError.is(settled.reason)) return settled.reason
  throw settled.status === 'rejected' ? settled.reason : new Error('the call succeeded')
}

describe('a mount of the other kind', () => {
  it.each([
    ['version 1 opened as 2', { mount: 'one' }],
    ['version 2 opened as 1', { kv: 1 }],
    ['another engine', { mount: 'cubbyhole' }],
    ['nothing at all', { mount: 'nowhere' }],
  ] satisfies [string, VaultOptions][])('%s is CONFIG_INVALID at the first call', async (_, options) => {
    const store = open(options)
    expect((await errorOf(store.get('a'))).code).toBe('CONFIG_INVALID')
    if (store.capabilities.writable) expect((await errorOf(store.put('a', 'x'))).code).toBe('CONFIG_INVALID')
  })

  it('and nothing was written to it', async () => {
    expect((await errorOf(open({ mount: 'one', kv: 1 }).get('data/a'))).code).toBe('NOT_FOUND')
  })
})

describe('KV version 1', () => {
  it('is read, listed, and not written', async () => {
    await bao.api('POST', '/one/team/db', { user: 'app', password: 'x' })
    await bao.api('POST', '/one/team/key', { value: 'text' })
    const store = open({ mount: 'one', kv: 1, prefix: 'team' })
    expect((await store.get('db')).json()).toEqual({ user: 'app', password: 'x' })
    expect((await store.get('key')).value).toBe('text')
    const names: string[] = []
    for await (const { name } of store.list()) names.push(name)
    expect(names.sort()).toEqual(['db', 'key'])
    expect((await errorOf(store.put('db', 'x'))).code).toBe('UNSUPPORTED')
    expect((await errorOf(store.get('absent'))).code).toBe('NOT_FOUND')
  })
})

describe('a key that demands check-and-set', () => {
  it('is written like any other', async () => {
    await bao.api('POST', '/secret/metadata/strict', { cas_required: true })
    const store = open()
    await store.put('strict', 'one')
    await store.put('strict', 'two')
    expect((await store.get('strict')).value).toBe('two')
  })
})

describe('max_versions', () => {
  it('is set on a new secret where asked for, and a sibling keeps ten whatever the mount says', async () => {
    await bao.api('POST', '/sys/mounts/few', { type: 'kv', options: { version: '2' } })
    await bao.api('POST', '/few/config', { max_versions: 1 })
    const store = open({ mount: 'few', create: { maxVersions: 3 } })
    for (const value of ['1', '2', '3', '4']) await store.put('a', value)
    const siblings = systemStore(store)
    for (const value of ['1', '2', '3', '4']) await siblings.put('pending/a', value)
    expect((await siblings.get('pending/a', { version: '1' })).value).toBe('1')
    const { data } = await bao.api('GET', '/few/metadata/a')
    expect(Object.keys((data as JsonObject)['versions'] as JsonObject)).toEqual(['2', '3', '4'])
  })
})

describe('namespaces', () => {
  it('a secret of one is not in another', async () => {
    await bao.api('POST', '/sys/namespaces/team', {})
    await bao.api(
      'POST',
      '/sys/mounts/secret',
      { type: 'kv', options: { version: '2' } },
      { 'x-vault-namespace': 'team' },
    )
    await open({ namespace: 'team' }).put('only-there', 'x')
    expect((await open({ namespace: 'team/' }).get('only-there')).value).toBe('x')
    expect((await errorOf(open().get('only-there'))).code).toBe('NOT_FOUND')
  })
})

describe('thirty writers', () => {
  it('with one ifVersion have one winner', async () => {
    const { version } = await open().put('race', 'start')
    const puts = Array.from({ length: 30 }, (_, index) =>
      open().put('race', `${index}`, { ifVersion: version }),
    )
    const settled = await Promise.allSettled(puts)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const losers = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as SecretError] : []))
    expect(new Set(losers.map(({ code }) => code))).toEqual(new Set(['CONFLICT']))
  })

  it('without one all write', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, index) => open().put('crowd', `${index}`)))
    expect((await open().describe('crowd')).current?.version).toBe('30')
  })
})

describe('the state of the server', () => {
  it('a quota is RATE_LIMITED', async () => {
    const store = open()
    await store.put('busy', 'x')
    await bao.api('POST', '/sys/quotas/rate-limit/slow', { path: 'secret/', rate: 0.5 })
    const reads = await Promise.allSettled(Array.from({ length: 5 }, () => store.get('busy')))
    await bao.api('DELETE', '/sys/quotas/rate-limit/slow')
    const codes = reads.flatMap((each) =>
      each.status === 'rejected' ? [(each.reason as SecretError).code] : [],
    )
    expect(new Set(codes)).toEqual(new Set(['RATE_LIMITED']))
  })

  it('a value larger than the server takes is TOO_LARGE', async () => {
    await bao.api('POST', '/sys/mounts/wide', { type: 'kv', options: { version: '2' } })
    const store = open({ mount: 'wide' })
    expect((await errorOf(store.put('large', 'x'.repeat(1_000_001)))).code).toBe('TOO_LARGE')
  })

  it('sealed it is UNAVAILABLE, and says so; unsealed it goes on, also after a restart', {
    timeout: 60_000,
  }, async () => {
    const home = mkdtempSync(join(tmpdir(), 'strongroom-openbao-'))
    mkdirSync(join(home, 'data'))
    const address = `127.0.0.1:${await freePort()}`
    const config = join(home, 'config.json')
    const cluster = `127.0.0.1:${await freePort()}`
    const settings = {
      storage: { raft: { path: join(home, 'data'), node_id: 'one' } },
      listener: { tcp: { address, cluster_address: cluster, tls_disable: true } },
      api_addr: `http://${address}`,
      cluster_addr: `https://${cluster}`,
    }
    writeFileSync(config, JSON.stringify(settings))
    const first = await started(['server', `-config=${config}`], { home, address, keepHome: true })
    const init = await first.api('POST', '/sys/init', { secret_shares: 1, secret_threshold: 1 })
    const [key] = init['keys'] as unknown as [string]
    const token = String(init['root_token'])
    const store = createStore({ provider: vault({ address: first.url, token }), layers: [] })

    const sealed = await errorOf(store.put('a', 'x'))
    expect(sealed).toMatchObject({ code: 'UNAVAILABLE', providerCode: 'Sealed', outcomeUnknown: false })
    await first.api('POST', '/sys/unseal', { key })
    const engine = { type: 'kv', options: { version: '2' } }
    await untilReady(() => first.api('POST', '/sys/mounts/secret', engine, { 'x-vault-token': token }))
    await untilReady(() => store.put('a', 'x'))
    await first.close()
    expect((await errorOf(store.get('a'))).code).toBe('UNAVAILABLE')

    const second = await started(['server', `-config=${config}`], { home, address })
    expect((await errorOf(store.get('a'))).code).toBe('UNAVAILABLE')
    await second.api('POST', '/sys/unseal', { key })
    await untilReady(() => store.get('a'))
    expect((await store.get('a')).value).toBe('x')
    await store.close()
    await second.close()
  })
})

/** A server that was just unsealed takes a moment; thirty seconds at most. */
async function untilReady(call: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const [settled] = await Promise.allSettled([call()])
    if (settled.status === 'fulfilled') return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await call()
}
