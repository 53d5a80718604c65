import type { Failure, SecretProvider } from 'strongroom/provider'
import { refusal } from 'strongroom/provider'
import type { BackendOptions, FaultKind } from 'strongroom/testing'

/** Waits for an answer are real, so that one that comes in time is seen; waits of a layer are not. */
const longWaitMs = 10_000

export interface TestClock {
  readonly timing: {
    readonly now: () => number
    readonly after: (delayMs: number, run: () => void) => () => void
  }
  readonly advance: (ms: number) => void
}

/** A clock that moves on only where a case or a store waits. */
export function testClock(): TestClock {
  let now = Date.parse('2026-01-01T00:00:00Z')
  const advance = (ms: number): void => {
    now += ms
  }
  const after = (delayMs: number, run: () => void): (() => void) => {
    if (delayMs >= longWaitMs) {
      const timer = setTimeout(run, delayMs)
      return () => clearTimeout(timer)
    }
    const turn = setImmediate(() => {
      advance(delayMs)
      run()
    })
    return () => clearImmediate(turn)
  }
  return { timing: { now: () => now, after }, advance }
}

/** What the service of a fault would throw; the provider's `classify` is told about it here. */
class ServiceFault extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super('the service refuses')
    this.failure = failure
  }
}

const failures: { readonly [K in FaultKind]?: Failure } = {
  denied: { code: 'PERMISSION_DENIED', providerCode: 'Denied', status: 403 },
  unauthenticated: { code: 'UNAUTHENTICATED', providerCode: 'WhoAreYou', status: 401 },
  throttled: { code: 'RATE_LIMITED', providerCode: 'SlowDown', status: 429, retryAfterMs: 1_000 },
  unavailable: { code: 'UNAVAILABLE', status: 503 },
}

export interface FaultyService extends Required<Pick<BackendOptions, 'faults' | 'mend'>> {
  readonly wrap: (provider: SecretProvider) => SecretProvider
}

/** Stands in for the service that a provider on this machine does not have, so that everything can go wrong with it. */
export function faultyService(): FaultyService {
  let fault: FaultKind | undefined
  const kinds = [...Object.keys(failures), 'reply-lost', 'hang', 'empty-page'] as FaultKind[]
  return {
    wrap: (provider) => withFaults(provider, () => fault),
    faults: Object.fromEntries(
      kinds.map((kind) => [
        kind,
        () => {
          fault = kind
        },
      ]),
    ),
    mend: () => {
      fault = undefined
    },
  }
}

function withFaults(provider: SecretProvider, current: () => FaultKind | undefined): SecretProvider {
  const operations = Object.fromEntries(
    Object.entries(provider.operations).map(([operation, call]) => {
      const run = call as (input: { cursor?: string }, context: { signal: AbortSignal }) => Promise<unknown>
      const faulty: typeof run = async (input, context) => {
        const fault = current()
        const failure = fault && failures[fault]
        if (failure !== undefined) throw new ServiceFault(failure)
        if (fault === 'hang') return silent(context.signal)
        if (fault === 'empty-page' && operation === 'listPage' && input.cursor === undefined) {
          return { items: [], cursor: 'from the start' }
        }
        const { cursor, ...rest } = input
        const answer = await run(cursor === 'from the start' ? rest : input, context)
        if (fault === 'reply-lost') throw new ServiceFault({ code: 'UNAVAILABLE' })
        return answer
      }
      return [operation, faulty]
    }),
  ) as unknown as SecretProvider['operations']
  const classify = (error: unknown): Failure =>
    error instanceof ServiceFault ? error.failure : provider.classify(error)
  return { ...provider, operations, classify }
}

function silent(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(refusal('ABORTED', 'the caller aborted it')), {
      once: true,
    })
  })
}
