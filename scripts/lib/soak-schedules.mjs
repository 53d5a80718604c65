import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'
import { root } from './files.mjs'

/**
 * Runs random schedules against the model: `test/soak/schedules.ts`, which exports
 * `runSchedules(options: { schedules: number, seed: number }): Promise<boolean>`.
 *
 * @param {string} schedules
 * @param {string} seed
 * @returns {Promise<number>} the exit code
 */
export async function runSchedules(schedules, seed) {
  const source = join(root, 'test/soak/schedules.ts')
  if (!existsSync(source)) throw new Error('soak: there is no test/soak/schedules.ts')
  const outfile = join(root, '.cache/soak/schedules.mjs')
  await esbuild.build({
    entryPoints: [source],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    conditions: ['strongroom-source'],
    logLevel: 'warning',
  })
  const program = await import(pathToFileURL(outfile).href)
  const holds = await program.runSchedules({ schedules: Number(schedules), seed: Number(seed) })
  return holds ? 0 : 1
}
