import { azure } from 'strongroom/azure'
import { azureEmulator } from 'strongroom/azure/emulator'
import { type BackendOptions, conformanceSuite, createClock, type Emulator } from 'strongroom/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { httpUrlOf } from './kit.js'

const writes = ['SetSecret', 'UpdateSecret', 'DeleteSecret', 'RecoverDeletedSecret', 'PurgeDeletedSecret']
const lists = ['GetSecrets', 'GetSecretVersions', 'GetDeletedSecrets']
const clock = createClock({ start: Date.UTC(2026, 0, 1), frozen: true })
let emulator: Emulator

beforeAll(async () => {
  emulator = await azureEmulator({ clock })
})
afterAll(() => emulator.close())

/** One emulator for all cases: they use names of their own. Its clock moves on only where a case or a store waits. */
function backend(): BackendOptions {
  const fault = (error: string) => () => emulator.faults.add({ operation: '*', error })
  return {
    provider: (options) => azure({ ...options, endpoint: httpUrlOf(emulator) }),
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
      denied: fault('ForbiddenByRbac'),
      unauthenticated: fault('Unauthorized'),
      throttled: () => emulator.faults.add({ operation: '*', error: 'Throttled', retryAfterMs: 1500 }),
      unavailable: () => emulator.faults.add({ operation: '*', status: 503 }),
      'reply-lost': () => {
        for (const operation of writes) emulator.faults.add({ operation, drop: 'after' })
      },
      hang: () => emulator.faults.add({ operation: '*', delayMs: 3_600_000 }),
      'empty-page': () => {
        for (const operation of lists) emulator.faults.add({ operation, emptyPage: true, times: 1 })
      },
    },
    mend: () => emulator.faults.clear(),
  }
}

test.each(conformanceSuite(backend))('$id: $title', async ({ run }) => {
  expect(await run()).not.toBe('skipped')
})
