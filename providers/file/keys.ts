import { execFile } from 'node:child_process'
import { open } from 'node:fs/promises'
import { identityToRecipient } from 'age-encryption'
import { errnoOf, invalid } from './errors.js'
import { checkPrivate } from './open-file.js'
import type { FileOptions } from './options.js'
import type { Key } from './seal.js'

/** Gets the key; `isNew` when it will seal a file that is not there yet. */
export type KeySource = (isNew: boolean) => Promise<Key>

type Variables = Readonly<Record<string, string | undefined>>

/** @throws {SecretError} from the source it gives: `CONFIG_INVALID`, naming where the key was looked for. */
export function keySource(path: string, options: FileOptions, variables: Variables): KeySource {
  const { identityFile, keyCommand, passphrase } = options
  if (identityFile !== undefined) return () => fromFile('identityFile', identityFile)
  if (keyCommand !== undefined) return () => fromCommand(keyCommand)
  if (passphrase !== undefined) return async (isNew) => fromPassphrase(passphrase, path, isNew)
  const { STRONGROOM_KEY_FILE: keyFile, STRONGROOM_KEY: key } = variables
  if (keyFile) return () => fromFile('STRONGROOM_KEY_FILE', keyFile)
  if (key) return () => identitiesIn('STRONGROOM_KEY', key)
  return async () => {
    throw invalid(
      `no key is given for ${path}: set STRONGROOM_KEY_FILE to the path of an age identity, or pass identityFile, ` +
        'keyCommand or passphrase',
    )
  }
}

/** Whether the environment names a key. */
export function namesKey({ STRONGROOM_KEY_FILE, STRONGROOM_KEY }: Variables): boolean {
  return Boolean(STRONGROOM_KEY_FILE || STRONGROOM_KEY)
}

async function fromPassphrase(
  passphrase: NonNullable<FileOptions['passphrase']>,
  path: string,
  isNew: boolean,
): Promise<Key> {
  const text = typeof passphrase === 'string' ? passphrase : await passphrase({ path, isNew })
  if (text === '') throw invalid('the passphrase is empty')
  return { passphrase: text }
}

const maxKeyBytes = 64 * 1024

/** Links are followed: orchestrators mount secrets as links, and root owns them. */
async function fromFile(source: string, path: string): Promise<Key> {
  const handle = await openKeyFile(source, path)
  try {
    const stats = await handle.stat({ bigint: true })
    if (!stats.isFile()) throw invalid(`${source}: ${path} is not a file`)
    checkPrivate(path, stats, [process.getuid?.(), 0])
    if (stats.size > maxKeyBytes) throw invalid(`${source}: ${path} is too large for a file of keys`)
    return await identitiesIn(`${source} ${path}`, await handle.readFile('utf8'))
  } finally {
    await handle.close()
  }
}

async function openKeyFile(source: string, path: string): ReturnType<typeof open> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    throw invalid(`${source}: there is no file ${path}; make one: age-keygen -o ${path}`)
  }
}

function fromCommand([program = '', ...args]: readonly string[]): Promise<Key> {
  return new Promise((resolve, reject) => {
    const settings = { timeout: 60_000, maxBuffer: maxKeyBytes, encoding: 'utf8', windowsHide: true } as const
    execFile(program, args, settings, (error, output) => {
      if (error === null) resolve(identitiesIn(`the output of ${program}`, output))
      else reject(invalid(`keyCommand: ${program} ${endOf(error)}; run it by hand to see why`))
    })
  })
}

/** The error's own sentence quotes what the command said. */
function endOf({
  code,
  killed,
}: {
  readonly code?: string | number | null
  readonly killed?: boolean
}): string {
  if (killed === true) return 'gave no answer in a minute, or far too long a one'
  return typeof code === 'number' ? `ended with ${code}` : `cannot be run${code ? ` (${code})` : ''}`
}

/** The lines that are identities; others than comments are refused, without showing them. */
async function identitiesIn(source: string, text: string): Promise<Key> {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const identities: string[] = []
  for (const [index, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue
    if (!(await isIdentity(line))) {
      throw invalid(`${source}: line ${index + 1} is no age identity, which begins with AGE-SECRET-KEY-`)
    }
    identities.push(line)
  }
  if (identities.length === 0) throw invalid(`${source} holds no age identity`)
  return { identities }
}

async function isIdentity(line: string): Promise<boolean> {
  if (!/^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/.test(line)) return false
  const [outcome] = await Promise.allSettled([identityToRecipient(line)])
  return outcome.status === 'fulfilled'
}
