import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { killable } from '../support/killable.js'
import type { Job } from './child.js'

export interface Child {
  readonly process: ChildProcess
  /** What it said so far, line by line. */
  readonly lines: string[]
  /** Resolves when it has said as many lines, or is gone. */
  readonly said: (count: number) => Promise<void>
  /** Resolves when it is gone and all that it said has come. */
  readonly gone: Promise<void>
}

/** Bundles the child once, and gives what starts one. None outlives the tests. */
export function children(folder: string): (job: Job) => Child {
  const spawned = killable(join(import.meta.dirname, 'child.ts'), folder)
  return (job) => {
    const child = spawned(JSON.stringify(job))
    const lines: string[] = []
    const reader = createInterface(child.stdout).on('line', (line) => lines.push(line))
    let isGone = false
    const gone = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(() => {
      isGone = true
    })
    const said = async (count: number): Promise<void> => {
      while (lines.length < count && !isGone) await Promise.race([once(reader, 'line'), gone])
    }
    return { process: child, lines, said, gone }
  }
}
