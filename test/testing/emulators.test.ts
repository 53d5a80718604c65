import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Emulators, startEmulators } from 'strongroom/emulators'
import { createClock } from 'strongroom/testing'
import { afterEach, expect, test } from 'vitest'

let cloud: Emulators | undefined
afterEach(() => cloud?.close())

async function read(url: string, name: string): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
    body: JSON.stringify({ SecretId: name }),
  })
  return ((await answer.json()) as { SecretString?: string }).SecretString
}

test('starts what is asked for, on one clock, with one seed for all', async () => {
  const clock = createClock({ start: 1_000_000, frozen: true })
  const started = await startEmulators({
    services: ['aws'],
    seed: { stripe: 'sk_test_1', db: { user: 'u' } },
    clock,
  })
  cloud = started as Emulators
  expect(await read(started.aws.url, 'stripe')).toBe('sk_test_1')
  expect(await read(started.aws.url, 'db')).toBe('{"user":"u"}')
  started.clock.advance(5)
  expect(started.aws.clock.now()).toBe(1_000_005)
})

test('a seed by service goes to that service only; a secret may be called like one', async () => {
  cloud = await startEmulators({ seed: { aws: { a: 'one' } } })
  expect([await read(cloud.aws.url, 'a'), await read(cloud.aws.url, 'aws')]).toEqual(['one', undefined])
  await cloud.close()
  cloud = await startEmulators({ seed: { aws: 'text' } })
  expect(await read(cloud.aws.url, 'aws')).toBe('text')
})

test('keeps its data in a folder for each service', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'strongroom-emulators-'))
  cloud = await startEmulators({ seed: { a: 'one' }, dataDir })
  await cloud.close()
  cloud = await startEmulators({ dataDir })
  expect(await read(cloud.aws.url, 'a')).toBe('one')
  await cloud.close()
  rmSync(dataDir, { recursive: true, force: true })
})

test('is disposable, and closing twice is closing once', async () => {
  cloud = await startEmulators()
  await cloud[Symbol.asyncDispose]()
  await cloud.close()
  await expect(fetch(cloud.aws.url)).rejects.toThrow()
})

test('a service that does not exist is named, and a port that is taken leaves none running', async () => {
  await expect(startEmulators({ services: ['oracle' as 'aws'] })).rejects.toThrow(
    /no emulator of oracle; there are aws/,
  )
  cloud = await startEmulators()
  const port = Number(new URL(cloud.aws.url).port)
  await expect(startEmulators({ ports: { aws: port } })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
