import type { BackendOptions, Clock, Emulator, FaultRule } from 'strongroom/testing'
import { clockTiming } from './clock-timing.js'
import { requestsOf } from './emulator-calls.js'

type Answered = Pick<FaultRule, 'error' | 'status' | 'message' | 'retryAfterMs'>

export interface EmulatorBackendOptions {
  readonly emulator: Emulator
  readonly clock: Clock
  readonly provider: BackendOptions['provider']
  /** How the service says no. */
  readonly says: Readonly<Record<'denied' | 'unauthenticated' | 'throttled' | 'unavailable', Answered>>
  /** Its operations that write. */
  readonly writes: readonly string[]
  /** Its operations that list; none where every folder without secrets is an empty page by itself. */
  readonly lists: readonly string[]
}

/** An emulator as a backend of the conformance suite. Its clock moves on only where a case or a store waits. */
export function emulatorBackend(options: EmulatorBackendOptions): BackendOptions {
  const { emulator, clock, provider, says, writes, lists } = options
  const { faults } = emulator
  const saying = (answered: Answered) => () => faults.add({ operation: '*', ...answered })
  return {
    provider,
    requests: () => requestsOf(emulator),
    timing: clockTiming(clock),
    advance: (ms) => clock.advance(ms),
    faults: {
      denied: saying(says.denied),
      unauthenticated: saying(says.unauthenticated),
      throttled: saying(says.throttled),
      unavailable: saying(says.unavailable),
      'reply-lost': () => {
        for (const operation of writes) faults.add({ operation, drop: 'after' })
      },
      hang: () => faults.add({ operation: '*', delayMs: 3_600_000 }),
      'empty-page': () => {
        for (const operation of lists) faults.add({ operation, emptyPage: true, times: 1 })
      },
    },
    mend: () => faults.clear(),
  }
}
