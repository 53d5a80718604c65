import nodeVault from 'node-vault'
import { type BackendOptions, conformanceSuite, createClock, type Emulator } from 'strongroom/testing'
import { type VaultOptions, vault } from 'strongroom/vault'
import { vaultEmulator } from 'strongroom/vault/emulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

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

const fault = (status: number, message?: string) => () =>
  emulator.faults.add({ operation: '*', status, ...(message && { message }) })

/** One emulator for all cases, empty for each. Its clock moves on only where a case or a store waits. */
async function backend(options: VaultOptions): Promise<BackendOptions> {
  emulator.reset()
  await readyMade().write('secret/config', { max_versions: 100 })
  return {
    provider: ({ prefix }) => vault({ ...options, prefix }),
    requests: () => Object.values(emulator.calls).reduce((sum, count) => sum + count, 0),
    timing: {
      now: () => clock.now(),
      after: (delayMs, run) => {
        const wait = setImmediate(() => {
          clock.advance(delayMs)
          run()
        })
        return () => clearImmediate(wait)
      },
    },
    advance: (ms) => clock.advance(ms),
    faults: {
      denied: fault(403, '1 error occurred:\n\t* permission denied\n\n'),
      unauthenticated: fault(403),
      throttled: fault(429),
      unavailable: fault(503),
      'reply-lost': () => {
        for (const operation of writes) emulator.faults.add({ operation, drop: 'after' })
      },
      hang: () => emulator.faults.add({ operation: '*', delayMs: 3_600_000 }),
      // Every folder without secrets of its own is such a page.
      'empty-page': () => {},
    },
    mend: () => emulator.faults.clear(),
  }
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
