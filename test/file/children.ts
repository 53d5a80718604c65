import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'
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
  const script = join(folder, 'child.mjs')
  const running = new Set<ChildProcess>()
  beforeAll(async () => {
    await build({
      entryPoints: [join(import.meta.dirname, 'child.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['strongroom-source'],
    })
  })
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL')
  })
  return (job) => {
    const child = spawn(process.execPath, [script, JSON.stringify(job)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    running.add(child)
    const lines: string[] = []
    const reader = createInterface(child.stdout).on('line', (line) => lines.push(line))
    const gone = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(() => {
      running.delete(child)
    })
    const said = async (count: number): Promise<void> => {
      while (lines.length < count && running.has(child)) await Promise.race([once(reader, 'line'), gone])
    }
    return { process: child, lines, said, gone }
  }
}
