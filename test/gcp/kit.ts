import { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import { createStore, SecretError, type SecretStore } from 'strongroom'
import { type GcpOptions, gcp } from 'strongroom/gcp'
import { type GcpEmulatorOptions, gcpEmulator } from 'strongroom/gcp/emulator'
import { createClock, type Emulator } from 'strongroom/testing'
import { clockTiming } from '../support/clock-timing.js'
import { callsDuring } from '../support/emulator-calls.js'

export const project = 'my-project'

export interface Bench {
  readonly emulator: Emulator
  readonly store: SecretStore
  readonly open: (options?: GcpOptions) => SecretStore
  /** The requests that a call makes, by method of the service. */
  readonly wire: (run: () => Promise<unknown>) => Promise<Record<string, number>>
  /** The official client as others use it, over REST, on the same emulator. */
  readonly hand: () => SecretManagerServiceClient
  readonly close: () => Promise<void>
}

const start = Date.UTC(2026, 0, 1)

/** Stores on an emulator whose clock stands still, and which moves on only where a store waits. */
export async function openBench(options: GcpEmulatorOptions = {}): Promise<Bench> {
  const clock = createClock({ start, frozen: true })
  const emulator = await gcpEmulator({ clock, projectId: project, ...options })
  const stores: SecretStore[] = []
  const timing = clockTiming(clock)
  const open = (gcpOptions: GcpOptions = {}): SecretStore => {
    const address = gcpOptions.client === undefined ? { endpoint: emulator.url } : {}
    const store = createStore({
      provider: gcp({ project, ...address, ...gcpOptions }),
      layers: [],
      ...timing,
    })
    stores.push(store)
    return store
  }
  let hand: SecretManagerServiceClient | undefined
  const close = async (): Promise<void> => {
    await Promise.all(stores.map((store) => store.close()))
    await hand?.close()
    await emulator.close()
  }
  return {
    emulator,
    store: open(),
    open,
    wire: (run) => callsDuring(emulator, run),
    hand: () => {
      hand ??= readyMade(emulator, 'rest')
      return hand
    },
    close,
  }
}

/** The official client as others use it, on the same emulator. */
export function readyMade(
  emulator: Pick<Emulator, 'url' | 'restUrl'>,
  transport: 'grpc' | 'rest',
): SecretManagerServiceClient {
  const { hostname, port } = new URL(transport === 'grpc' ? `host://${emulator.url}` : restUrlOf(emulator))
  const address = { apiEndpoint: hostname, port: Number(port), apiKey: 'none' }
  if (transport === 'rest')
    return new SecretManagerServiceClient({ ...address, fallback: true, protocol: 'http' })
  const module: { grpc: { credentials: { createInsecure(): never } } } = Reflect.get(
    new SecretManagerServiceClient(address),
    '_gaxModule',
  )
  return new SecretManagerServiceClient({ ...address, sslCreds: module.grpc.credentials.createInsecure() })
}

export function restUrlOf({ restUrl }: Pick<Emulator, 'restUrl'>): string {
  if (restUrl === undefined) throw new Error('the emulator has no REST')
  return restUrl
}

/** The `SecretError` of a call that must fail. */
export async function errorOf(call: Promise<unknown>): Promise<SecretError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!SecretError.is(error)) throw new Error('the call gave no SecretError')
  return error
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
