import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets'
import { createStore, SecretError, type SecretStore } from 'strongroom'
import { type AzureOptions, azure } from 'strongroom/azure'
import { type AzureEmulatorOptions, azureEmulator } from 'strongroom/azure/emulator'
import { createClock, type Emulator } from 'strongroom/testing'
import { clockTiming } from '../support/clock-timing.js'
import { callsDuring } from '../support/emulator-calls.js'

export interface Bench {
  readonly emulator: Emulator
  readonly store: SecretStore
  /** Waits of the stores so far, in milliseconds of their clock. */
  readonly waits: number[]
  readonly open: (options?: AzureOptions) => SecretStore
  /** The requests that a call makes, by operation of the service; challenges are none. */
  readonly wire: (run: () => Promise<unknown>) => Promise<Record<string, number>>
  readonly close: () => Promise<void>
}

const start = Date.UTC(2026, 0, 1)

/** Stores on an emulator whose clock stands still, and which moves on only where a store waits. */
export async function openBench(options: AzureEmulatorOptions = {}): Promise<Bench> {
  const clock = createClock({ start, frozen: true })
  const emulator = await azureEmulator({ clock, ...options })
  const waits: number[] = []
  const timing = clockTiming(clock, (delayMs) => waits.push(delayMs))
  const open = (azureOptions: AzureOptions = {}): SecretStore => {
    const address = azureOptions.client === undefined ? { endpoint: httpUrlOf(emulator) } : {}
    return createStore({ provider: azure({ ...address, ...azureOptions }), layers: [], ...timing })
  }
  return {
    emulator,
    store: open(),
    waits,
    open,
    wire: (run) => callsDuring(emulator, run),
    close: () => emulator.close(),
  }
}

/** The official client as others use it, on the same vault. */
export function foreignHand(emulator: Emulator, options: SecretClientOptions = {}): SecretClient {
  const credential = {
    getToken: async () => ({ token: 'foreign', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
  }
  return new SecretClient(httpUrlOf(emulator), credential, {
    allowInsecureConnection: true,
    disableChallengeResourceVerification: true,
    retryOptions: { maxRetries: 0 },
    ...options,
  })
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

export function httpUrlOf({ httpUrl }: Emulator): string {
  if (httpUrl === undefined) throw new Error('the emulator has no plain HTTP')
  return httpUrl
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
