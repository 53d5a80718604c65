import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SecretClient } from '@azure/keyvault-secrets'
import { azureEmulator } from 'strongroom/azure/emulator'
import { startEmulators } from 'strongroom/emulators'
import { createClock } from 'strongroom/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { credential, type Harness, start, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

describe('the official client', () => {
  test.each(['http', 'https'] as const)('does all its work over %s', async (scheme) => {
    const client = h.client(scheme)
    const tags = { team: 'x' }
    const expiresOn = new Date(start + 86_400_000)
    const set = await client.setSecret('db', 'one', { contentType: 'text/plain', tags, expiresOn })
    expect(set).toMatchObject({ name: 'db', value: 'one', properties: { vaultUrl: client.vaultUrl, tags } })
    expect(set.properties).toMatchObject({ contentType: 'text/plain', expiresOn, createdOn: new Date(start) })
    const { version = '' } = set.properties
    await client.setSecret('db', 'two')
    expect((await client.getSecret('db')).value).toBe('two')
    expect((await client.getSecret('db', { version })).value).toBe('one')
    const updated = await client.updateSecretProperties('db', version, { enabled: false, tags: {} })
    expect(updated).toMatchObject({ version, enabled: false, contentType: 'text/plain', tags: {} })
    await expect(client.getSecret('db', { version })).rejects.toMatchObject({
      statusCode: 403,
      code: 'Forbidden',
      details: { error: { innerError: { code: 'SecretDisabled' } } },
    })
    const listed = []
    for await (const { name } of client.listPropertiesOfSecrets()) listed.push(name)
    const versions = []
    for await (const { version: id } of client.listPropertiesOfSecretVersions('db')) versions.push(id)
    expect([listed, versions.length]).toEqual([['db'], 2])
    await client.beginDeleteSecret('db')
    await expect(client.setSecret('db', 'three')).rejects.toMatchObject({
      statusCode: 409,
      details: { error: { code: 'Conflict', innerError: { code: 'ObjectIsBeingDeleted' } } },
    })
    h.advance(1_000)
    expect(await client.getDeletedSecret('db')).toMatchObject({
      name: 'db',
      properties: { scheduledPurgeDate: new Date(start + 90 * 86_400_000), recoverableDays: 90 },
    })
    const trash = []
    for await (const { name } of client.listDeletedSecrets()) trash.push(name)
    expect(trash).toEqual(['db'])
    await client.purgeDeletedSecret('db')
    h.advance(1_000)
    await expect(client.getDeletedSecret('db')).rejects.toMatchObject({
      statusCode: 404,
      code: 'SecretNotFound',
    })
  })

  test('trusts the authority in the file, and no certificate without it', async () => {
    expect(readFileSync(h.emulator.caFile ?? '', 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/)
    const strict = h.client('https', { tlsOptions: {} } as object)
    await expect(strict.getSecret('a')).rejects.toThrow(/certificate/)
  })

  test('sees one state on both ports', async () => {
    await h.client('https').setSecret('a', 'v')
    const { value, properties } = await h.client('http').getSecret('a')
    expect([value, properties.vaultUrl]).toEqual(['v', h.emulator.httpUrl])
  })

  test('runs into a date past 2038 by itself, and the emulator takes it as sent', async () => {
    const { properties } = await h
      .client()
      .setSecret('a', 'v', { expiresOn: new Date('2040-01-01T00:00:00Z') })
    expect(properties.expiresOn?.getTime()).toBe(-2085978496 * 1000)
  })
})

describe('what it tells of itself', () => {
  test('env and storeUrl', () => {
    const { url, httpUrl, caFile, env, storeUrl } = h.emulator
    expect([url, httpUrl]).toEqual([
      expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    ])
    expect(env).toEqual({
      AZURE_KEYVAULT_URL: url,
      AZURE_AUTHORITY_HOST: url,
      AZURE_TENANT_ID: '00000000-0000-0000-0000-000000000000',
      NODE_EXTRA_CA_CERTS: caFile,
      REQUESTS_CA_BUNDLE: caFile,
    })
    const store = new URL(storeUrl)
    expect([store.protocol, store.host, store.searchParams.get('endpoint')]).toEqual([
      'azure:',
      'localhost',
      httpUrl,
    ])
  })

  test('calls, by the names of the REST reference', async () => {
    await h.set('a')
    for (const [method, path] of [
      ['GET', '/secrets/a'],
      ['PATCH', '/secrets/a'],
      ['GET', '/secrets'],
      ['GET', '/secrets/a/versions'],
      ['POST', '/secrets/a/backup'],
      ['POST', '/secrets/restore'],
      ['DELETE', '/secrets/a'],
      ['GET', '/deletedsecrets/a'],
      ['GET', '/deletedsecrets'],
      ['POST', '/deletedsecrets/a/recover'],
      ['DELETE', '/deletedsecrets/a'],
    ] as const) {
      await h.raw(method, path)
    }
    expect(Object.keys(h.emulator.calls).sort()).toEqual([
      'BackupSecret',
      'DeleteSecret',
      'GetDeletedSecret',
      'GetDeletedSecrets',
      'GetSecret',
      'GetSecretVersions',
      'GetSecrets',
      'PurgeDeletedSecret',
      'RecoverDeletedSecret',
      'RestoreSecret',
      'SetSecret',
      'UpdateSecret',
    ])
  })
})

describe('seed', () => {
  test('stores text as it is and an object as JSON', async () => {
    h.emulator.seed({ stripe: 'sk', db: { user: 'u' } })
    expect((await h.raw('GET', '/secrets/stripe')).body).toMatchObject({ value: 'sk' })
    expect((await h.raw('GET', '/secrets/db')).body).toMatchObject({
      value: '{"user":"u"}',
      contentType: 'application/json',
    })
    h.emulator.seed({ stripe: 'other' })
    expect((await h.raw('GET', '/secrets/stripe/versions')).body.value).toHaveLength(2)
  })

  test('says which name is none, and stores nothing', async () => {
    expect(() => h.emulator.seed({ a: 'v', 'prod/db': 'v' })).toThrow(
      'seed: prod/db is no name of an Azure secret; use 1 to 127 letters, digits and hyphens',
    )
    expect((await h.raw('GET', '/secrets')).body.value).toEqual([])
  })
})

describe('state', () => {
  test('reset forgets secrets, faults and calls', async () => {
    await h.set('a')
    h.emulator.faults.add({ operation: '*', status: 503 })
    h.emulator.reset()
    expect(h.emulator.calls).toEqual({})
    expect((await h.raw('GET', '/secrets')).body.value).toEqual([])
  })

  test('a dump holds everything, and loads into another emulator', async () => {
    const id = await h.set('a', 'one', { tags: { k: 'v' } })
    await h.set('a', 'two')
    await h.set('b')
    await h.raw('DELETE', '/secrets/b')
    const other = await startHarness()
    other.emulator.state.load(JSON.parse(JSON.stringify(h.emulator.state.dump())))
    other.advance(1_000)
    const old = await other.raw('GET', `/secrets/a/${id}`)
    const trash = await other.raw('GET', '/deletedsecrets/b')
    await other.close()
    expect([old.body.value, old.body.tags, trash.status]).toEqual(['one', { k: 'v' }, 200])
  })

  test('a data folder keeps secrets, what is under way, and the certificate', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'strongroom-azure-'))
    const clock = createClock({ start, frozen: true })
    const first = await startHarness({ dataDir, clock })
    await first.set('a', 'kept')
    await first.set('b')
    await first.raw('DELETE', '/secrets/b')
    const authority = readFileSync(first.emulator.caFile ?? '', 'utf8')
    await first.close()
    clock.advance(999)
    const second = await startHarness({ dataDir, clock })
    expect((await second.raw('GET', '/secrets/a')).body.value).toBe('kept')
    expect((await second.raw('GET', '/deletedsecrets/b')).status).toBe(404)
    clock.advance(1)
    expect((await second.raw('GET', '/deletedsecrets/b')).status).toBe(200)
    expect(readFileSync(second.emulator.caFile ?? '', 'utf8')).toBe(authority)
    await second.close()
    rmSync(dataDir, { recursive: true })
  })

  test('starts beside the other services, on one clock and one seed', async () => {
    const cloud = await startEmulators({ services: ['aws', 'azure'], seed: { a: 'v' } })
    const client = new SecretClient(cloud.azure.httpUrl ?? '', credential, {
      disableChallengeResourceVerification: true,
      allowInsecureConnection: true,
    } as object)
    const { value } = await client.getSecret('a')
    expect([value, cloud.azure.clock]).toEqual(['v', cloud.aws.clock])
    await cloud.close()
  })

  test('each of two ports can be chosen', async () => {
    const { httpUrl = '' } = h.emulator
    await h.close()
    const again = await azureEmulator({ httpPort: Number(new URL(httpUrl).port) })
    expect(again.httpUrl).toBe(httpUrl)
    await again.close()
  })
})
