import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nodeVault from 'node-vault'
import { createStore, type SecretStore } from 'strongroom'
import { parseJson } from 'strongroom/provider'
import type { Emulator } from 'strongroom/testing'
import { type VaultAuth, vault } from 'strongroom/vault'
import { vaultEmulator } from 'strongroom/vault/emulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorOf } from './stub.js'

const uid = '11111111-2222-3333-4444-555555555555'
let emulator: Emulator
let folder: string
let hand: nodeVault.client

/** A service-account token as far as it is read; the review takes every one. */
function accountToken(name: string): string {
  const claims = {
    iss: 'kubernetes/serviceaccount',
    sub: `system:serviceaccount:shop:${name}`,
    iat: 1_700_000_000,
    nbf: 1_700_000_000,
    exp: 4_102_444_800,
    'kubernetes.io': { namespace: 'shop', serviceaccount: { name, uid } },
  }
  const parts = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  return `${parts.join('.')}.c2lnbmVk`
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-logins-'))
  emulator = await vaultEmulator({
    tokenReview: (jwt) => {
      const [, payload = ''] = jwt.split('.')
      const { sub } = parseJson(Buffer.from(payload, 'base64url').toString('utf8')) as unknown as {
        readonly sub: string
      }
      return { authenticated: true, username: sub }
    },
  })
  hand = nodeVault({ endpoint: emulator.url, token: 'root' })
  await hand.write('secret/data/app/db', { data: { value: 'x' } })
  await hand.write('sys/policies/acl/reader', {
    policy: 'path "secret/data/app/*" { capabilities = ["read"] }',
  })
  await hand.write('sys/auth/kubernetes', { type: 'kubernetes' })
  await hand.write('auth/kubernetes/config', { kubernetes_host: 'https://127.0.0.1:1' })
  await hand.write('auth/kubernetes/role/web', {
    bound_service_account_names: ['web'],
    bound_service_account_namespaces: ['shop'],
    token_policies: ['reader'],
  })
  await hand.write('sys/auth/approle', { type: 'approle' })
  await hand.write('auth/approle/role/web', { token_policies: ['reader'], token_ttl: '1h' })
})
afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true })
})

function open(auth: VaultAuth): SecretStore {
  return createStore({ provider: vault({ address: emulator.url, auth }), layers: [] })
}

async function seesItsOwn(store: SecretStore): Promise<void> {
  expect((await store.get('app/db')).value).toBe('x')
  for (const call of [
    () => store.get('other'),
    () => store.put('app/db', 'y'),
    () => store.describe('app/db'),
  ]) {
    expect((await errorOf(call())).code).toBe('PERMISSION_DENIED')
  }
}

describe('logins on the emulator', () => {
  it('Kubernetes, by a service account of the role and by no other', async () => {
    const tokenFile = join(folder, 'service-account')
    const auth: VaultAuth = { method: 'kubernetes', role: 'web', tokenFile }
    writeFileSync(tokenFile, accountToken('web'))
    await seesItsOwn(open(auth))
    writeFileSync(tokenFile, accountToken('other'))
    expect((await errorOf(open(auth).get('app/db'))).code).toBe('UNAUTHENTICATED')
  })

  it('AppRole, by a wrapped secret id, once', async () => {
    const { data } = await hand.read('auth/approle/role/web/role-id')
    const headers = { 'X-Vault-Wrap-TTL': '60s' }
    const { wrap_info } = await hand.write('auth/approle/role/web/secret-id', {}, { headers })
    const auth: VaultAuth = { method: 'approle', roleId: data.role_id, wrappedSecretId: wrap_info.token }
    await seesItsOwn(open(auth))
    expect((await errorOf(open(auth).get('app/db'))).code).toBe('UNAUTHENTICATED')
  })
})
