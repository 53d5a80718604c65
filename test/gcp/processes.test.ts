import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { gcpEmulator } from 'strongroom/gcp/emulator'
import { canaryValue, createCertificate, type Emulator } from 'strongroom/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needlesOf } from '../../src/testing/leaks.js'
import type { Job } from './child.js'
import { restUrlOf } from './kit.js'

const sdks = process.env['STRONGROOM_SDKS'] ?? join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'strongroom-gcp-'))
const value = canaryValue()
let emulator: Emulator

beforeAll(async () => {
  emulator = await gcpEmulator()
  symlinkSync(join(sdks, 'node_modules'), join(folder, 'node_modules'))
  await build({
    entryPoints: [join(import.meta.dirname, 'child.ts')],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    conditions: ['strongroom-source'],
    external: ['@google-cloud/*', 'protobufjs/*', '@aws-sdk/*', '@azure/*'],
    // The kit starts emulators, which the child does not.
    alias: { 'strongroom/gcp/emulator': 'node:process' },
  })
})
afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true })
})

interface Ended {
  readonly status: number
  readonly said: string[]
  readonly all: string
}

function start(
  run: Job['run'],
  transport: Job['transport'],
  env: Record<string, string> = {},
  url: string = emulator.url,
): Promise<Ended> {
  const args = [join(folder, 'child.mjs'), run, transport, url, restUrlOf(emulator)]
  const options = {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
    encoding: 'utf8',
  } as const
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const status = error === null ? 0 : Number(error.code)
      resolve({ status, said: stdout.trim().split('\n'), all: stdout + stderr })
    })
    child.stdin?.end(value)
  })
}

/** The forms of the value that a text shows. */
function shownIn(text: string): string[] {
  return needlesOf(value)
    .filter((needle) => text.includes(needle.text))
    .map(({ form }) => form)
}

const transports = ['grpc', 'rest'] as const

describe.each(transports)('a program over %s', (transport) => {
  it('puts, gets, and ends by itself', async () => {
    expect(await start('value', transport)).toMatchObject({ status: 0, said: ['done', 'true', 'done'] })
  }, 30_000)

  it('is refused where Google’s packages would print what passes through them', async () => {
    const { status, all } = await start('value', transport, { GOOGLE_SDK_NODE_LOGGING: '*' })
    expect(status).toBe(1)
    expect(all).toContain('GOOGLE_SDK_NODE_LOGGING')
    expect(shownIn(all)).toEqual([])
  }, 30_000)

  it('is not refused where they print something else', async () => {
    const { said, all } = await start('value', transport, { GOOGLE_SDK_NODE_LOGGING: 'storage,pubsub:*' })
    expect(said).toEqual(['done', 'true', 'done'])
    expect(shownIn(all)).toEqual([])
  }, 30_000)

  it('is refused at the first call where the switch is set late', async () => {
    const { said, all } = await start('late-switch', transport)
    expect(said).toEqual(['CONFIG_INVALID', 'CONFIG_INVALID'])
    expect(shownIn(all)).toEqual([])
  }, 30_000)

  it('prints no value through a client that was made to print everything', async () => {
    const { said, all } = await start('ready-made', transport)
    expect(said.slice(-3)).toEqual(['done', 'true', 'done'])
    expect(all).toContain(`loud-${transport}`)
    expect(shownIn(all)).toEqual([])
  }, 30_000)

  it('lives on where there are no credentials', async () => {
    const env = { METADATA_SERVER_DETECTION: 'none', CLOUDSDK_CONFIG: folder }
    expect(await start('no-credentials', transport, env)).toMatchObject({
      status: 0,
      said: ['UNAUTHENTICATED', 'UNAUTHENTICATED'],
    })
  }, 30_000)

  it('shows its credential over TLS, and tells a token server that fails from one that refuses', async () => {
    const seen: (string | undefined)[] = []
    const { ca, cert, key } = createCertificate()
    const authority = join(folder, 'ca.pem')
    writeFileSync(authority, ca)
    const server = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
      seen.push(request.headers.authorization)
      if (request.httpVersionMajor === 2) {
        const trailers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' }
        response.stream.respond(trailers, { endStream: true })
        return
      }
      response.writeHead(404, { 'content-type': 'application/json' })
      response.end('{"error":{"status":"NOT_FOUND"}}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `https://localhost:${(server.address() as AddressInfo).port}`
    expect((await start('tls', transport, {}, url)).said).toEqual([
      'CONFIG_INVALID',
      ...(transport === 'grpc' ? ['CONFIG_INVALID', 'CONFIG_INVALID', 'CONFIG_INVALID'] : refusals),
    ])
    expect((await start('tls', transport, { NODE_EXTRA_CA_CERTS: authority }, url)).said).toEqual([
      'NOT_FOUND',
      ...refusals,
    ])
    expect(seen).toEqual(['Bearer a-token'])
    server.close()
  }, 30_000)
})

/** Before anything is sent, and over REST before a connection is made. */
const refusals = ['UNAUTHENTICATED', 'UNAVAILABLE', 'RATE_LIMITED']

it('a program without the SDK is told what to install', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'strongroom-gcp-'))
  const contents =
    "import { openStore } from 'strongroom'\nopenStore('gcp://my-project').catch((error) => console.log(String(error)))"
  await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    outdir: empty,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    conditions: ['strongroom-source'],
    external: ['@google-cloud/*', '@aws-sdk/*', '@azure/*', 'node-vault', 'age-encryption'],
  })
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, [join(empty, 'stdin.mjs')], (_, stdout) => resolve(stdout))
  })
  rmSync(empty, { recursive: true })
  expect(said).toContain('npm install @google-cloud/secret-manager')
})
