import nodeVault from 'node-vault'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Harness, startHarness } from './harness.js'

let h: Harness
let client: nodeVault.client
beforeEach(async () => {
  h = await startHarness()
  client = nodeVault({ endpoint: h.emulator.url, token: 'root' })
})
afterEach(() => h.close())

test('node-vault writes, reads, lists and deletes, listing with its own verb', async () => {
  await client.write('secret/data/a/one', { data: { v: 1 } })
  await client.write('secret/data/a/two', { data: { v: 2 } })
  expect((await client.read('secret/data/a/one')).data.data).toEqual({ v: 1 })
  expect((await client.list('secret/metadata/a')).data.keys).toEqual(['one', 'two'])
  expect((await client.list('secret/metadata/a')).data.keys).toEqual(['one', 'two'])
  await client.delete('secret/metadata/a/one')
  expect((await client.list('secret/metadata/a')).data.keys).toEqual(['two'])
  expect(h.emulator.calls['kv-v2-list']).toBe(3)
})

test('node-vault logs in by AppRole, renews and revokes', async () => {
  await client.write('sys/auth/approle', { type: 'approle' })
  await client.write('auth/approle/role/app', { token_policies: 'default' })
  const { role_id } = (await client.read('auth/approle/role/app/role-id')).data
  const { secret_id } = (await client.write('auth/approle/role/app/secret-id', {})).data
  client.token = (await client.write('auth/approle/login', { role_id, secret_id })).auth.client_token
  expect((await client.read('auth/token/lookup-self')).data.meta).toEqual({ role_name: 'app' })
  expect((await client.write('auth/token/renew-self', { increment: '1h' })).auth.lease_duration).toBe(3_600)
  await client.write('auth/token/revoke-self', {})
  await expect(client.read('auth/token/lookup-self')).rejects.toMatchObject({ response: { statusCode: 403 } })
})
