import { Command } from 'commander'
import type { EmulatorsOptions, ServiceName } from 'strongroom/emulators'
import type { Emulator } from 'strongroom/testing'
import { createOutput, type Output } from '../output.js'
import type { Terminal } from '../terminal.js'
import { UsageError } from '../usage-error.js'

interface EmulateFlags {
  readonly host: string
  readonly data?: string
  readonly seed?: string
  readonly json?: boolean
}

type Seed = NonNullable<EmulatorsOptions['seed']>

export function emulateCommand(terminal: Terminal): Command {
  return new Command('emulate')
    .summary('run emulators of cloud services on this machine')
    .description('run emulators of cloud services on this machine until Ctrl-C')
    .argument('[service[=port]...]', 'all services on their usual ports by default; port 0 picks a free one')
    .option('--host <address>', 'address to bind; anything but loopback lets the network in', '127.0.0.1')
    .option('--data <folder>', 'keep the state in this folder across runs')
    .option('--seed <file>', 'JSON file of secrets to start with: { "name": "value" }')
    .option('--json', 'one line of JSON on stdout once every service answers')
    .action((wanted: readonly string[], flags: EmulateFlags) => emulate(wanted, flags, terminal))
}

async function emulate(wanted: readonly string[], flags: EmulateFlags, terminal: Terminal): Promise<void> {
  // Nothing else is loaded on this way: an emulator must start quickly.
  const { defaultPorts, serviceNames, startEmulators } = await import('strongroom/emulators')
  const ports = portsOf(wanted.length === 0 ? serviceNames : wanted, defaultPorts)
  const services = Object.keys(ports) as ServiceName[]
  const seed = flags.seed === undefined ? {} : { seed: await readSeed(flags.seed) }
  const data = flags.data === undefined ? {} : { dataDir: flags.data }
  const running = await startEmulators({ services, ports, host: flags.host, ...seed, ...data }).catch(
    (error: unknown) => {
      throw portTaken(error)
    },
  )
  const emulators = services.map((name) => running[name])
  const output = createOutput(terminal)
  if (flags.json === true)
    output.document(Object.fromEntries(emulators.map((each) => [each.name, facts(each)])))
  else present(emulators, output)
  await stopped(terminal.stop)
  await running.close()
}

/** @throws {UsageError} for a service that does not exist, one given twice, and a port that is none. */
function portsOf(
  wanted: readonly string[],
  defaults: Readonly<Record<ServiceName, number>>,
): Partial<Record<ServiceName, number>> {
  const ports = new Map<string, number>()
  for (const text of wanted) {
    const [, name = '', port] = /^(.*?)(?:=(.*))?$/s.exec(text) ?? []
    if (!isService(name, defaults)) {
      const known = Object.keys(defaults).join(', ')
      throw new UsageError(`${JSON.stringify(name)} is no service that can be emulated; there are ${known}`)
    }
    if (ports.has(name)) throw new UsageError(`${name} is given twice`)
    const number = Number(port ?? defaults[name])
    if ((port !== undefined && !/^\d+$/.test(port)) || number > 65_535) {
      throw new UsageError(`${text}: the port is a number from 0 to 65535, as in ${name}=${defaults[name]}`)
    }
    ports.set(name, number)
  }
  return Object.fromEntries(ports)
}

function isService(name: string, defaults: Readonly<Record<ServiceName, number>>): name is ServiceName {
  return Object.hasOwn(defaults, name)
}

function portTaken(error: unknown): unknown {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error
  if (!isTaken) return error
  return new UsageError(
    `port ${error.port} is taken; give another one as SERVICE=PORT, or SERVICE=0 for a free one`,
  )
}

async function readSeed(file: string): Promise<Seed> {
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

function isSeed(seed: unknown): seed is Seed {
  const isDocument = (value: unknown): boolean => typeof value === 'object' && value !== null
  return (
    isDocument(seed) &&
    !Array.isArray(seed) &&
    Object.values(seed as object).every((value) => typeof value === 'string' || isDocument(value))
  )
}

/** What a program needs to speak to the service. */
function facts({ url, httpUrl, restUrl, caFile, storeUrl, env }: Emulator): object {
  return { url, httpUrl, restUrl, caFile, storeUrl, env }
}

function present(running: readonly Emulator[], { line, note, paint }: Output): void {
  for (const { name, url, httpUrl, restUrl, storeUrl, env } of running) {
    const urls = [url, httpUrl, restUrl].filter((each) => each !== undefined)
    line(`${paint('bold', name)}  ${urls.join('  ')}`)
    line(`  store '${storeUrl}'`)
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
