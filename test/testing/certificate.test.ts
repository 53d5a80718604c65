import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { createCertificate, type Emulator, startEmulator } from 'strongroom/testing'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { toyService } from './toy-service.js'

const folder = mkdtempSync(join(tmpdir(), 'strongroom-tls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('createCertificate', () => {
  const bundle = createCertificate()
  const leaf = new X509Certificate(bundle.cert)
  const ca = new X509Certificate(bundle.ca)

  test('is what it says to a parser', () => {
    expect(leaf.verify(ca.publicKey)).toBe(true)
    expect(leaf.checkIssued(ca)).toBe(true)
    expect([ca.ca, leaf.ca]).toEqual([true, false])
    expect(leaf.subjectAltName).toBe(
      'DNS:localhost, DNS:*.localhost, DNS:vault.localhost, DNS:*.vault.localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    )
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect([leaf.checkHost('my.vault.localhost'), leaf.checkIP('::1')]).toEqual(['*.vault.localhost', '::1'])
    expect(leaf.checkHost('example.com')).toBeUndefined()
  })

  test('openssl verifies it under its strictest rules, for a server, by name and address', () => {
    const [caFile, leafFile] = [join(folder, 'ca.pem'), join(folder, 'leaf.pem')]
    writeFileSync(caFile, bundle.ca)
    writeFileSync(leafFile, bundle.cert)
    const verify = (...more: string[]) =>
      execFileSync(
        'openssl',
        [
          'verify',
          '-x509_strict',
          '-check_ss_sig',
          '-purpose',
          'sslserver',
          ...more,
          '-CAfile',
          caFile,
          leafFile,
        ],
        { stdio: 'pipe' },
      ).toString()
    expect(verify('-verify_hostname', 'a.vault.localhost')).toContain('OK')
    expect(verify('-verify_ip', '127.0.0.1')).toContain('OK')
    expect(() => verify('-verify_hostname', 'example.com')).toThrow()
  })

  test('dates follow the options, beyond 2049 too', () => {
    const day = 86_400_000
    const now = Date.UTC(2049, 11, 1)
    const late = new X509Certificate(createCertificate({ now, validForMs: 100 * day }).ca)
    expect(Date.parse(late.validFrom)).toBe(now - day)
    expect(Date.parse(late.validTo)).toBe(now + 99 * day)
    expect(Date.parse(ca.validTo) - Date.parse(ca.validFrom)).toBe(397 * day)
  })

  test('names and addresses follow the options', () => {
    const { cert } = createCertificate({ dnsNames: ['vault.test'], addresses: ['10.0.0.7', 'fe80::1:2'] })
    expect(new X509Certificate(cert).subjectAltName).toBe(
      'DNS:vault.test, IP Address:10.0.0.7, IP Address:FE80:0:0:0:0:0:1:2',
    )
  })

  test('no two are alike', () => {
    expect(createCertificate().ca).not.toBe(bundle.ca)
  })
})

describe('a secure emulator', () => {
  let toy: Emulator
  afterEach(() => toy.close())
  const get = (url: string, ca: string | undefined) =>
    new Promise<number | undefined>((resolve, reject) => {
      request(url, { ca, servername: 'my.vault.localhost' }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end()
    })

  test('speaks TLS to who trusts its file, HTTP beside it, on one state, and cleans up', async () => {
    toy = await startEmulator(toyService, { secure: true })
    const { url, httpUrl = '', caFile = '' } = toy
    expect([new URL(url).protocol, new URL(httpUrl).protocol]).toEqual(['https:', 'http:'])
    await fetch(`${httpUrl}/n`, { method: 'PUT', body: 'x' })
    const ca = readFileSync(caFile, 'utf8')
    expect(await get(`${url}/n`, ca)).toBe(200)
    expect(await get(`${url.replace('127.0.0.1', 'localhost')}/n`, ca)).toBe(200)
    await expect(get(`${url}/n`, undefined)).rejects.toMatchObject({ code: /SELF_SIGNED|UNABLE_TO/ })
    expect(toy.calls).toEqual({ PutNote: 1, GetNote: 2 })
    await toy.close()
    expect(existsSync(caFile)).toBe(false)
  })

  test('keeps its certificate with its data, the key for the owner only', async () => {
    toy = await startEmulator(toyService, { secure: true, dataDir: folder })
    const { caFile = '' } = toy
    const ca = readFileSync(caFile, 'utf8')
    expect(statSync(join(folder, 'toy', 'server.key')).mode & 0o777).toBe(0o600)
    await toy.close()
    toy = await startEmulator(toyService, { secure: true, dataDir: folder })
    expect(toy.caFile).toBe(caFile)
    expect(readFileSync(caFile, 'utf8')).toBe(ca)
    expect(await get(`${toy.url}/none`, ca)).toBe(404)
  })

  test('plain bytes on the TLS port, a client that leaves in the handshake, and one that never speaks, do no harm', async () => {
    toy = await startEmulator(toyService, { secure: true })
    await expect(fetch(toy.url.replace('https', 'http'))).rejects.toThrow()
    const socket: TLSSocket = connect({ port: Number(new URL(toy.url).port), rejectUnauthorized: false })
    socket.on('error', () => undefined).destroy()
    const silent = connectPlain(Number(new URL(toy.url).port), '127.0.0.1')
    silent.on('error', () => undefined)
    await once(silent, 'connect')
    expect(await get(`${toy.url}/none`, readFileSync(toy.caFile ?? '', 'utf8'))).toBe(404)
    await toy.close()
    if (!silent.destroyed) await once(silent, 'close')
  })
})
