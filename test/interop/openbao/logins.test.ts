import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore, type SecretStore } from 'strongroom'
import { type JsonObject, SecretError } from 'strongroom/provider'
import { type VaultAuth, vault } from 'strongroom/vault'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenBao, startOpenBao } from './openbao.js'

let bao: OpenBao
let folder: string
let key: KeyObject

beforeAll(async () => {
  bao = await startOpenBao()
  folder = mkdtempSync(join(tmpdir(), 'strongroom-logins-'))
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  key = pair.privateKey
  await bao.api('POST', '/sys/policies/acl/reader', {
    policy: 'path "secret/data/app/*" { capabilities = ["read"] }',
  })
  await bao.api('POST', '/secret/data/app/db', { data: { value: 'from the app' } })
  await bao.api('POST', '/secret/data/other', { data: { value: 'not for the app' } })

  await bao.api('POST', '/sys/auth/approle', { type: 'approle' })
  await bao.api('POST', '/auth/approle/role/web', {
    token_policies: ['reader'],
    token_ttl: '3s',
    token_max_ttl: '6s',
  })

  await bao.api('POST', '/sys/auth/jwt', { type: 'jwt' })
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string
  await bao.api('POST', '/auth/jwt/config', { jwt_validation_pubkeys: [pem] })
  await bao.api('POST', '/auth/jwt/role/web', {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: ['strongroom'],
    token_policies: ['reader'],
    token_ttl: '1m',
  })
})
afterAll(async () => {
  await bao.close()
  rmSync(folder, { recursive: true, force: true })
})

const encoded = (part: JsonObject): string => Buffer.from(JSON.stringify(part)).toString('base64url')

function jwt(claims: JsonObject = {}): string {
  const now = Math.floor(Date.now() / 1000)
  const payload = { sub: 'web', aud: 'strongroom', iat: now, nbf: now - 5, exp: now + 60, ...claims }
  const unsigned = `${encoded({ alg: 'ES256', typ: 'JWT' })}.${encoded(payload)}`
  const signature = createSign('SHA256')
    .update(unsigned)
    .sign({ key, dsaEncoding: 'ieee-p1363' }, 'base64url')
  return `${unsigned}.${signature}`
}

function open(auth: VaultAuth): SecretStore {
  return createStore({ provider: vault({ address: bao.url, auth }), layers: [] })
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const [settled] = await Promise.allSettled([call])
  if (settled.status === 'fulfilled') return 'ok'
  return SecretError.is(settled.reason) ? settled.reason.code : String(settled.reason)
}

async function field(path: string, name: string, headers: Record<string, string> = {}): Promise<string> {
  const method = name === 'role_id' ? 'GET' : 'POST'
  const { data, wrap_info } = await bao.api(method, path, method === 'GET' ? undefined : {}, headers)
  return String(((data ?? wrap_info) as JsonObject)[name])
}

const roleIdOf = (): Promise<string> => field('/auth/approle/role/web/role-id', 'role_id')
const secretIdOf = (): Promise<string> => field('/auth/approle/role/web/secret-id', 'secret_id')

async function seesItsOwn(store: SecretStore): Promise<void> {
  expect((await store.get('app/db')).value).toBe('from the app')
  expect(await codeOf(store.get('other'))).toBe('PERMISSION_DENIED')
  expect(await codeOf(store.put('app/db', 'x'))).toBe('PERMISSION_DENIED')
  await store.close()
}

