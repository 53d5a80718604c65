import type { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import { type GcpOptions, gcp } from 'strongroom/gcp'
import { gcpEmulator } from 'strongroom/gcp/emulator'
import { type BackendOptions, conformanceSuite, createClock, type Emulator } from 'strongroom/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emulatorBackend } from '../support/emulator-backend.js'
import { project, readyMade, restUrlOf } from './kit.js'

const writes = [
  'CreateSecret',
  'AddSecretVersion',
  'UpdateSecret',
  'DeleteSecret',
  'EnableSecretVersion',
  'DisableSecretVersion',
  'DestroySecretVersion',
]
const lists = ['ListSecrets', 'ListSecretVersions']
const clock = createClock({ start: Date.UTC(2026, 0, 1), frozen: true })
let emulator: Emulator
/** One for all cases: a user's client outlives many stores. */
let client: SecretManagerServiceClient

beforeAll(async () => {
  emulator = await gcpEmulator({ clock })
  client = readyMade(emulator, 'rest')
})
afterAll(async () => {
  await client.close()
  await emulator.close()
})

/** One emulator for all cases, empty for each. Its clock moves on only where a case or a store waits. */
function backend(options: GcpOptions): BackendOptions {
  emulator.reset()
  return emulatorBackend({
    emulator,
    clock,
    provider: ({ prefix }) => gcp({ project, ...options, prefix }),
    says: {
      denied: { error: 'PERMISSION_DENIED' },
      unauthenticated: { error: 'UNAUTHENTICATED' },
      throttled: { error: 'RESOURCE_EXHAUSTED' },
      unavailable: { error: 'UNAVAILABLE' },
    },
    writes,
    lists,
  })
}

const location = 'europe-west3'
const currentAlias = 'strongroom-current'

describe.each<[string, () => GcpOptions]>([
  ['gRPC', () => ({ endpoint: emulator.url })],
  ['REST', () => ({ endpoint: restUrlOf(emulator) })],
  ['gRPC, regional', () => ({ endpoint: emulator.url, location })],
  ['gRPC, under an alias', () => ({ endpoint: emulator.url, currentAlias })],
  ['a ready-made client of REST', () => ({ client })],
])('%s', (_, options) => {
  test.each(conformanceSuite(() => backend(options())))('$id: $title', async ({ run }) => {
    expect(await run()).not.toBe('skipped')
  })
})
