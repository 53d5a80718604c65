import { aws } from 'strongroom/aws'
import { awsEmulator } from 'strongroom/aws/emulator'
import { type BackendOptions, conformanceSuite, createClock, type Emulator } from 'strongroom/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emulatorBackend } from '../support/emulator-backend.js'

const writes = ['CreateSecret', 'PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage', 'DeleteSecret']
const lists = ['ListSecrets', 'ListSecretVersionIds']
const clock = createClock({ start: Date.UTC(2026, 0, 1), frozen: true })
let emulator: Emulator

beforeAll(async () => {
  emulator = await awsEmulator({ clock, region: 'eu-west-1' })
})
afterAll(() => emulator.close())

/** One emulator for all cases: they use names of their own. Its clock moves on only where a case or a store waits. */
function backend(batch: boolean): BackendOptions {
  return emulatorBackend({
    emulator,
    clock,
    provider: ({ prefix }) => aws({ region: 'eu-west-1', endpoint: emulator.url, prefix, batch }),
    says: {
      denied: { error: 'AccessDeniedException' },
      unauthenticated: { error: 'UnrecognizedClientException' },
      throttled: { error: 'ThrottlingException' },
      unavailable: { error: 'InternalServiceError' },
    },
    writes,
    lists,
  })
}

describe.each([false, true])('aws on its emulator, batch: %s', (batch) => {
  for (const { id, title, run } of conformanceSuite(() => backend(batch))) {
    it(`${id}: ${title}`, async () => expect(await run()).not.toBe('skipped'))
  }
})
