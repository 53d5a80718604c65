import { Command } from 'commander'
import type { Emulator, ServiceOptions } from 'strongroom/testing'
import { createOutput, type Output } from '../output.js'
import type { Terminal } from '../terminal.js'
import { UsageError } from '../usage-error.js'

interface EmulateFlags {
  readonly host: string
  readonly data?: string
  readonly seed?: string
  readonly json?: boolean
}

interface Runnable {
  readonly defaultPort: number
  readonly start: (options: ServiceOptions) => Promise<Emulator>
}

/** Only the emulators that are asked for are loaded: starting one must stay quick. */
const services: Readonly<Record<string, Runnable>> = {
  aws: {
    defaultPort: 4584,
    start: async (options) => (await import('strongroom/aws/emulator')).awsEmulator(options),
  },
  azure: {
    defaultPort: 8443,
    start: async (options) => (await import('strongroom/azure/emulator')).azureEmulator(options),
  },
}

export function emulateCommand(terminal: Terminal): Command {
  const known = Object.entries(services)
    .map(([name, { defaultPort }]) => `${name}=${defaultPort}`)
    .join(' ')
  return new Command('emulate')
    .description('run emulators of cloud services on this machine until Ctrl-C')
    .argument('[service[=port]...]', `all by default: ${known}; port 0 picks a free one`)
    .option('--host <address>', 'address to bind; anything but loopback lets the network in', '127.0.0.1')
    .option('--data <folder>', 'keep the state in this folder across runs')
    .option('--seed <file>', 'JSON file of secrets to start with: { "name": "value" }')
    .option('--json', 'one line of JSON on stdout once every service answers')
    .action((wanted: readonly string[], flags: EmulateFlags) => emulate(wanted, flags, terminal))
}

async function emulate(wanted: readonly string[], flags: EmulateFlags, terminal: Terminal): Promise<void> {
  const ports = portsOf(wanted.length === 0 ? Object.keys(services) : wanted)
  const seed = flags.seed === undefined ? {} : { seed: await readSeed(flags.seed) }
  const data = flags.data === undefined ? {} : { dataDir: flags.data }
  const running: Emulator[] = []
  try {
    for (const [name, port] of ports) {
      // One clock for all of them: moving one moves the others.
      const clock = running[0] === undefined ? {} : { clock: running[0].clock }
      running.push(await startOn(name, port, { host: flags.host, port, ...seed, ...data, ...clock }))
    }
    const output = createOutput(terminal)
    if (flags.json === true)
      output.document(Object.fromEntries(running.map((each) => [each.name, facts(each)])))
    else present(running, output)
    await stopped(terminal.stop)
  } finally {
    await Promise.all(running.map((emulator) => emulator.close()))
  }
}

/** @throws {UsageError} for a service that does not exist, one given twice, and a port that is none. */
function portsOf(wanted: readonly string[]): Map<string, number> {
  const ports = new Map<string, number>()
  for (const text of wanted) {
    const [name = '', port, ...rest] = text.split('=')
    const service = Object.hasOwn(services, name) ? services[name] : undefined
    if (service === undefined) {
      throw new UsageError(
        `${JSON.stringify(name)} is no service that can be emulated; there are ${Object.keys(services).join(', ')}`,
      )
    }
    if (ports.has(name)) throw new UsageError(`${name} is given twice`)
    if (rest.length > 0 || (port !== undefined && !/^\d{1,5}$/.test(port)) || Number(port ?? 0) > 65_535) {
      throw new UsageError(
        `${text}: the port is a number from 0 to 65535, as in ${name}=${service.defaultPort}`,
      )
    }
    ports.set(name, port === undefined ? service.defaultPort : Number(port))
  }
  return ports
}

async function startOn(name: string, port: number, options: ServiceOptions): Promise<Emulator> {
  try {
    return await (services[name] as Runnable).start(options)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    throw new UsageError(
      `port ${port} for ${name} is taken; pass another one, or ${name}=0 for any that is free`,
    )
  }
}

async function readSeed(file: string): Promise<NonNullable<ServiceOptions['seed']>> {
  const [{ readFile }, { JsonError, parseJson }] = await Promise.all([
    import('node:fs/promises'),
    import('../../json.js'),
  ])
  try {
    const seed = parseJson(await readFile(file, 'utf8'))
    if (isSeed(seed)) return seed
    throw new UsageError(`${file} must hold a JSON object whose values are strings or objects`)
  } catch (error) {
    if (error instanceof JsonError) throw new UsageError(`${file} is ${error.message}`)
    if (error instanceof Error && 'code' in error)
      throw new UsageError(`${file} cannot be read: ${error.code}`)
    throw error
  }
}

function isSeed(seed: unknown): seed is NonNullable<ServiceOptions['seed']> {
  const isValue = (value: unknown): boolean =>
    typeof value === 'string' || (typeof value === 'object' && value !== null)
  return isValue(seed) && !Array.isArray(seed) && Object.values(seed as object).every(isValue)
}

/** What a program needs to speak to the service. */
function facts({ url, httpUrl, caFile, storeUrl, env }: Emulator): object {
  return { url, httpUrl, caFile, storeUrl, env }
}

function present(running: readonly Emulator[], { line, note, paint }: Output): void {
  for (const { name, url, httpUrl, storeUrl, env } of running) {
    line(`${paint('bold', name)}  ${url}${httpUrl === undefined ? '' : `  ${httpUrl}`}`)
    line(`  store   ${storeUrl}`)
    for (const [variable, value] of Object.entries(env)) line(`  export ${variable}=${value}`)
  }
  note('Ctrl-C stops')
}

function stopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve()
    stop.addEventListener('abort', () => resolve(), { once: true })
  })
}
