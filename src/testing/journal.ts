import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { JsonError, parseJson } from '../json.js'
import { lockFolder } from './lock.js'
import type { Mutation } from './state.js'

/** An append-only file of mutation batches, one a line: what was appended survives the death of the process. */
export interface Journal {
  /** Returns when the operating system holds the line. */
  append(batch: readonly Mutation[]): void
  /** Rewrites the file as the present state. */
  compact(): void
  compactIfLarge(): void
  close(): void
}

const minimumBytes = 1024 * 1024

/**
 * Opens `<dataDir>/<service>`, locks it, gives every batch in it to `replay`, and compacts it. A last line that is
 * torn was never acknowledged and is dropped.
 */
export function openJournal(
  dataDir: string,
  service: string,
  replay: (batch: readonly Mutation[]) => void,
  snapshot: () => Iterable<readonly Mutation[]>,
): Journal {
  const folder = join(dataDir, service)
  const path = join(folder, 'journal.jsonl')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const unlock = lockFolder(folder)
  const header = `${JSON.stringify({ service, format: 1 })}\n`
  let file = -1
  let bytes = 0
  let compactAt = 0

  const compact = (): void => {
    const fresh = `${path}.tmp`
    rmSync(fresh, { force: true })
    const next = openSync(fresh, 'wx', 0o600)
    let size = write(next, header)
    for (const batch of snapshot()) size += write(next, `${JSON.stringify(batch)}\n`)
    fsyncSync(next)
    renameSync(fresh, path)
    syncFolder(folder)
    if (file >= 0) closeSync(file)
    file = next
    bytes = size
    compactAt = Math.max(minimumBytes, 2 * size)
  }
  try {
    load(path, header, replay)
    compact()
  } catch (error) {
    unlock()
    throw error
  }
  return {
    append(batch) {
      const line = `${JSON.stringify(batch)}\n`
      try {
        bytes += write(file, line)
      } catch (error) {
        ftruncateSync(file, bytes)
        throw error
      }
    },
    compact,
    compactIfLarge() {
      if (bytes > compactAt) compact()
    },
    close() {
      closeSync(file)
      unlock()
    },
  }
}

function write(file: number, text: string): number {
  const data = Buffer.from(text)
  for (let done = 0; done < data.length; ) done += writeSync(file, data, done)
  return data.length
}

function load(path: string, header: string, replay: (batch: readonly Mutation[]) => void): void {
  const text = readIfThere(path)
  if (text === undefined) return
  if (!text.startsWith(header)) {
    throw new Error(
      `${path} is no journal of this emulator and version; move it away, or give another data folder`,
    )
  }
  const lines = text.slice(header.length).split('\n')
  lines.pop()
  for (const [index, line] of lines.entries()) {
    try {
      replay(parseJson(line) as unknown as readonly Mutation[])
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
      throw new Error(
        `${path}: line ${index + 2} is damaged; remove the line, or restore the file from a copy`,
      )
    }
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Windows cannot open a folder, and needs no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
