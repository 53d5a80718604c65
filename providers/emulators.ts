import {
  type Clock,
  createClock,
  type Emulator,
  type EmulatorOptions,
  type SeedSecrets,
} from 'strongroom/testing'
import type { AwsEmulatorOptions } from './aws/emulator/index.js'
import type { AzureEmulatorOptions } from './azure/emulator/index.js'
import type { GcpEmulatorOptions } from './gcp/emulator/index.js'
import type { VaultEmulatorOptions } from './vault/emulator/index.js'

/** The options of each service beside those that all share. */
interface OptionsByService {
  readonly aws: Omit<AwsEmulatorOptions, keyof EmulatorOptions>
  readonly azure: Omit<AzureEmulatorOptions, keyof EmulatorOptions>
  readonly gcp: Omit<GcpEmulatorOptions, keyof EmulatorOptions>
  readonly vault: Omit<VaultEmulatorOptions, keyof EmulatorOptions>
}

const starters: {
  readonly [S in keyof OptionsByService]: (
    options: EmulatorOptions & OptionsByService[S],
  ) => Promise<Emulator>
} = {
  aws: async (options) => (await import('./aws/emulator/index.js')).awsEmulator(options),
  azure: async (options) => (await import('./azure/emulator/index.js')).azureEmulator(options),
  gcp: async (options) => (await import('./gcp/emulator/index.js')).gcpEmulator(options),
  vault: async (options) => (await import('./vault/emulator/index.js')).vaultEmulator(options),
}

/** A service that can be emulated. */
export type ServiceName = keyof OptionsByService

export const serviceNames: readonly ServiceName[] = Object.freeze(Object.keys(starters) as ServiceName[])

/** The ports of `strongroom emulate`. A second listener of a service has the next one. */
export const defaultPorts: Readonly<Record<ServiceName, number>> = Object.freeze({
  aws: 4584,
  azure: 8443,
  gcp: 9085,
  vault: 8200,
})

export interface EmulatorsOptions<S extends ServiceName = ServiceName> extends Partial<OptionsByService> {
  /** Default: all of them. */
  readonly services?: readonly S[]
  /**
   * Secrets to start with: the same in every service, `{ stripe: 'sk_test_1', db: { user: 'u' } }` (an object is stored
   * as JSON), or by service, `{ aws: { … } }`. It is by service when every key is a service and every value an object.
   */
  readonly seed?: SeedSecrets | Readonly<Partial<Record<ServiceName, SeedSecrets>>>
  /** Address to bind. Default `127.0.0.1`; any other lets the network in, and is announced. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly ports?: Readonly<Partial<Record<ServiceName, number>>>
  /** Folder that keeps the state across runs, a folder in it for each service. Default: memory only. */
  readonly dataDir?: string
  /** The one clock of all services. Default: real time. */
  readonly clock?: Clock
}

/** The running services, by name. */
export type Emulators<S extends ServiceName = ServiceName> = Readonly<Record<S, Emulator>> & {
  readonly clock: Clock
  /** Stops all of them. May be called twice. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts emulators of cloud services on loopback, on one clock. No SDK is loaded.
 *
 * @throws {TypeError} for a service that does not exist
 * @throws {Error} when a port is taken, or the data folder is in use or damaged; then none is left running
 */
export async function startEmulators<S extends ServiceName = ServiceName>(
  options: EmulatorsOptions<S> = {},
): Promise<Emulators<S>> {
  checkOptions(options)
  const { services = serviceNames as readonly S[], seed = {}, ports = {}, host, dataDir } = options
  const clock = options.clock ?? createClock()
  for (const name of services) {
    if (Object.hasOwn(starters, name)) continue
    throw new TypeError(`services: there is no emulator of ${name}; there are ${serviceNames.join(', ')}`)
  }
  const started = await Promise.allSettled(
    services.map(async (name) => {
      const shared: EmulatorOptions = {
        clock,
        port: ports[name] ?? 0,
        seed: seedOf(seed, name),
        ...(host === undefined ? {} : { host }),
        ...(dataDir === undefined ? {} : { dataDir }),
      }
      const own: Partial<OptionsByService>[S] = options[name]
      const emulator = await starters[name]({ ...own, ...shared } as EmulatorOptions & OptionsByService[S])
      return [name, emulator] as const
    }),
  )
  const running = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const close = async (): Promise<void> => {
    await Promise.all(running.map(([, emulator]) => emulator.close()))
  }
  const failed = started.find((result) => result.status === 'rejected')
  if (failed !== undefined) {
    await close()
    throw failed.reason
  }
  const byName = Object.fromEntries(running) as Record<S, Emulator>
  return Object.freeze({ ...byName, clock, close, [Symbol.asyncDispose]: close })
}

function checkOptions(options: object): void {
  const known = ['services', 'seed', 'host', 'ports', 'dataDir', 'clock', ...serviceNames]
  const unknown = Object.keys(options).find((field) => !known.includes(field))
  if (unknown === undefined) return
  throw new TypeError(
    `startEmulators: there is no option ${JSON.stringify(unknown)}; there are ${known.join(', ')}`,
  )
}

function seedOf(seed: NonNullable<EmulatorsOptions['seed']>, name: ServiceName): SeedSecrets {
  const entries = Object.entries(seed)
  const isByService = entries.every(
    ([key, value]) => Object.hasOwn(starters, key) && typeof value === 'object',
  )
  return isByService ? ((seed as Readonly<Record<string, SeedSecrets>>)[name] ?? {}) : (seed as SeedSecrets)
}
