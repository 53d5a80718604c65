import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AzureEmulatorOptions, AzureEvent } from 'strongroom/azure/emulator'
import { createClock } from 'strongroom/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, start, startHarness } from './harness.js'

const dayMs = 86_400_000
const expiry = start + 100 * dayMs
const exp = expiry / 1000

let h: Harness
let events: AzureEvent[]
const open = async (options: AzureEmulatorOptions = {}) => {
  events = []
  h = await startHarness({ onEvent: (event) => events.push(event), ...options })
}
beforeEach(() => open())
afterEach(() => h.close())

/** What was told since the last look: type, name and time. */
const told = async () => {
  await Promise.resolve()
  return events
    .splice(0)
    .map(({ type, eventGrid }) => [type, eventGrid['subject'], Date.parse(String(eventGrid['eventTime']))])
}

describe('a new version', () => {
  test('is told at once, in both shapes', async () => {
    await h.close()
    await open({ vaultName: 'prod', subscriptionId: 'sub' })
    const version = await h.set('Db-Password', 'v', { attributes: { nbf: 5, exp } })
    const topic = '/subscriptions/sub/resourceGroups/emulator/providers/Microsoft.KeyVault/vaults/prod'
    const data = {
      Id: `https://prod.vault.azure.net/secrets/Db-Password/${version}`,
      VaultName: 'prod',
      ObjectType: 'Secret',
      ObjectName: 'Db-Password',
      Version: version,
      NBF: 5,
      EXP: exp,
    }
    const [event] = events
    expect(event).toEqual({
      type: 'SecretNewVersionCreated',
      eventGrid: {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        topic,
        subject: 'Db-Password',
        eventType: 'Microsoft.KeyVault.SecretNewVersionCreated',
        eventTime: new Date(start).toISOString(),
        data,
        dataVersion: '1',
        metadataVersion: '1',
      },
      cloudEvent: {
        id: event?.eventGrid['id'],
        source: topic,
        subject: 'Db-Password',
        type: 'Microsoft.KeyVault.SecretNewVersionCreated',
        time: new Date(start).toISOString(),
        data,
        specversion: '1.0',
      },
    })
  })

  test('holds no value, and null for a date that there is not', async () => {
    await h.set('a', 'hidden-value')
    expect(events[0]?.eventGrid['data']).toMatchObject({ NBF: null, EXP: null })
    expect(JSON.stringify(events)).not.toContain('hidden-value')
  })

  test('may have dates as text', async () => {
    await h.close()
    await open({ facts: { eventDates: 'text' } })
    await h.set('a', 'v', { attributes: { exp } })
    expect(events[0]?.cloudEvent['data']).toMatchObject({ NBF: null, EXP: String(exp) })
  })

  test('is the only change that is told', async () => {
    await h.set('a')
    await h.raw('PATCH', '/secrets/a', { tags: { k: 'v' } })
    const { body } = await h.raw('POST', '/secrets/a/backup')
    await h.raw('DELETE', '/secrets/a')
    h.advance(1_000)
    await h.raw('POST', '/deletedsecrets/a/recover')
    h.advance(1_000)
    await h.raw('DELETE', '/secrets/a')
    h.advance(1_000)
    await h.raw('DELETE', '/deletedsecrets/a')
    h.advance(1_000)
    await h.raw('POST', '/secrets/restore', body)
    expect(await told()).toEqual([['SecretNewVersionCreated', 'a', start]])
  })

  test('that is refused is not told', async () => {
    await h.raw('PUT', '/secrets/a', { value: 1 })
    expect(await told()).toEqual([])
  })
})

