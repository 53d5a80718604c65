import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { JsonError, parseJson } from '../json.js'
import { UsageError } from './usage-error.js'

/** `export default { store: 'aws://eu-west-1/prod' } satisfies Config`, or the same as JSON. */
export interface Config {
  /** URL of the store that commands use without `--store` and STRONGROOM_STORE. */
  readonly store: string
}

const files = ['strongroom.config.js', 'strongroom.config.mjs', 'strongroom.config.json'] as const
const typeScript = 'strongroom.config.ts'

/**
 * Reads the configuration of a folder; the first of the three files that exists counts. Folders above are not looked
 * at: a configuration is code, and runs.
 *
 * @returns `undefined` when there is none.
 * @throws {UsageError} naming the file, the field and the rule.
 */
export async function readConfig(folder: string): Promise<Config | undefined> {
  for (const file of [...files, typeScript]) {
    const path = join(folder, file)
    if (await exists(path)) return checked(file, await load(file, path))
  }
  return undefined
}

async function load(file: string, path: string): Promise<unknown> {
  if (file.endsWith('.json')) return parsed(file, await readFile(path, 'utf8'))
  if (file === typeScript && !stripsTypes()) {
    throw new UsageError(
      `${typeScript} needs a Node that strips types (22.18 or later), this is ${process.versions.node}: ` +
        'rename it to strongroom.config.mjs, or set STRONGROOM_STORE',
    )
  }
  const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown }
  return module.default
}

function parsed(file: string, text: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new UsageError(`${file} is ${error.message}`)
  }
}

function checked(file: string, config: unknown): Config {
  const store = typeof config === 'object' && config !== null && 'store' in config ? config.store : undefined
  if (typeof store === 'string' && store !== '') return { store }
  const where = file.endsWith('.json') ? 'hold an object' : 'export default an object'
  throw new UsageError(`${file} must ${where} with the URL of a store, { "store": "aws://eu-west-1/prod" }`)
}

function stripsTypes(): boolean {
  return 'typescript' in process.features && process.features.typescript !== false
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if (!isMissing(error)) throw error
    return false
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
