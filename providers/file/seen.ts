import { createHash } from 'node:crypto'
import { access, constants, mkdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { JsonError, type ProviderContext, parseJson, SecretError } from 'strongroom/provider'
import { errnoOf, invalid, unless } from './errors.js'
import { withLock } from './lock.js'
import { replaceFile } from './replace-file.js'

/** Which file this is, and how new. */
export interface Sight {
  readonly id: string
  readonly generation: number
  /** SHA-256 of the sealed file. */
  readonly hash: string
}

/** The newest that was ever seen of a file, kept elsewhere than the file: only so an older copy of it shows. */
export interface Seen {
  readonly read: () => Promise<Sight | undefined>
  /** Keeps a sight, unless a newer one of the same file is there. */
  readonly note: (sight: Sight, context: ProviderContext) => Promise<void>
  /** Keeps a sight whatever is there. */
  readonly replace: (sight: Sight, context: ProviderContext) => Promise<void>
  /** @throws {SecretError} `CONFIG_INVALID` when nothing can be kept: better said before a write than after it. */
  readonly prepare: () => Promise<void>
}

const lockTimeoutMs = 10_000

export function openSeen(path: string, folder: string = defaultFolder()): Seen {
  const name = createHash('sha256').update(path).digest('hex').slice(0, 32)
  const kept = join(folder, `${name}.json`)

  const usable = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      const code = errnoOf(error)
      if (code === undefined) throw error
      throw invalid(
        `what was seen of ${path} cannot be kept in ${folder} (${code}): set stateFolder, or detectRollback: false`,
      )
    }
  }
  const read = async (): Promise<Sight | undefined> => {
    const text = await usable(unless('ENOENT', readFile(kept, 'utf8')))
    return text === undefined ? undefined : sightIn(kept, text)
  }
  const prepare = async (): Promise<void> => {
    await usable(mkdir(folder, { recursive: true, mode: 0o700 }))
    await usable(access(folder, constants.W_OK))
  }
  const keep = async (
    sight: Sight,
    context: ProviderContext,
    isNews: (held: Sight | undefined) => boolean,
  ): Promise<void> => {
    await prepare()
    await withLock(`${kept}.lock`, lockTimeoutMs, context, async () => {
      if (isNews(await read())) await replaceFile(kept, Buffer.from(JSON.stringify({ path, ...sight })))
    })
  }
  return {
    read,
    prepare,
    note: (sight, context) =>
      keep(sight, context, (held) => held?.id !== sight.id || held.generation < sight.generation),
    replace: (sight, context) => keep(sight, context, () => true),
  }
}

/** For where nothing is to be kept. */
export const unseeing: Seen = Object.freeze({
  read: async () => undefined,
  note: async () => {},
  replace: async () => {},
  prepare: async () => {},
})

/** @throws {SecretError} `CONFLICT` when what is found is older than what was seen, or something else. */
export function checkSight(path: string, found: Sight, seen: Sight | undefined): void {
  if (seen === undefined) return
  if (found.id !== seen.id) {
    throw refused(`${path} is another file than the one that was seen here before`)
  }
  if (found.generation < seen.generation) {
    throw refused(
      `${path} is an older copy: it is generation ${found.generation}, and generation ${seen.generation} was seen here`,
    )
  }
  if (found.generation === seen.generation && found.hash !== seen.hash) {
    throw refused(`${path} holds something else than the generation ${seen.generation} that was seen here`)
  }
}

/** The file is gone, and it was here. */
export function vanished(path: string, { generation }: Sight): SecretError {
  return refused(`${path} is gone, and generation ${generation} of it was seen here; restore it from a copy`)
}

function refused(problem: string): SecretError {
  const message = `${problem}. If that is meant, accept it once: acceptRollback, or --accept-rollback of the command`
  return new SecretError({ code: 'CONFLICT', message, providerCode: 'ROLLED_BACK' })
}

function sightIn(kept: string, text: string): Sight {
  try {
    const { id, generation, hash } = parseJson(text) as Partial<Sight>
    if (typeof id === 'string' && typeof hash === 'string' && typeof generation === 'number') {
      return { id, generation, hash }
    }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
  }
  throw invalid(`${kept} is damaged; remove it to take the file as it is`)
}

function defaultFolder(): string {
  const { XDG_STATE_HOME: home = '' } = process.env
  return join(isAbsolute(home) ? home : join(homedir(), '.local', 'state'), 'strongroom')
}
