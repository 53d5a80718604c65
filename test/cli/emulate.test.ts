import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from 'strongroom'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { strongroom } from './fake-terminal.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-emulate-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Facts {
  readonly url: string
  readonly storeUrl: string
  readonly env: Record<string, string>
  readonly httpUrl?: string
  readonly restUrl?: string
  readonly caFile?: string
}

/** Runs the emulators while `use` works with what their one line said. */
async function emulate(
  args: readonly string[],
  use: (said: Record<string, Facts>) => Promise<void>,
): Promise<void> {
  const stop = new AbortController()
  const said: string[] = []
  let used: Promise<void> = Promise.reject(new Error('it said nothing'))
  used.catch(() => {})
  const answer = await strongroom(['emulate', ...args, '--json'], {
    stop: stop.signal,
    onOutput(chunk) {
      said.push(chunk)
      used = use(JSON.parse(chunk)).finally(() => stop.abort('SIGTERM'))
    },
  })
  expect(answer.stderr).toBe('')
  expect(answer.code).toBe(0)
  await used
  expect(said).toHaveLength(1)
  expect(said[0]).toMatch(/^\{.*\}\n$/)
}

describe('emulate', () => {
  it('answers once it has said its one line', async () => {
    await emulate(['aws=0'], async ({ aws, ...others }) => {
      expect(others).toEqual({})
      expect(aws?.env).toMatchObject({ AWS_ENDPOINT_URL_SECRETS_MANAGER: aws?.url })
      const store = await openStore(aws?.storeUrl ?? '')
      await store.put('stripe', 'sk_test_1')
      expect((await store.get('stripe')).value).toBe('sk_test_1')
      await store.close()
    })
  })

  it('runs several services on one clock, azure with a certificate', async () => {
    await emulate(['aws=0', 'azure=0'], async ({ aws, azure }) => {
      expect(readFileSync(azure?.caFile ?? '', 'utf8')).toContain('BEGIN CERTIFICATE')
      const moved = await fetch(`${azure?.httpUrl}/_emulator/clock`, {
        method: 'POST',
        body: '{"advanceMs":86400000}',
      })
      expect(moved.status).toBe(200)
      const told = await fetch(`${aws?.url}/_emulator/clock`, { method: 'POST' })
      expect(((await told.json()) as { now: number }).now).toBeGreaterThan(Date.now() + 80_000_000)
    })
  })

  it('runs Vault, with what its clients read', async () => {
    await emulate(['vault=0'], async ({ vault }) => {
      expect(vault?.env).toEqual({ VAULT_ADDR: vault?.url, VAULT_TOKEN: 'root' })
      const store = await openStore(vault?.storeUrl ?? '')
      await store.put('stripe', 'sk_test_1')
      expect((await store.get('stripe')).value).toBe('sk_test_1')
      await store.close()
    })
  })

  it('runs Google, over gRPC and over REST', async () => {
    await emulate(['gcp=0'], async ({ gcp }) => {
      expect(gcp?.url).toMatch(/^127\.0\.0\.1:\d+$/)
      expect(gcp?.restUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect(gcp?.env).toEqual({
        SECRET_MANAGER_EMULATOR_HOST: gcp?.url,
        GOOGLE_CLOUD_PROJECT: 'emulator-project',
      })
      const answer = await fetch(`${gcp?.restUrl}/v1/projects/emulator-project/secrets`)
      expect(await answer.json()).toEqual({})
    })
  })

  it('starts with seeds, and keeps what was written when there is a folder', async () => {
    const seed = join(folder, 'seed.json')
    writeFileSync(seed, '{ "stripe": "sk_test_1", "db": { "user": "u" } }')
    await emulate(['aws=0', '--data', folder, '--seed', seed], async ({ aws }) => {
      const store = await openStore(aws?.storeUrl ?? '')
      expect((await store.get('stripe')).value).toBe('sk_test_1')
      await store.put('later', 'kept')
      await store.close()
    })
    await emulate(['aws=0', '--data', folder], async ({ aws }) => {
      const store = await openStore(aws?.storeUrl ?? '')
      expect((await store.get('db', { field: 'user' })).value).toBe('u')
      expect((await store.get('later')).value).toBe('kept')
      await store.close()
    })
  })

  it('prints for people what to export', async () => {
    const stop = new AbortController()
    const { code, stdout, stderr } = await strongroom(['emulate', 'aws=0'], {
      stop: stop.signal,
      onOutput: () => stop.abort('SIGINT'),
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/store 'aws:\/\/us-east-1\?endpoint=\S+'/)
    expect(stdout).toMatch(/export AWS_ENDPOINT_URL_SECRETS_MANAGER=http:\/\/127\.0\.0\.1:\d+/)
    expect(stderr).toBe('Ctrl-C stops\n')
  })

  it('says loudly when it lets the network in', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    const stop = new AbortController()
    await strongroom(['emulate', 'aws=0', '--host', '0.0.0.0'], {
      stop: stop.signal,
      onOutput: () => stop.abort('SIGINT'),
    })
    expect((await warned).message).toContain('listens on 0.0.0.0: everyone who reaches it reads its secrets')
  })

  it.each([
    [['oracle'], /"oracle" is no service that can be emulated; there are aws/],
    [['toString'], /"toString" is no service/],
    [['aws=0', 'aws=1'], /aws is given twice/],
    [['aws=x'], /the port is a number from 0 to 65535, as in aws=4584/],
    [['aws='], /the port is a number/],
    [['aws=65536'], /the port is a number/],
    [['aws=0', '--seed', '/nowhere/seed.json'], /cannot be read: ENOENT/],
  ])('%j is exit 2', async (args, message) => {
    const { code, stdout, stderr } = await strongroom(['emulate', ...args])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })

  it.each([['[]'], ['{ "a": 1 }'], ['"text"'], ['{ "a" ']])('refuses the seed %s', async (text) => {
    const seed = join(folder, 'seed.json')
    writeFileSync(seed, text)
    expect(await strongroom(['emulate', 'aws=0', '--seed', seed])).toMatchObject({ code: 2, stdout: '' })
  })

  it('says which port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    const { code, stderr } = await strongroom(['emulate', `aws=${port}`])
    other.close()
    expect(code).toBe(2)
    expect(stderr).toContain(`port ${port} is taken`)
  })
})
