import { readFileSync } from 'node:fs'
import { SecretClient } from '@azure/keyvault-secrets'
import { createStore, openStore } from 'strongroom'
import { type AzureOptions, azure, fromUrl } from 'strongroom/azure'
import { azureEmulator } from 'strongroom/azure/emulator'
import { afterEach, describe, expect, it } from 'vitest'
import { errorOf, foreignHand, httpUrlOf, openBench } from './kit.js'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

describe('the address', () => {
  it.each([
    [{}, 'vaultName or vaultUrl'],
    [{ vaultName: 'my-vault', vaultUrl: 'https://my-vault.vault.azure.net' }, 'twice'],
    [{ vaultName: 'my--vault' }, 'vaultName'],
    [{ vaultName: 'v' }, 'vaultName'],
    [{ vaultName: '1vault' }, 'vaultName'],
    [{ vaultName: 'evil.example/' }, 'vaultName'],
    [{ vaultUrl: 'my-vault' }, 'vaultUrl'],
    [{ vaultUrl: 'https://my-vault.vault.azure.net.evil.example' }, 'no host of Azure'],
    [{ vaultUrl: 'https://evilvault.azure.net' }, 'no host of Azure'],
    [{ vaultUrl: 'https://vault.azure.net' }, 'no host of Azure'],
    [{ vaultUrl: 'http://my-vault.vault.azure.net' }, 'https'],
    [{ vaultUrl: 'ftp://localhost' }, 'https'],
    [{ vaultUrl: 'https://my-vault.vault.azure.net/secrets/a' }, 'more than a host'],
    [{ vaultUrl: 'https://me:pw@my-vault.vault.azure.net' }, 'password'],
    [{ endpoint: 'http://10.0.0.1:8080' }, 'https'],
    [{ vaultUrl: 'https://my-vault.vault.azure.net.' }, 'no host of Azure'],
    [{ vaultUrl: 'https://my-vault.vault.microsoftazure.de' }, 'no host of Azure'],
    [{ vaultUrl: 'https://my-hsm.managedhsm.azure.net' }, 'no host of Azure'],
    [{ vaultUrl: 'https://localhost.evil.example' }, 'no host of Azure'],
    [{ endpoint: 'https://127.0.0.1.evil.example' }, 'no host of Azure'],
    [{ vaultName: 'my-vault', cloud: 'germany' as 'china' }, 'public, china, us-government'],
    [{ vaultName: 'my-vault', cloud: 'toString' as 'china' }, 'public, china, us-government'],
    [{ vaultUrl: 'https://my-vault.vault.azure.cn', cloud: 'china' }, 'leave it out'],
    [{ vaultName: 'my-vault', caFile: '/nowhere/ca.pem' }, 'ENOENT'],
    [{ vaultName: 'my-vault', prefix: 'a//b' }, 'slash'],
    [{ vaultName: 'my-vault', create: { tags: { 'Strongroom-After': 'x' } } }, 'create.tags'],
    [{ vaultName: 'my-vault', create: { tags: { a: 'x'.repeat(257) } } }, 'create.tags'],
  ] satisfies [AzureOptions, string][])('%j is refused, and the message says %s', (options, says) => {
    expect(() => azure(options)).toThrow(says)
  })

  it.each([
    [{ vaultName: 'my-vault' }],
    [{ vaultName: 'my-vault', cloud: 'public' }],
    [{ vaultName: 'my-vault', cloud: 'us-government', endpoint: 'http://127.0.0.1:8444' }],
    [{ vaultUrl: 'https://my-vault.vault.azure.net/' }],
    [{ vaultUrl: 'https://my-vault.vault.azure.net:443' }],
    [{ vaultUrl: 'https://my-vault.vault.azure.cn' }],
    [{ vaultUrl: 'https://my-vault.vault.usgovcloudapi.net' }],
    [{ vaultUrl: 'https://vault.localhost:8443' }],
    [{ vaultName: 'my-vault', endpoint: 'http://[::1]:8444' }],
  ] satisfies [AzureOptions][])('%j is taken, without a request', (options) => {
    expect(azure(options).name).toBe('azure')
  })

  it('never quotes a password', () => {
    const address = 'https://me:hunter2hunter2@my-vault.vault.azure.net'
    expect(() => azure({ vaultUrl: address })).toThrow(/^((?!hunter2).)*$/s)
  })

  it('is not given beside a client', async () => {
    const { emulator, close } = await openBench()
    closers.push(close)
    const client = foreignHand(emulator)
    expect(() => azure({ client, caFile: 'x' })).toThrow('drop caFile')
    expect(() => azure({ client, vaultName: 'my-vault' })).toThrow('drop vaultName')
  })
})

