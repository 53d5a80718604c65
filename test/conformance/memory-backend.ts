import type { Layer } from 'strongroom'
import { memory } from 'strongroom/memory'
import type { Capabilities, Failure, Limits, SecretInput, SecretProvider } from 'strongroom/provider'
import { nameCodec, refusal, SecretValue } from 'strongroom/provider'
import type { BackendOptions, FaultKind } from 'strongroom/testing'

const lagMs = 5_000
/** Waits for an answer are real, so that one that comes in time is seen; waits of a layer are not. */
const longWaitMs = 10_000

export interface MemoryBackendOptions {
  readonly capabilities?: Partial<Capabilities>
  readonly limits?: Partial<Limits>
  /** Items in a page. Default 3, so that a handful of secrets takes several. */
  readonly pageSize?: number
  readonly layers?: () => readonly Layer[]
  /** Puts something between the suite and the provider. Default nothing. */
  readonly wrap?: (provider: SecretProvider) => SecretProvider
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

/** Memory as a backend of the suite: its clock is ours, and everything can go wrong. */
export function memoryBackend(options: MemoryBackendOptions = {}): BackendOptions {
  const { wrap = (provider: SecretProvider): SecretProvider => provider } = options
  let now = Date.parse('2026-01-01T00:00:00Z')
  let fault: FaultKind | undefined
  const base = memory({
    lagMs,
    pageSize: options.pageSize ?? 3,
    capabilities: options.capabilities,
    limits: options.limits,
  })
  const faulty = withFaults(base, () => fault)
  const after = (delayMs: number, run: () => void): (() => void) => {
    if (delayMs >= longWaitMs) {
      const timer = setTimeout(run, delayMs)
      return () => clearTimeout(timer)
    }
    const turn = setImmediate(() => {
      now += delayMs
      run()
    })
    return () => clearImmediate(turn)
  }
  const timing = { now: () => now, after }

  return {
    provider: ({ prefix }) => wrap({ ...faulty, names: namesOf(base, prefix) }),
    timing,
    ...(options.layers && { layers: options.layers }),
    advance: (ms) => {
      now += ms
    },
    settle: () => {
      now += lagMs
    },
    seed: async (name: string, value: SecretInput) => {
      const ref = base.names.encode(name)
      const canonical = base.names.foldsCase ? ref.toLowerCase() : ref
      const input = {
        ref,
        canonical,
        value: SecretValue.from(value),
        stage: 'current',
        onDeleted: 'fail',
      } as const
      const context = { signal: new AbortController().signal, now: timing.now, sleep: async () => {} }
      await base.operations.put(input, context)
    },
    faults: Object.fromEntries(
      [...Object.keys(failures), 'reply-lost', 'hang', 'empty-page'].map((kind) => [
        kind,
        () => {
          fault = kind as FaultKind
        },
      ]),
    ),
    mend: () => {
      fault = undefined
    },
  }
}

function namesOf({ names }: SecretProvider, prefix: string | undefined): SecretProvider['names'] {
  return nameCodec({ allowed: '\\P{Cc}', foldsCase: names.foldsCase, prefix })
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
