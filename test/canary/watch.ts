import type * as childProcess from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { format, inspect } from 'node:util'
import { formsOf } from '../../src/boundary/redact.js'
import { SecretError } from '../../src/errors.js'
import { SecretValue } from '../../src/secret.js'
import { canary, leaksIn } from '../../src/testing/leaks.js'

/** Values this short, or of fewer different characters, are found by chance. */
const minLength = 12
const minVariety = 6
/** How many of the newest values are looked for, beside the canary. */
const remembered = 64

/** Made when first looked for: what breaks the making of forms must fail tests, not the loading of them. */
let canaryForms: readonly string[] | undefined
const values = new Map<string, readonly string[]>()
const errors: Error[] = []
let leaks: string[] = []

/** Where values were seen since the last time, and forgets it. A test that leaks on purpose ends with it. */
export function takeLeaks(): string[] {
  for (const error of errors.splice(0)) {
    if (
      leaksIn(error, [canary]).length > 0 ||
      shows(`${inspect(error, { showHidden: true })} ${error.stack}`)
    ) {
      leaks.push(`an error: ${error.name}`)
    }
  }
  const seen = leaks
  leaks = []
  return seen
}

/** What a snapshot would keep. */
export function showsValue(subject: unknown): boolean {
  return shows(typeof subject === 'string' ? subject : inspect(subject, { depth: 8, showHidden: true }))
}

/** Looks at everything that leaves a process, and at every error that the package makes. */
export function startWatch(): void {
  watchValues()
  watchErrors()
  watchConsole()
  watchProcess()
  watchChannels()
}

function shows(text: string): boolean {
  canaryForms ??= formsOf(SecretValue.text(canary))
  if (canaryForms.some((form) => text.includes(form))) return true
  return [...values.values()].some((forms) => forms.some((form) => text.includes(form)))
}

function look(where: string, text: string): void {
  if (shows(text)) leaks.push(where)
}

/** Every value that any test makes is looked for, whatever it is. */
function watchValues(): void {
  const remember = (value: SecretValue): SecretValue => {
    const bytes = Buffer.from(value.bytes())
    if (bytes.byteLength < minLength || bytes.byteLength > 4_096 || new Set(bytes).size < minVariety)
      return value
    if (bytes.includes(canary)) return value
    const key = bytes.toString('latin1')
    values.delete(key)
    values.set(
      key,
      formsOf(value).filter((form) => form.length >= minLength),
    )
    if (values.size > remembered) values.delete(values.keys().next().value ?? '')
    return value
  }
  for (const factory of ['text', 'jsonText'] as const) {
    const make = SecretValue[factory]
    SecretValue[factory] = (text) => remember(make(text))
  }
  const { binary } = SecretValue
  SecretValue.binary = (bytes) => remember(binary(bytes))
}

/** `super()` and `new TypeError()` go through here; classes and `instanceof` stay what they are. */
function watchErrors(): void {
  const watched = <T extends ErrorConstructor | TypeErrorConstructor>(base: T): T =>
    new Proxy(base, {
      construct(target, args, newTarget) {
        const made: Error = Reflect.construct(
          target,
          args,
          newTarget === proxyOf.get(target) ? target : newTarget,
        )
        errors.push(made)
        return made
      },
    })
  const proxyOf = new Map<unknown, unknown>()
  const watchedError = watched(Error)
  Object.setPrototypeOf(SecretError, watchedError)
  const watchedTypeError = watched(TypeError)
  proxyOf.set(TypeError, watchedTypeError)
  globalThis.TypeError = watchedTypeError
}

function watchConsole(): void {
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table'] as const) {
    // biome-ignore lint/suspicious/noConsole: what is watched
    const print = console[method] as (...args: unknown[]) => void
    console[method] = (...args: unknown[]): void => {
      look(`console.${method}`, format(...args))
      print.apply(console, args)
    }
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    const write = process[stream].write.bind(process[stream]) as typeof process.stdout.write
    process[stream].write = ((chunk: string | Uint8Array, ...rest: []) => {
      look(`process.${stream}`, Buffer.from(chunk as string).toString('utf8'))
      return write(chunk, ...rest)
    }) as typeof process.stdout.write
  }
}

function watchProcess(): void {
  process.on('warning', (warning: Error) => look('a warning', inspect(warning, { showHidden: true })))
  const builtin = createRequire(import.meta.url)('node:child_process') as typeof childProcess
  const record = builtin as unknown as Record<string, (...args: unknown[]) => unknown>
  for (const method of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']) {
    const run = record[method]
    if (run === undefined) throw new TypeError(`node:child_process has no ${method}`)
    const watched = (...args: unknown[]): unknown => {
      const argv = args.filter((arg) => typeof arg === 'string' || Array.isArray(arg))
      look(`arguments of a child process (${method})`, argv.flat().join(' '))
      return run(...args)
    }
    // promisify(execFile) needs the symbol that stands on the original.
    record[method] = Object.defineProperties(watched, Object.getOwnPropertyDescriptors(run))
  }
  syncBuiltinESMExports()
}

/** Kept, so that they are not collected while nobody listens. */
const channels = ['start', 'end', 'error'].map((moment) => channel(`strongroom:call:${moment}`))

function watchChannels(): void {
  for (const each of channels) {
    for (const method of ['publish', 'runStores'] as const) {
      const watched = (message: unknown, ...rest: unknown[]): unknown => {
        look(`diagnostics channel ${String(each.name)}`, inspect(message, { depth: 8, showHidden: true }))
        const inherited = Object.getPrototypeOf(each)[method] as (...args: unknown[]) => unknown
        return inherited.call(each, message, ...rest)
      }
      Object.defineProperty(each, method, { value: watched })
    }
  }
}
