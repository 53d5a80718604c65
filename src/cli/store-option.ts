import type { Command } from 'commander'
import type { SecretName } from '../operations.js'
import type { SecretStore } from '../store.js'
import type { Terminal } from './terminal.js'
import { UsageError } from './usage-error.js'

/** What every command that opens a store takes. */
export interface StoreFlags {
  readonly store?: string
  readonly json?: boolean
  readonly acceptRollback?: boolean
}

export function addStoreFlags(command: Command): Command {
  return command
    .option('--store <url>', 'the store; else STRONGROOM_STORE, else strongroom.config.{js,mjs,json}')
    .option('--json', 'one JSON document on stdout, everything else on stderr')
    .option('--accept-rollback', 'for file: stores: take a file that was refused as an older copy')
}

/** Opens the store that the flags, the environment or the configuration name, and closes it whatever happens. */
export async function withStore<T>(
  flags: StoreFlags,
  terminal: Terminal,
  use: (store: SecretStore) => Promise<T>,
): Promise<T> {
  const url = await storeUrl(flags, terminal)
  const store = await openUrl(url, flags, terminal)
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** Opens the store of a URL; what has to be typed is asked for. */
export async function openUrl(
  url: string,
  { acceptRollback }: StoreFlags,
  terminal: Terminal,
): Promise<SecretStore> {
  const [{ openStore }, { askPassphrase }] = await Promise.all([
    import('strongroom'),
    import('./ask-passphrase.js'),
  ])
  const option = `${url.includes('?') ? '&' : '?'}acceptRollback=true`
  return openStore(acceptRollback === true ? url + option : url, { ask: askPassphrase(terminal) })
}

/** @throws {UsageError} when nothing names a store. */
export async function storeUrl({ store }: StoreFlags, { env, cwd }: Terminal): Promise<string> {
  const url = await findStoreUrl(store === undefined ? {} : { store }, env, cwd)
  if (url !== undefined) return url
  throw new UsageError(
    'no store is given: pass --store URL, set STRONGROOM_STORE, or write strongroom.config.json; ' +
      'a URL looks like aws://eu-west-1/prod',
  )
}

export async function findStoreUrl(
  { store }: StoreFlags,
  env: Terminal['env'],
  cwd: string,
): Promise<string | undefined> {
  if (store !== undefined) return store
  if (env['STRONGROOM_STORE']) return env['STRONGROOM_STORE']
  const { readConfig } = await import('./config.js')
  return (await readConfig(cwd))?.store
}

export function secretName(name: string, isId: boolean | undefined): SecretName {
  return isId === true ? { id: name } : name
}

/** Collects a repeated `--tag KEY=VALUE`. */
export function addTag(pair: string, tags: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = pair.indexOf('=')
  if (at < 1) throw new UsageError('--tag takes KEY=VALUE')
  return { ...tags, [pair.slice(0, at)]: pair.slice(at + 1) }
}
