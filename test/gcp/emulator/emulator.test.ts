import { createServer, type Server } from 'node:net'
import { gcpEmulator } from 'strongroom/gcp/emulator'
import { createClock, type Emulator } from 'strongroom/testing'
import { afterEach, expect, test } from 'vitest'
import { base64, project, startHarness } from './harness.js'

const running: Emulator[] = []
afterEach(async () => {
  for (const emulator of running.splice(0)) await emulator.close()
})
const start: typeof gcpEmulator = async (options) => {
  const emulator = await gcpEmulator(options)
  running.push(emulator)
  return emulator
}

test('it says where it is, in the words of programs', async () => {
  const { name, url, restUrl, storeUrl, env } = await start({ projectId: 'my-project' })
  expect(name).toBe('gcp')
  expect(url).toMatch(/^127\.0\.0\.1:\d+$/)
  expect(restUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(storeUrl).toBe(`gcp://my-project?endpoint=${encodeURIComponent(url)}`)
  expect(env).toEqual({ SECRET_MANAGER_EMULATOR_HOST: url, GOOGLE_CLOUD_PROJECT: 'my-project' })
})

/** A port that is free, and so is the next one. */
async function freePair(): Promise<number> {
  const first = await occupy(0)
  const port = portOf(first)
  const second = await occupy(port + 1).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE' || error.code === 'ERR_SOCKET_BAD_PORT') return undefined
    throw error
  })
  for (const server of [first, second]) await new Promise((resolve) => (server ?? first).close(resolve))
  return second === undefined ? freePair() : port
}

function occupy(port: number): Promise<Server> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

const portOf = (server: Server): number => (server.address() as { port: number }).port

test('REST has the next port, or its own', async () => {
  const port = await freePair()
  const next = await start({ port })
  expect([next.url, next.restUrl]).toEqual([`127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`])
  await expect(gcpEmulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE', port })
  await next.close()
  const other = await start({ restPort: port })
  expect(other.restUrl).toBe(`http://127.0.0.1:${port}`)
})

test.each([
  [{ projectId: 'My Project' }, 'projectId: My Project is no id of a project'],
  [{ projectNumbers: { a: 'b' } }, 'projectNumbers: a has b, which is no number'],
  [{ seed: { 'prod/db': 'x' } }, 'seed: prod/db is no name of a Google secret'],
  [{ seed: { empty: '' } }, 'seed: empty must have from 1 to 65536 bytes'],
])('%j is refused', async (options, message) => {
  await expect(gcpEmulator(options)).rejects.toThrow(message)
})

test('seeds are versions of secrets in the project: text as it is, an object as JSON', async () => {
  const h = await startHarness('rest', { seed: { stripe: 'sk_test_1', db: { user: 'u' } } })
  const read = async (id: string): Promise<string> => {
    const name = `${project}/secrets/${id}/versions/latest`
    const { payload } = await h.call('AccessSecretVersion', { name })
    return Buffer.from(payload.data, 'base64').toString('utf8')
  }
  expect([await read('stripe'), await read('db')]).toEqual(['sk_test_1', '{"user":"u"}'])
  h.emulator.seed({ stripe: 'sk_test_2' })
  expect(await read('stripe')).toBe('sk_test_2')
  const { versions } = await h.call('ListSecretVersions', { parent: `${project}/secrets/stripe` })
  expect(versions).toHaveLength(2)
  await h.close()
})

test('a reset forgets secrets, faults and calls', async () => {
  const h = await startHarness('grpc')
  await h.make('a', ['one'])
  h.emulator.faults.add({ operation: '*', error: 'UNAVAILABLE' })
  h.emulator.reset()
  expect(h.emulator.calls).toEqual({})
  expect(await h.call('ListSecrets', { parent: project })).toEqual({})
  await h.close()
})

test('a page may have another size where nobody asks for one', async () => {
  const h = await startHarness('grpc', { facts: { defaultPageSize: 1 } })
  for (const id of ['a', 'b']) await h.make(id)
  expect((await h.call('ListSecrets', { parent: project })).secrets).toHaveLength(1)
  await h.close()
})

test('on real time, what is due happens at the next request', async () => {
  let now = Date.UTC(2026, 0, 1)
  const emulator = await start({ clock: createClock({ now: () => now }) })
  const url = `${emulator.restUrl}/v1/${project}/secrets`
  const secret = { replication: { automatic: {} }, ttl: '60s' }
  await fetch(`${url}?secretId=a`, { method: 'POST', body: JSON.stringify(secret) })
  now += 60_000
  expect((await fetch(`${url}/a`)).status).toBe(404)
})

test('a fault of the emulator itself is an internal error on both transports, and tells nothing', async () => {
  for (const transport of ['grpc', 'rest'] as const) {
    const told: unknown[] = []
    const h = await startHarness(transport, { onError: (error) => told.push(error) })
    const name = await h.make('a', ['one'])
    const dump = structuredClone(h.emulator.state.dump())
    const broken = {
      ...dump,
      collections: { ...dump.collections, secrets: [[name, { name }]] },
    } as typeof dump
    h.emulator.state.load(broken)
    const [code, message] = await h.refusal('GetSecret', { name })
    expect([code, message]).toEqual(['INTERNAL', 'Internal error encountered.'])
    expect(told).toHaveLength(1)
    expect(JSON.stringify(h.emulator.calls)).not.toContain(base64('one'))
    await h.close()
  }
})
