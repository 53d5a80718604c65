import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Emulators, type EmulatorsOptions, type ServiceName, startEmulators } from 'strongroom/emulators'
import { createClock } from 'strongroom/testing'
import { afterEach, expect, test } from 'vitest'

let cloud: Pick<Emulators, 'close'> | undefined
afterEach(() => cloud?.close())
const start = async <S extends ServiceName>(options: EmulatorsOptions<S> = {}) => {
  const started = await startEmulators(options)
  cloud = started
  return started
}

async function read(url: string, name: string): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
    body: JSON.stringify({ SecretId: name }),
  })
  return ((await answer.json()) as { SecretString?: string }).SecretString
}

test('starts all services on one clock, with one seed', async () => {
  const clock = createClock({ start: 1_000_000, frozen: true })
  const { aws, azure, ...shared } = await start({ seed: { stripe: 'sk_test_1', db: { user: 'u' } }, clock })
  expect(await read(aws.url, 'stripe')).toBe('sk_test_1')
  expect(await read(aws.url, 'db')).toBe('{"user":"u"}')
  const answer = await fetch(`${azure.httpUrl}/secrets/db/?api-version=7.6`, {
    headers: { authorization: 'Bearer x' },
  })
  expect(await answer.json()).toMatchObject({ value: '{"user":"u"}' })
  shared.clock.advance(5)
  expect([aws.clock.now(), azure.clock.now()]).toEqual([1_000_005, 1_000_005])
})

test('starts only what is asked for, with the options of that service', async () => {
  const started = await start({ services: ['aws'], aws: { region: 'eu-west-1' } })
  expect(Object.keys(started).sort()).toEqual(['aws', 'clock', 'close'])
  expect(started.aws.env).toMatchObject({ AWS_REGION: 'eu-west-1' })
})

test('a seed by service goes to that service only; a secret may be called like one', async () => {
  const one = await start({ services: ['aws'], seed: { aws: { a: 'one' }, azure: { b: 'two' } } })
  expect([await read(one.aws.url, 'a'), await read(one.aws.url, 'b')]).toEqual(['one', undefined])
  await one.close()
  const two = await start({ services: ['aws'], seed: { aws: 'text' } })
  expect(await read(two.aws.url, 'aws')).toBe('text')
})

test('keeps its data in a folder for each service', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'strongroom-emulators-'))
  const first = await start({ seed: { a: 'one' }, dataDir })
  await first.close()
  const second = await start({ dataDir })
  expect(await read(second.aws.url, 'a')).toBe('one')
  expect(second.azure.caFile).toBe(first.azure.caFile)
  await second.close()
  rmSync(dataDir, { recursive: true, force: true })
})

test('is disposable, and closing twice is closing once', async () => {
  const started = await start({ services: ['aws'] })
  await started[Symbol.asyncDispose]()
  await started.close()
  await expect(fetch(started.aws.url)).rejects.toThrow()
})

test('a service that does not exist is named, and a port that is taken leaves none running', async () => {
  const missing = startEmulators({ services: ['oracle' as 'aws'] })
  await expect(missing).rejects.toThrow('services: there is no emulator of oracle; there are aws, azure')
  const { aws } = await start({ services: ['aws'] })
  const dataDir = mkdtempSync(join(tmpdir(), 'strongroom-emulators-'))
  const port = Number(new URL(aws.url).port)
  await expect(startEmulators({ ports: { aws: port }, dataDir })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
  await (await start({ services: ['azure'], dataDir })).close()
  rmSync(dataDir, { recursive: true, force: true })
})
