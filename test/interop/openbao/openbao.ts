import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type JsonObject, parseJson } from 'strongroom/provider'

export interface OpenBao {
  readonly url: string
  readonly rootToken: string
  /** A request with the root token, or another; rejects for an answer that is an error. */
  readonly api: (method: string, path: string, json?: JsonObject, headers?: Headers) => Promise<JsonObject>
  readonly close: () => Promise<void>
}

type Headers = Readonly<Record<string, string>>

export const rootToken = 'root-of-the-bench'

const asRoot: Headers = { 'x-vault-token': rootToken }

/** Starts the binary in `STRONGROOM_BAO` as a server in memory, on a free port, with KV version 2 at `secret`. */
export async function startOpenBao(): Promise<OpenBao> {
  const home = mkdtempSync(join(tmpdir(), 'strongroom-openbao-'))
  const port = await freePort()
  const address = `127.0.0.1:${port}`
  const flags = [
    '-dev',
    `-dev-root-token-id=${rootToken}`,
    `-dev-listen-address=${address}`,
    '-dev-no-store-token',
  ]
  const bao = await started(['server', ...flags], { home, address })
  // It answers before it has set itself up: unsealed, and the mount of `secret` moved to version 2.
  await settled(
    async () => (await exchange(bao.url, 'GET', '/secret/config', undefined, asRoot)).status === 200,
  )
  return bao
}

export interface StartedOptions {
  readonly home: string
  /** Host and port. */
  readonly address: string
  /** For a server that is started again. Default false: it is removed when the server is closed. */
  readonly keepHome?: boolean
}

/** Starts the binary with these arguments, and waits until it answers. */
export async function started(
  args: readonly string[],
  { home, address, keepHome = false }: StartedOptions,
): Promise<OpenBao> {
  const binary = process.env['STRONGROOM_BAO']
  if (binary === undefined) throw new Error('STRONGROOM_BAO is not set: start with run.sh')
  const server = spawn(binary, args, { stdio: 'ignore', env: { HOME: home, PATH: process.env['PATH'] } })
  const exited = once(server, 'exit')
  const url = `http://${address}`
  await ready(url, () => server.exitCode !== null)
  return {
    url,
    rootToken,
    api: (method, path, json, headers) => api(url, method, path, json, headers),
    close: async () => {
      server.kill()
      await exited
      if (!keepHome) rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Waits until there is an answer, of whatever status: a server may start sealed. */
async function ready(url: string, hasExited: () => boolean): Promise<void> {
  await settled(async () => {
    if (hasExited()) throw new Error('OpenBao ended instead of starting')
    const [answer] = await Promise.allSettled([exchange(url, 'GET', '/sys/health', undefined, {})])
    return answer.status === 'fulfilled'
  })
}

/** Waits up to 30 seconds. */
async function settled(isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('OpenBao did not start')
}

async function api(
  url: string,
  method: string,
  path: string,
  json?: JsonObject,
  headers: Headers = {},
): Promise<JsonObject> {
  const { status, text } = await exchange(url, method, path, json, { ...asRoot, ...headers })
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`)
  return (text === '' ? {} : parseJson(text)) as JsonObject
}

function exchange(
  url: string,
  method: string,
  path: string,
  json: JsonObject | undefined,
  headers: Headers,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/v1${path}`, { method, headers }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk: string) => {
        text += chunk
      })
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }))
    })
    outgoing.on('error', reject)
    outgoing.end(json === undefined ? undefined : JSON.stringify(json))
  })
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
