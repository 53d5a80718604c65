import { aws } from 'strongroom/aws'
import { awsEmulator } from 'strongroom/aws/emulator'
import { type BackendOptions, conformanceSuite, createClock, type Emulator } from 'strongroom/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

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
  const fault = (error: string) => () => emulator.faults.add({ operation: '*', error })
  return {
    provider: ({ prefix }) => aws({ region: 'eu-west-1', endpoint: emulator.url, prefix, batch }),
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
      denied: fault('AccessDeniedException'),
      unauthenticated: fault('UnrecognizedClientException'),
      throttled: fault('ThrottlingException'),
      unavailable: fault('InternalServiceError'),
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

describe.each([false, true])('aws on its emulator, batch: %s', (batch) => {
  for (const { id, title, run } of conformanceSuite(() => backend(batch))) {
    it(`${id}: ${title}`, async () => expect(await run()).not.toBe('skipped'))
  }
})
