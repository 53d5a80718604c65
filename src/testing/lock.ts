import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const held = new Set<string>()

/**
 * Takes a folder for this process and returns the function that lets it go. The lock of a process that no longer runs
 * is taken over.
 *
 * @throws {Error} when a running process, or another emulator of this one, holds it.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock')
  const mine = `${path}.${process.pid}`
  writeFileSync(mine, String(process.pid), { mode: 0o600 })
  try {
    for (let attempt = 0; !link(mine, path); attempt += 1) {
      const holder = readIfThere(path)
      if (holder === undefined) continue
      if (attempt > 9 || held.has(path) || (holder !== String(process.pid) && isRunning(Number(holder)))) {
        throw new Error(`${folder} is in use by process ${holder}; stop it, or give another data folder`)
      }
      removeStale(path, holder)
    }
  } finally {
    rmSync(mine, { force: true })
  }
  held.add(path)
  return () => {
    held.delete(path)
    rmSync(path, { force: true })
  }
}

/** Between reading the holder and removing its lock another process may have done so and locked: that lock goes back. */
function removeStale(path: string, holder: string): void {
  const aside = `${path}.${process.pid}.stale`
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (readIfThere(aside) !== holder) link(aside, path)
  rmSync(aside, { force: true })
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
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

function isRunning(pid: number): boolean {
  if (!(Number.isInteger(pid) && pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return true
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
