import { createStore, openStore } from 'strongroom'
import { type VaultOptions, vault } from 'strongroom/vault'
import { vaultEmulator } from 'strongroom/vault/emulator'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fromUrl } from '../../providers/vault/url.js'
import { grant, isData, openStub, secret } from './stub.js'

const closers: (() => unknown)[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const close of closers.splice(0)) await close()
})

const address = 'https://vault.example.com:8200'

describe('options', () => {
  it.each([
    [{}, 'VAULT_ADDR'],
    [{ address: 'vault.example.com' }, 'not a URL'],
    [{ address: 'http://vault.example.com' }, 'https'],
    [{ address: 'ftp://127.0.0.1' }, 'https'],
    [{ address: 'http://127.0.0.1.evil.example' }, 'https'],
    [{ address: 'https://me:pw@vault.example.com' }, 'password'],
    [{ address: `${address}/v1` }, 'more than a host'],
    [{ address }, 'VAULT_TOKEN'],
    [{ address, token: '' }, 'token is empty'],
    [{ address, token: 't', auth: { method: 'jwt', jwt: 'j' } }, 'contradict'],
    [{ address, token: 't', kv: 3 as 2 }, 'kv'],
    [{ address, token: 't', valueKey: 'strongroom' }, 'valueKey'],
    [{ address, token: 't', valueKey: '' }, 'valueKey'],
    [{ address, token: 't', maxAnswerBytes: 0 }, 'maxAnswerBytes'],
    [{ address, token: 't', create: { maxVersions: 1.5 } }, 'maxVersions'],
    [{ address, token: 't', mount: 'a//b' }, 'path'],
    [{ address, token: 't', prefix: 'a//b' }, 'prefix'],
    [{ address, token: 't', caFile: '/nowhere/ca.pem' }, 'ENOENT'],
    [{ address, auth: { method: 'ldap' as 'jwt', jwt: 'j' } }, 'auth.method'],
    [{ address, auth: { method: 'kubernetes', role: '' } }, 'auth.role'],
    [{ address, auth: { method: 'jwt' } }, 'auth.jwt'],
    [{ address, auth: { method: 'jwt', jwt: 'j', jwtFile: 'f' } }, 'auth.jwt'],
    [{ address, auth: { method: 'approle', roleId: '' } }, 'auth.roleId'],
    [{ address, auth: { method: 'approle', roleId: 'r', secretId: 's', wrappedSecretId: 'w' } }, 'secretId'],
    [{ client: {} as never }, 'node-vault'],
    [{ client: { request: async () => '' }, address }, 'beside client'],
  ] satisfies [VaultOptions, string][])('%j is refused, and the message says %s', (options, says) => {
    for (const name of ['VAULT_ADDR', 'VAULT_TOKEN']) vi.stubEnv(name, '')
    expect(() => vault(options)).toThrow(expect.objectContaining({ message: expect.stringContaining(says) }))
  })

  it('a password in an address is never quoted', () => {
    const call = (): unknown => vault({ address: 'https://me:hunter2hunter2@vault.example.com', token: 't' })
    expect(call).toThrow(/^((?!hunter2).)*$/s)
  })

  it('the value of a text can sit under another key', async () => {
    const emulator = await vaultEmulator()
    closers.push(() => emulator.close())
    const store = createStore({
      provider: vault({ address: emulator.url, valueKey: 'password' }),
      layers: [],
    })
    await store.put('a', 'x')
    expect((await store.get('a')).value).toBe('x')
    const plain = createStore({ provider: vault({ address: emulator.url }), layers: [] })
    expect((await plain.get('a')).json()).toEqual({ password: 'x' })
  })
})

describe('URLs', () => {
  it.each([
    ['vault://vault.example.com', 'mount'],
    ['vault://vault.example.com/', 'mount'],
    ['vault:secret', 'host'],
    ['vault://vault.example.com/secret#a', '#'],
    ['vault://vault.example.com/secret?kv=3', 'kv'],
    ['vault://vault.example.com/secret?token=t', 'no option "token"'],
    ['vault://vault.example.com/secret/%zz', 'escape'],
    ['vault://vault.example.com/secret?auth=ldap', 'ldap'],
    ['vault://vault.example.com/secret?auth=approle', 'VAULT_ROLE_ID'],
    ['vault://vault.example.com/secret?auth=kubernetes', 'VAULT_ROLE'],
    ['vault://vault.example.com/secret?auth=jwt', 'VAULT_JWT_FILE'],
    ['vault+http://vault.example.com/secret', 'https'],
  ])('%s is CONFIG_INVALID, and the message says %s', async (url, says) => {
    vi.stubEnv('VAULT_TOKEN', 't')
    await expect(openStore(url)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(says),
    })
  })

  it('a user and a password in it are refused without being quoted', async () => {
    await expect(openStore('vault://me:hunter2hunter2@vault.example.com/secret')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.not.stringContaining('hunter2'),
    })
  })

  it('names mount, prefix, namespace and version', async () => {
    const stub = await openStub((request) =>
      request.target.startsWith('/v1/team%2Fkv') || request.target.startsWith('/v1/team/kv')
        ? secret({ value: 'x' })
        : undefined,
    )
    closers.push(stub.close)
    const store = await openStore(`vault+http://${stub.host}/team%2Fkv/prod/eu?namespace=ns1`)
    await store.get('db')
    expect(stub.requests.at(-1)?.target).toBe('/v1/team/kv/data/prod/eu/db')
    expect(stub.requests.map(({ headers }) => headers['x-vault-namespace'])).toEqual(
      stub.requests.map(() => 'ns1'),
    )
    expect(fromUrl(new URL(`vault+http://${stub.host}/old?kv=1`)).capabilities.writable).toBe(false)
  })

  it('goes to port 8200 over TLS by default', () => {
    vi.stubEnv('VAULT_TOKEN', 't')
    expect(fromUrl(new URL('vault://vault.example.com/secret')).name).toBe('vault')
    expect(() => fromUrl(new URL('vault://vault.example.com/secret?caFile=/nowhere'))).toThrow(/ENOENT/)
  })

  it.each([
    ['approle', { VAULT_ROLE_ID: 'r', VAULT_SECRET_ID: 's' }, '{"role_id":"r","secret_id":"s"}'],
    ['kubernetes&role=web', { VAULT_JWT_FILE: import.meta.filename }, '"role":"web"'],
    ['jwt', { VAULT_JWT_FILE: import.meta.filename, VAULT_ROLE: 'app' }, '"role":"app"'],
  ])('auth=%s takes its credentials from the environment', async (auth, variables, body) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
    const stub = await openStub((request) => {
      if (request.target.endsWith('/login')) return grant('t', 60)
      return isData(request) ? secret({ value: 'x' }) : undefined
    })
    closers.push(stub.close)
    await (await openStore(`vault+http://${stub.host}/secret?auth=${auth}`)).get('a')
    expect(stub.requests[0]?.body).toContain(body)
  })

  it('of an emulator opens it, without any environment', async () => {
    const emulator = await vaultEmulator()
    closers.push(() => emulator.close())
    const store = await openStore(`vault+${emulator.url}/secret`)
    await store.put('a', 'x')
    expect((await store.get('a', { maxAgeMs: 0 })).value).toBe('x')
    await store.close()
  })
})
