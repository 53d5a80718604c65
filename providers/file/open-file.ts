import type { BigIntStats } from 'node:fs'
import { constants, type FileHandle, lstat, open } from 'node:fs/promises'
import { errnoOf, invalid, unless } from './errors.js'
import { maxFileBytes } from './facts.js'

/** A file that is open, and that nobody but its owner can read. */
export interface OpenFile {
  readonly handle: FileHandle
  readonly mark: string
}

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants

/** Differs when the file was changed, replaced, or given to somebody else: what it holds need not be read to know. */
export async function markAt(path: string): Promise<string | undefined> {
  const stats = await unless('ENOENT', lstat(path, { bigint: true }))
  return stats && markOf(stats)
}

function markOf({ dev, ino, size, mode, uid, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mode, uid, mtimeNs, ctimeNs].join(' ')
}

/**
 * Opens the sealed file for reading.
 *
 * @returns `undefined` when there is none.
 * @throws {SecretError} `CONFIG_INVALID` for a link, what is no file, another's file, one that others can read or write,
 *   and one that is too large.
 */
export async function openFile(path: string): Promise<OpenFile | undefined> {
  const handle = await openPlain(path)
  if (handle === undefined) return undefined
  try {
    const stats = await handle.stat({ bigint: true })
    checkStats(path, stats)
    return { handle, mark: markOf(stats) }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function openPlain(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP' || code === 'EMLINK') {
      throw invalid(`${path} is a symbolic link, which somebody could point elsewhere; name the file itself`)
    }
    throw error
  }
}

function checkStats(path: string, stats: BigIntStats): void {
  if (!stats.isFile()) throw invalid(`${path} is not a file`)
  checkPrivate(path, stats, [process.getuid?.()])
  if (stats.size > maxFileBytes) {
    throw invalid(
      `${path} is ${stats.size} bytes, more than the ${maxFileBytes} that are read; it is no store of ours`,
    )
  }
}

/** Where the platform has owners and modes: Windows has neither, and its own rules hold there. */
export function checkPrivate(
  path: string,
  { uid, mode }: Pick<BigIntStats, 'uid' | 'mode'>,
  owners: readonly (number | undefined)[],
): void {
  if (process.getuid === undefined) return
  if (!owners.includes(Number(uid))) {
    throw invalid(`${path} belongs to user ${uid}, and this process is user ${process.getuid()}; chown it`)
  }
  const others = Number(mode) & 0o077
  if (others !== 0) {
    throw invalid(
      `${path} can be used by others (mode ${(Number(mode) & 0o777).toString(8)}); run: chmod 600 ${path}`,
    )
  }
}