describe('expiry', () => {
  test('is near 30 days before, each told once when the clock is moved', async () => {
    await h.set('a', 'v', { attributes: { exp } })
    await told()
    h.advance(70 * dayMs - 1)
    expect(await told()).toEqual([])
    h.advance(1)
    expect(await told()).toEqual([['SecretNearExpiry', 'a', expiry - 30 * dayMs]])
    await h.raw('GET', '/secrets/a')
    h.advance(30 * dayMs - 1)
    expect(await told()).toEqual([])
    h.advance(1)
    expect(await told()).toEqual([['SecretExpired', 'a', expiry]])
    h.advance(100 * dayMs)
    expect(await told()).toEqual([])
  })

  test('passed over in one leap is told in order', async () => {
    await h.set('a', 'v', { attributes: { exp } })
    await told()
    h.advance(200 * dayMs)
    expect(await told()).toEqual([
      ['SecretNearExpiry', 'a', expiry - 30 * dayMs],
      ['SecretExpired', 'a', expiry],
    ])
  })

  test('of a version that is near it from the start is told at once', async () => {
    await h.set('a', 'v', { attributes: { exp: start / 1000 + 60 } })
    expect((await told()).map(([type]) => type)).toEqual(['SecretNewVersionCreated', 'SecretNearExpiry'])
    await h.set('b', 'v', { attributes: { exp: start / 1000 - 60 } })
    expect(await told()).toEqual([
      ['SecretNewVersionCreated', 'b', start],
      ['SecretExpired', 'b', start],
    ])
  })

  test('counts for the current version only, and not for a deleted secret', async () => {
    await h.set('a', 'v', { attributes: { exp } })
    await h.set('a', 'w')
    await h.set('b', 'v', { attributes: { exp } })
    await h.raw('DELETE', '/secrets/b')
    await told()
    h.advance(100 * dayMs)
    expect(await told()).toEqual([])
  })

  test('that is moved is told again', async () => {
    await h.set('a', 'v', { attributes: { exp } })
    h.advance(70 * dayMs)
    await h.raw('PATCH', '/secrets/a', { attributes: { exp: exp + 10 * 86_400 } })
    await told()
    h.advance(10 * dayMs)
    expect(await told()).toEqual([['SecretNearExpiry', 'a', expiry - 20 * dayMs]])
  })

  test('is told once to a subscriber whose clients read the past', async () => {
    await h.set('a', 'v', { attributes: { exp } })
    h.advance(100 * dayMs)
    await told()
    h.emulator.faults.add({ operation: 'GetSecret', lagMs: dayMs, times: 1 })
    await h.raw('GET', '/secrets/a')
    expect(await told()).toEqual([])
  })

  test('comes by itself where time does', async () => {
    await h.close()
    const now = { ms: start }
    await open({ clock: createClock({ now: () => now.ms }) })
    await h.set('a', 'v', { attributes: { exp } })
    await told()
    now.ms = expiry
    await expect.poll(() => events.length, { timeout: 5_000 }).toBe(2)
    expect((await told()).map(([type]) => type)).toEqual(['SecretNearExpiry', 'SecretExpired'])
  })

  test('is not told again after a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'strongroom-azure-'))
    await h.close()
    await open({ dataDir })
    await h.set('a', 'v', { attributes: { exp } })
    h.advance(71 * dayMs)
    await told()
    const { clock } = h.emulator
    await h.close()
    await open({ dataDir, clock })
    await h.raw('GET', '/secrets')
    expect(await told()).toEqual([])
    h.advance(29 * dayMs)
    expect(await told()).toEqual([['SecretExpired', 'a', expiry]])
    await h.close()
    clock.advance(dayMs)
    rmSync(dataDir, { recursive: true })
  })
})

test('an emulator that tells events keeps the rest of itself', async () => {
  await h.set('a')
  expect(h.emulator.calls).toEqual({ SetSecret: 1 })
  expect(Object.keys(h.emulator)).toEqual(expect.arrayContaining(['url', 'httpUrl', 'env', 'calls', 'close']))
  await h.emulator[Symbol.asyncDispose]()
  h.emulator.clock.advance(1)
  expect(events).toHaveLength(1)
})