describe('AppRole', () => {
  it('reads what its policy lets it, and nothing else', async () => {
    const auth = { method: 'approle', roleId: await roleIdOf(), secretId: await secretIdOf() } as const
    await seesItsOwn(open(auth))
  })

  it('by a file', async () => {
    const secretIdFile = join(folder, 'secret-id')
    writeFileSync(secretIdFile, `${await secretIdOf()}\n`)
    await seesItsOwn(open({ method: 'approle', roleId: await roleIdOf(), secretIdFile }))
  })

  it('by a wrapped secret id, once', async () => {
    const wrappedSecretId = await field('/auth/approle/role/web/secret-id', 'token', {
      'x-vault-wrap-ttl': '60s',
    })
    const auth = { method: 'approle', roleId: await roleIdOf(), wrappedSecretId } as const
    await seesItsOwn(open(auth))
    expect(await codeOf(open(auth).get('app/db'))).toBe('UNAUTHENTICATED')
  })

  it('not by a wrap around something else', async () => {
    const { wrap_info } = await bao.api(
      'POST',
      '/sys/wrapping/wrap',
      { secret_id: 'planted' },
      { 'x-vault-wrap-ttl': '60s' },
    )
    const wrappedSecretId = String((wrap_info as JsonObject)['token'])
    const auth = { method: 'approle', roleId: await roleIdOf(), wrappedSecretId } as const
    expect(await codeOf(open(auth).get('app/db'))).toBe('UNAUTHENTICATED')
  })

  it.each([
    ['secretId', { secretId: 'wrong' }],
    ['mount', { secretId: 'x', mount: 'nowhere' }],
  ])('a wrong %s is UNAUTHENTICATED', async (_, wrong) => {
    const auth = { method: 'approle', roleId: await roleIdOf(), ...wrong } as const
    expect(await codeOf(open(auth).get('app/db'))).toBe('UNAUTHENTICATED')
  })

  it('fifty readers over two lives of a token of 6 seconds see no failure', { timeout: 40_000 }, async () => {
    const store = open({ method: 'approle', roleId: await roleIdOf(), secretId: await secretIdOf() })
    const until = Date.now() + 14_000
    let reads = 0
    const failures: unknown[] = []
    const reader = async (): Promise<void> => {
      while (Date.now() < until) {
        const [settled] = await Promise.allSettled([store.get('app/db')])
        if (settled.status === 'rejected') failures.push(settled.reason)
        reads += 1
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    await Promise.all(Array.from({ length: 50 }, reader))
    await store.close()
    expect(failures).toEqual([])
    expect(reads).toBeGreaterThan(1_000)
  })

  it('a token that is revoked is replaced within the call; where its secret id is gone too, UNAUTHENTICATED', async () => {
    const secretId = await secretIdOf()
    const store = open({ method: 'approle', roleId: await roleIdOf(), secretId })
    await store.get('app/db')
    await bao.api('POST', '/sys/leases/revoke-prefix/auth/approle/login', {})
    expect((await store.get('app/db')).value).toBe('from the app')
    await bao.api('POST', '/auth/approle/role/web/secret-id/destroy', { secret_id: secretId })
    await bao.api('POST', '/sys/leases/revoke-prefix/auth/approle/login', {})
    expect(await codeOf(store.get('app/db'))).toBe('UNAUTHENTICATED')
  })
})

describe('JWT', () => {
  it('by a function, and by a file', async () => {
    await seesItsOwn(open({ method: 'jwt', role: 'web', jwt: async () => jwt() }))
    const jwtFile = join(folder, 'jwt')
    writeFileSync(jwtFile, jwt())
    await seesItsOwn(open({ method: 'jwt', role: 'web', jwtFile }))
  })

  it.each([
    ['audience', { aud: 'somebody else' }],
    ['time', { exp: 1_000_000_000, nbf: 999_999_000, iat: 999_999_000 }],
  ])('of a wrong %s is UNAUTHENTICATED', async (_, claims) => {
    expect(await codeOf(open({ method: 'jwt', role: 'web', jwt: jwt(claims) }).get('app/db'))).toBe(
      'UNAUTHENTICATED',
    )
  })
})

describe('a token', () => {
  const tokenOf = async (request: JsonObject): Promise<string> => {
    const { auth } = await bao.api('POST', '/auth/token/create', request)
    return String((auth as JsonObject)['client_token'])
  }
  const withToken = (token: string): SecretStore =>
    createStore({ provider: vault({ address: bao.url, token }), layers: [] })

  it('without the default policy, which may not look at itself, is used as it is', async () => {
    const token = await tokenOf({ policies: ['reader'], no_default_policy: true })
    await seesItsOwn(withToken(token))
  })

  it('revoked it is UNAUTHENTICATED within one call', async () => {
    const token = await tokenOf({ policies: ['reader'] })
    const store = withToken(token)
    await store.get('app/db')
    await bao.api('POST', '/auth/token/revoke', { token })
    expect(await codeOf(store.get('app/db'))).toBe('UNAUTHENTICATED')
  })

  it('of a short lease is renewed while it is used', { timeout: 20_000 }, async () => {
    const store = withToken(await tokenOf({ policies: ['reader'], ttl: '3s' }))
    for (let turn = 0; turn < 16; turn += 1) {
      expect((await store.get('app/db')).value).toBe('from the app')
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    await store.close()
  })
})
