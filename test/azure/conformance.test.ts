import { readFileSync } from 'node:fs'
import { SecretClient } from '@azure/keyvault-secrets'
import { type AzureOptions, azure } from 'strongroom/azure'
import { azureEmulator } from 'strongroom/azure/emulator'
import { type BackendOptions, conformanceSuite, createClock, type Emulator } from 'strongroom/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emulatorBackend } from '../support/emulator-backend.js'
import { httpUrlOf } from './kit.js'

const writes = ['SetSecret', 'UpdateSecret', 'DeleteSecret', 'RecoverDeletedSecret', 'PurgeDeletedSecret']
const lists = ['GetSecrets', 'GetSecretVersions', 'GetDeletedSecrets']
const clock = createClock({ start: Date.UTC(2026, 0, 1), frozen: true })
let emulator: Emulator
let client: SecretClient

beforeAll(async () => {
  emulator = await azureEmulator({ clock })
  client = readyMade()
})
afterAll(() => emulator.close())

/** One emulator for all cases, empty for each. Its clock moves on only where a case or a store waits. */
function backend(options: AzureOptions): BackendOptions {
  emulator.reset()
  return emulatorBackend({
    emulator,
    clock,
    provider: ({ prefix }) => azure({ ...options, prefix }),
    says: {
      denied: { error: 'ForbiddenByRbac' },
      unauthenticated: { error: 'Unauthorized' },
      throttled: { error: 'Throttled', retryAfterMs: 1500 },
      unavailable: { status: 503 },
    },
    writes,
    lists,
  })
}

/** As a user makes one: its pages come without the link to the next. */
function readyMade(): SecretClient {
  const credential = { getToken: async () => ({ token: 'own', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }
  return new SecretClient(emulator.url, credential, {
    disableChallengeResourceVerification: true,
    retryOptions: { maxRetries: 0 },
    tlsOptions: { ca: readFileSync(emulator.caFile ?? '', 'utf8') },
  })
}

describe('an address, over plain HTTP', () => {
  test.each(conformanceSuite(() => backend({ endpoint: httpUrlOf(emulator) })))(
    '$id: $title',
    async ({ run }) => {
      expect(await run()).not.toBe('skipped')
    },
  )
})

describe('a ready-made client, over HTTPS', () => {
  test.each(conformanceSuite(() => backend({ client })))('$id: $title', async ({ run }) => {
    expect(await run()).not.toBe('skipped')
  })
})
