import nodeVault from 'node-vault'
import { type BackendOptions, conformanceSuite, createClock, type Emulator } from 'strongroom/testing'
import { type VaultOptions, vault } from 'strongroom/vault'
import { vaultEmulator } from 'strongroom/vault/emulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emulatorBackend } from '../support/emulator-backend.js'

const writes = [
  'kv-v2-write',
  'kv-v2-write-metadata',
  'kv-v2-patch-metadata',
  'kv-v2-delete',
  'kv-v2-undelete-versions',
  'kv-v2-destroy-versions',
  'kv-v2-delete-metadata-and-all-versions',
]
const clock = createClock({ start: Date.UTC(2026, 0, 1), frozen: true })
let emulator: Emulator

beforeAll(async () => {
  emulator = await vaultEmulator({ clock })
})
afterAll(() => emulator.close())

/** One emulator for all cases, empty for each. Its clock moves on only where a case or a store waits. */
async function backend(options: VaultOptions): Promise<BackendOptions> {
  emulator.reset()
  await readyMade().write('secret/config', { max_versions: 100 })
  return emulatorBackend({
    emulator,
    clock,
    provider: ({ prefix }) => vault({ ...options, prefix }),
    says: {
      denied: { status: 403, message: '1 error occurred:\n\t* permission denied\n\n' },
      unauthenticated: { status: 403 },
      throttled: { status: 429 },
      unavailable: { status: 503 },
    },
    writes,
    // Every folder without secrets of its own is such a page.
    lists: [],
  })
}

function readyMade(): nodeVault.client {
  return nodeVault({ endpoint: emulator.url, token: 'root' })
}

describe('an address', () => {
  test.each(conformanceSuite(() => backend({ address: emulator.url, token: 'root' })))(
    '$id: $title',
    async ({ run }) => {
      expect(await run()).not.toBe('skipped')
    },
  )
})

describe('a ready-made client', () => {
  test.each(conformanceSuite(() => backend({ client: readyMade() })))('$id: $title', async ({ run }) => {
    expect(await run()).not.toBe('skipped')
  })
})