describe('the URL', () => {
  it.each([
    ['azure://my-vault', ''],
    ['azure://my-vault/prod', 'prod/'],
    ['azure://my-vault/prod/team%20a', 'prod/team a/'],
    ['azure://my-vault.vault.azure.cn/prod', 'prod/'],
    ['azure://my-vault/prod?cloud=china', 'prod/'],
    ['azure://localhost:8443/prod', 'prod/'],
    ['azure://my-vault/prod?endpoint=http%3A%2F%2F127.0.0.1%3A1', 'prod/'],
  ])('%s has the prefix %j', (url, prefix) => {
    expect(fromUrl(new URL(url)).names.prefix).toBe(prefix)
  })

  it.each([
    ['azure:///prod', 'no vault'],
    ['azure:my-vault', 'no vault'],
    ['azure://my-vault?region=x', '"region"'],
    ['azure://my-vault?cloud=germany', 'public, china, us-government'],
    ['azure://my-vault.vault.azure.cn?cloud=china', 'leave it out'],
    ['azure://my-vault#x', '#'],
    ['azure://my-vault/%', '%'],
    ['azure://evil.example/prod', 'no host of Azure'],
    ['azure://my_vault', 'vaultName'],
  ])('%s is CONFIG_INVALID, and the message says %s', async (url, says) => {
    const error = await errorOf(openStore(url))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(says)
  })

  it('opens a store on an emulator, over HTTP and over HTTPS', async () => {
    const emulator = await azureEmulator({ seed: { stripe: 'sk_test_1' } })
    closers.push(() => emulator.close())
    const https = `azure://localhost?endpoint=${emulator.url}&caFile=${encodeURIComponent(emulator.caFile ?? '')}`
    for (const url of [emulator.storeUrl, https]) {
      expect((await (await openStore(url)).get('stripe')).value).toBe('sk_test_1')
    }
  })

  it('says what to do about a certificate that nobody vouches for', async () => {
    const emulator = await azureEmulator()
    closers.push(() => emulator.close())
    const store = createStore({ provider: azure({ endpoint: emulator.url }), layers: [] })
    const error = await errorOf(store.get('a'))
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', retryable: false, outcomeUnknown: false })
    expect(error.message).toContain('caFile')
  })
})

describe('a ready-made client', () => {
  it('that checks the challenge against loopback is CONFIG_INVALID, with the option', async () => {
    const emulator = await azureEmulator()
    closers.push(() => emulator.close())
    const credential = { getToken: async () => ({ token: 't', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }
    const ca = readFileSync(emulator.caFile ?? '', 'utf8')
    const strict = new SecretClient(emulator.url, credential, { tlsOptions: { ca } })
    const plain = new SecretClient(httpUrlOf(emulator), credential)
    for (const [client, says] of [
      [strict, 'disableChallengeResourceVerification'],
      [plain, 'allowInsecureConnection'],
    ] as const) {
      const error = await errorOf(createStore({ provider: azure({ client }), layers: [] }).get('a'))
      expect(error.code).toBe('CONFIG_INVALID')
      expect(error.message).toContain(says)
    }
  })
})
