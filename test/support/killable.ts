import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'

export type Killable = ChildProcessByStdio<Writable, Readable, null>

/** Bundles a program once, and gives what starts it in a process of its own. None outlives the tests of the file. */
export function killable(entryPoint: string, folder: string): (...args: readonly string[]) => Killable {
  const script = join(folder, 'child.mjs')
  const running = new Set<ChildProcess>()
  beforeAll(async () => {
    await build({
      entryPoints: [entryPoint],
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
  return (...args) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
    running.add(child)
    child.on('exit', () => running.delete(child))
    return child
  }
}
