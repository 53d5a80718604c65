import dns from 'node:dns'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { LookupFunction } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore, type SecretStore } from 'strongroom'
import { type AzureOptions, azure } from 'strongroom/azure'
import { createCertificate } from 'strongroom/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { endpointOf } from '../../providers/azure/endpoint.js'
import { collect, errorOf } from './kit.js'
import { bundle, failure, openStub, type Stub, type StubAnswer, type StubRequest } from './stub.js'

const suffixes = ['vault.azure.net', 'vault.azure.cn', 'vault.usgovcloudapi.net']
const hosts = suffixes.map((suffix) => `my-vault.${suffix}`)
const { ca, cert, key } = createCertificate({ dnsNames: hosts })
const folder = mkdtempSync(join(tmpdir(), 'strongroom-hosts-'))
const caFile = join(folder, 'ca.pem')
beforeAll(() => writeFileSync(caFile, ca))
afterAll(() => rmSync(folder, { recursive: true }))

/** The names that were looked up; all of them lead to this machine. */
const looked: string[] = []
const closers: (() => Promise<void>)[] = []
function leadHere(): void {
  const lookup: LookupFunction = (host, options, done) => {
    looked.push(host)
    if (options.all === true) done(null, [{ address: '127.0.0.1', family: 4 }])
    else done(null, '127.0.0.1', 4)
  }
  vi.spyOn(dns, 'lookup').mockImplementation(lookup as typeof dns.lookup)
}
afterEach(async () => {
  vi.restoreAllMocks()
  looked.length = 0
  for (const close of closers.splice(0)) await close()
})

const getToken = vi.fn(async () => ({ token: 'mine', expiresOnTimestamp: Date.now() + 3_600_000 }))
beforeEach(() => getToken.mockClear())

async function vaultAt(
  host: string,
  resource: string,
  answer: (request: StubRequest) => StubAnswer,
): Promise<{ stub: Stub; store: SecretStore }> {
  const challenge: StubAnswer = {
    status: 401,
    headers: { 'www-authenticate': `Bearer authorization="https://login/t", resource="${resource}"` },
    body: failure('Unauthorized'),
  }
  const stub = await openStub(
    (request) => (request.headers.authorization === undefined ? challenge : answer(request)),
    { challenged: false, tls: { cert, key } },
  )
  closers.push(stub.close)
  leadHere()
  const vaultUrl = `https://${host}:${new URL(stub.url).port}`
  const provider = azure({ vaultUrl, caFile, credential: { getToken } })
  return { stub, store: createStore({ provider, layers: [] }) }
}

const value = (): StubAnswer => ({ status: 200, body: bundle('x') })

describe('a vault by its name', () => {
  it.each(suffixes)('below %s is asked there, with a token for its cloud', async (suffix) => {
    const { stub, store } = await vaultAt(`my-vault.${suffix}`, `https://${suffix}`, value)
    expect((await store.get('a')).value).toBe('x')
    expect(getToken.mock.calls).toMatchObject([[[`https://${suffix}/.default`], { tenantId: 't' }]])
    expect(stub.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer mine'])
  })

  it.each([
    'https://evil.example',
    'https://vault.azure.cn',
    'https://t.vault.azure.net',
    'https://azure.net.evil',
  ])('that asks for a token for %s gets none: CONFIG_INVALID, and nothing was written', async (resource) => {
    const { stub, store } = await vaultAt(hosts[0] ?? '', resource, value)
    for (const call of [() => store.get('a'), () => store.put('a', 'a value'), () => store.delete('a')]) {
      expect(await errorOf(call())).toMatchObject({ code: 'CONFIG_INVALID', outcomeUnknown: false })
    }
    expect(getToken).not.toHaveBeenCalled()
    expect(stub.requests.every(({ body }) => !body.includes('a value'))).toBe(true)
  })

  it.each([301, 302, 303, 307, 308])(
    'that redirects (%s) is not followed, to whatever host',
    async (status) => {
      const location = 'https://evil.vault.azure.net/secrets/a/'
      const { store } = await vaultAt(hosts[0] ?? '', 'https://vault.azure.net', () => ({
        status,
        headers: { location },
      }))
      for (const call of [() => store.get('a'), () => store.delete('a')]) {
        expect((await errorOf(call())).code).toBe('UNAVAILABLE')
      }
      expect(new Set(looked)).toEqual(new Set([hosts[0]]))
    },
  )

  it('that points to a next page elsewhere is asked for it itself', async () => {
    let pages = 0
    const { store } = await vaultAt(hosts[0] ?? '', 'https://vault.azure.net', () => {
      pages += 1
      const nextLink = pages < 3 ? `https://evil.vault.azure.net/secrets?page=${pages}` : null
      return { status: 200, body: { value: [], nextLink } }
    })
    expect(await collect(store.list())).toEqual([])
    expect(pages).toBe(3)
    expect(new Set(looked)).toEqual(new Set([hosts[0]]))
  })
})

describe('the address of a vault', () => {
  it.each<[AzureOptions, string, string | undefined]>([
    [{ vaultName: 'my-vault' }, hosts[0] ?? '', undefined],
    [{ vaultName: 'my-vault', cloud: 'china' }, hosts[1] ?? '', 'https://login.chinacloudapi.cn'],
    [{ vaultName: 'my-vault', cloud: 'us-government' }, hosts[2] ?? '', 'https://login.microsoftonline.us'],
    [{ vaultUrl: `https://${hosts[1]}` }, hosts[1] ?? '', 'https://login.chinacloudapi.cn'],
    [{ vaultUrl: `https://${hosts[2]}/` }, hosts[2] ?? '', 'https://login.microsoftonline.us'],
  ])('%j is at %s, and its tokens come from %s', (options, host, authorityHost) => {
    expect(endpointOf(options)).toEqual({
      origin: `https://${host}`,
      isLoopback: false,
      isPlain: false,
      authorityHost,
    })
  })
})
