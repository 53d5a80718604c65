import { getEventListeners } from 'node:events'
import { type ErrorCode, SecretError, type SecretErrorFields } from '../../src/errors.js'
import type { Layer, LayerEnv, StoreEnv } from '../../src/layer.js'
import { compose } from '../../src/layer.js'
import type {
  Call,
  CallContext,
  Handler,
  Input,
  Operation,
  Output,
  SecretRecord,
  Trail,
} from '../../src/operations.js'
import { SecretValue } from '../../src/secret.js'
import { shelfCapabilities as capabilities, shelfLimits as limits } from '../../src/shelf/facts.js'
import { type FakeTiming, fakeTiming } from '../support/fake-timing.js'

/** What the scripted backend answers to one request: an output, or an error to reject with. */
export type Reply = (call: Call, request: number) => unknown

export interface Rig {
  readonly timing: FakeTiming
  /** Every request that reached the backend. */
  readonly requests: Call[]
  readonly send: <K extends Operation>(
    operation: K,
    input?: Partial<Input<K>>,
    context?: Partial<CallContext>,
  ) => Sent<K>
  readonly close: () => Promise<void>
  readonly peek: (name: string) => SecretRecord | undefined
}

export interface Sent<K extends Operation> {
  readonly output: Promise<Output<K>>
  readonly trail: Trail
}

export interface RigOptions {
  readonly reply?: Reply
  readonly random?: () => number
  readonly capabilities?: Partial<LayerEnv['capabilities']>
  readonly limits?: Partial<LayerEnv['limits']>
  readonly canonical?: LayerEnv['canonical']
}

const names = { name: 'prod/db' }
const inputs: { readonly [K in Operation]: Input<K> } = {
  get: names,
  put: { ...names, value: SecretValue.text('new-value'), stage: 'current', onDeleted: 'fail' },
  promote: { ...names, version: 'v2' },
  discard: { ...names, version: 'v2' },
  describe: names,
  listPage: {},
  versionsPage: names,
  setVersionState: { ...names, version: 'v1', state: 'disabled' },
  tag: { ...names, set: { team: 'core' }, remove: [] },
  delete: { ...names, purge: false },
  restore: names,
  readRecord: names,
  swapRecord: { ...names, record: null, ifRevision: 'r1' },
}

/** Layers over a scripted backend, on a clock that moves only when told. */
export function rig(layers: readonly Layer[], options: RigOptions = {}): Rig {
  const { reply = () => undefined, canonical = (name) => (typeof name === 'string' ? name : name.id) } =
    options
  const timing = fakeTiming(options.random === undefined ? {} : { random: options.random })
  const requests: Call[] = []
  const closers: (() => unknown)[] = []

  const backend: Handler = async (call) => {
    call.context.trail.attempts += 1
    const answer = reply(call, requests.push(call))
    if (answer instanceof Error) throw answer
    return (await answer) as never
  }
  const env: StoreEnv = {
    ...timing,
    provider: 'scripted',
    capabilities: { ...capabilities, ...options.capabilities },
    limits: { ...limits, ...options.limits },
    canonical,
    onClose: (run) => closers.push(run),
  }
  const { handler, hits } = compose(layers, backend, env)
  return {
    timing,
    requests,
    send: (operation, input = {}, context = {}) => {
      const trail: Trail = { source: 'provider', attempts: 0 }
      const call = { operation, input: { ...inputs[operation], ...input }, context: { trail, ...context } }
      const output = handler(call)
      output.catch(ignored)
      return { output, trail }
    },
    close: async () => {
      await Promise.all(closers.map(async (run) => run()))
    },
    peek: (name) => {
      const hit = hits.open({ name })
      return hit !== undefined && hit.grant() > 0 ? hit.record : undefined
    },
  }
}

/** Tests look at a rejection later than it happens; Node must not take it for one that nobody looks at. */
function ignored(error: unknown): void {
  void error
}

export function failed(code: ErrorCode, more: Partial<SecretErrorFields> = {}): SecretError {
  return new SecretError({ code, message: `scripted ${code}`, ...more })
}

export function record(version: string, text = `value of ${version}`): SecretRecord {
  const value = SecretValue.text(text)
  return {
    name: 'prod/db',
    canonical: 'prod/db',
    version,
    stages: ['current'],
    state: 'enabled',
    createdAt: new Date(0),
    tags: {},
    kind: value.kind,
    value,
  }
}

export function never(): Promise<never> {
  return new Promise(() => {})
}

/** A layer that answers only when its signal is aborted. */
export function onAbort(answer: () => unknown): Layer {
  return {
    name: 'answers on abort',
    wrap:
      () =>
      <K extends Operation>(call: Call<K>): Promise<Output<K>> =>
        new Promise((resolve, reject) => {
          call.context.signal?.addEventListener('abort', () => {
            const value = answer()
            if (value instanceof Error) reject(value)
            else resolve(value as Output<K>)
          })
        }),
  }
}

/** A promise, and what settles it. */
export interface Held<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

export function held<T>(): Held<T> {
  let resolve: Held<T>['resolve'] = () => {}
  let reject: Held<T>['reject'] = () => {}
  const promise = new Promise<T>((take, refuse) => {
    resolve = take
    reject = refuse
  })
  promise.catch(ignored)
  return { promise, resolve, reject }
}

/** The error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<SecretError> {
  const error = await promise.then(
    (value) => {
      throw new Error(`expected a rejection, got ${JSON.stringify(value)}`)
    },
    (reason: unknown) => reason,
  )
  if (!SecretError.is(error)) throw error
  return error
}

/** How many listeners wait for a signal to be aborted. */
export function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length
}
