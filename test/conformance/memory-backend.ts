import type { Layer } from 'strongroom'
import { memory } from 'strongroom/memory'
import type { Capabilities, Limits, SecretInput, SecretProvider } from 'strongroom/provider'
import { nameCodec, SecretValue } from 'strongroom/provider'
import type { BackendOptions } from 'strongroom/testing'
import { faultyService, testClock } from './faulty-service.js'

const lagMs = 5_000

export interface MemoryBackendOptions {
  readonly capabilities?: Partial<Capabilities>
  readonly limits?: Partial<Limits>
  /** Items in a page. Default 3, so that a handful of secrets takes several. */
  readonly pageSize?: number
  readonly layers?: () => readonly Layer[]
  /** Puts something between the suite and the provider. Default nothing. */
  readonly wrap?: (provider: SecretProvider) => SecretProvider
}

/** Memory as a backend of the suite: its clock is ours, and everything can go wrong. */
export function memoryBackend(options: MemoryBackendOptions = {}): BackendOptions {
  const { wrap = (provider: SecretProvider): SecretProvider => provider } = options
  const clock = testClock()
  const service = faultyService()
  const base = memory({
    lagMs,
    pageSize: options.pageSize ?? 3,
    capabilities: options.capabilities,
    limits: options.limits,
  })
  const faulty = service.wrap(base)

  return {
    provider: ({ prefix }) => wrap({ ...faulty, names: namesOf(base, prefix) }),
    timing: clock.timing,
    ...(options.layers && { layers: options.layers }),
    advance: clock.advance,
    settle: () => clock.advance(lagMs),
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
      const context = { signal: new AbortController().signal, now: clock.timing.now, sleep: async () => {} }
      await base.operations.put(input, context)
    },
    faults: service.faults,
    mend: service.mend,
  }
}

function namesOf({ names }: SecretProvider, prefix: string | undefined): SecretProvider['names'] {
  return nameCodec({ allowed: '\\P{Cc}', foldsCase: names.foldsCase, prefix })
}
