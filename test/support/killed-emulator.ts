import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { killable } from './killable.js'

export interface KilledEmulators {
  /** Gone with the tests of the file. */
  readonly folder: string
  /** Starts one on a data folder. */
  readonly start: (dataDir: string) => Promise<{ readonly url: string; kill(): Promise<unknown> }>
  /** Waits for so many writes, however slow the machine is. */
  readonly untilWritten: (acknowledged: ReadonlyMap<string, string>, count: number) => Promise<void>
}

/** Emulators in processes of their own, to be killed: `child` is the program that starts one, and prints its address. */
export function killedEmulators(child: string): KilledEmulators {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-kill-'))
  // Registered first, done last.
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const spawned = killable(child, folder)
  return {
    folder,
    start: async (dataDir) => {
      const process = spawned(dataDir)
      const [line] = await once(process.stdout, 'data')
      return {
        url: String(line).trim(),
        kill: () => {
          const gone = once(process, 'exit')
          process.kill('SIGKILL')
          return gone
        },
      }
    },
    untilWritten: async (acknowledged, count) => {
      const giveUpAt = Date.now() + 60_000
      while (acknowledged.size < count && Date.now() < giveUpAt) {
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    },
  }
}
