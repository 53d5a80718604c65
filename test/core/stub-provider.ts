import { createStore, type SecretStore } from 'strongroom'
import {
  type Capabilities,
  defineProvider,
  type Failure,
  type Limits,
  type NameCodec,
  nameCodec,
  type Operation,
  type ProviderDefinition,
  type ProviderOperations,
  SecretError,
  type SecretProvider,
  SecretValue,
} from 'strongroom/provider'
import { operationNames } from '../../src/operations.js'
import { shelfCapabilities as capabilities, shelfLimits as limits } from '../../src/shelf/facts.js'
import { samples } from '../../src/testing/conformance/samples.js'

export interface StubOptions {
  readonly capabilities?: Partial<Capabilities>
  readonly limits?: Partial<Limits>
  readonly names?: NameCodec
  readonly answers?: Partial<{ readonly [K in Operation]: unknown }>
  readonly throws?: unknown
  /** Runs while the provider works. */
  readonly meanwhile?: () => void
  readonly classify?: (error: unknown) => Failure
}

export interface Stub {
  readonly provider: SecretProvider
  readonly store: SecretStore
  /** What the provider was given, in order. */
  readonly calls: { readonly operation: Operation; readonly input: Record<string, unknown> }[]
}

const time = new Date('2026-01-01T00:00:00Z')
const version = { version: 'v1', createdAt: time, state: 'enabled', stages: ['current'] } as const

/** A right answer to each operation. */
export const answers: { readonly [K in Operation]: unknown } = {
  get: { ...version, tags: {}, value: SecretValue.text('a value') },
  put: { version: 'v1' },
  promote: { version: 'v1' },
  discard: undefined,
  describe: { id: 'id', tags: {}, state: 'active', current: version },
  listPage: { items: [{ ref: 'db', id: 'id' }] },
  versionsPage: { items: [version] },
  setVersionState: undefined,
  tag: undefined,
  delete: {},
  restore: undefined,
  readRecord: { revision: 'r1' },
  swapRecord: { revision: 'r2' },
}

/** The error that a call rejects with. */
export async function failure(call: Promise<unknown>): Promise<SecretError> {
  const [settled] = await Promise.allSettled([call])
  if (settled.status === 'fulfilled') throw new Error('the call succeeded')
  if (!SecretError.is(settled.reason)) throw settled.reason
  return settled.reason
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** A plain call of an operation on a stub. */
export function call(operation: Operation, options: StubOptions = {}): Promise<unknown> {
  const subject = { name: 'db', version: 'v1', value: 'a value of some length', revision: 'r1' }
  return samples[operation](stub(options).store, subject)
}

/** A provider that answers what it is told, under a store without layers. */
export function stub(options: StubOptions = {}): Stub {
  const calls: Stub['calls'] = []
  const operations = Object.fromEntries(
    operationNames.map((operation) => [
      operation,
      async (input: Record<string, unknown>) => {
        calls.push({ operation, input })
        options.meanwhile?.()
        if ('throws' in options) throw options.throws
        return { ...answers, ...options.answers }[operation]
      },
    ]),
  ) as unknown as ProviderOperations
  const definition: ProviderDefinition = {
    capabilities: { ...capabilities, nativeRotation: true, ...options.capabilities },
    limits: { ...limits, ...options.limits },
    names: options.names ?? nameCodec({ allowed: 'A-Za-z0-9/-' }),
    classify: options.classify ?? ((): Failure => ({ code: 'UNKNOWN' })),
    ...operations,
  }
  const provider = defineProvider('stub', definition)
  return { provider, store: createStore({ provider, layers: [] }), calls }
}
