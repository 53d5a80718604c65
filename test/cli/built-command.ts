import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const checkout = fileURLToPath(new URL('../..', import.meta.url))

export interface BuiltCommand {
  readonly spawn: (
    args: readonly string[],
    env?: NodeJS.ProcessEnv,
  ) => ChildProcessByStdio<Writable, Readable, Readable>
  readonly remove: () => void
}

/** The command as a program of its own, made of today's sources: for signals, exit codes and start-up. */
export async function buildCommand(): Promise<BuiltCommand> {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-command-'))
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'))
  symlinkSync(join(checkout, 'package.json'), join(folder, 'package.json'))
  await build({
    absWorkingDir: checkout,
    entryPoints: ['src/cli/main.ts'],
    outdir: join(folder, 'cli'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    conditions: ['strongroom-source'],
    external: ['@aws-sdk/*', '@azure/*', '@google-cloud/*'],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'\nconst require = requireFrom(import.meta.url)",
    },
  })
  return {
    spawn: (args, env = {}) =>
      spawn(process.execPath, [join(folder, 'cli/main.js'), ...args], {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      }),
    remove: () => rmSync(folder, { recursive: true }),
  }
}
