import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'
import type { Bug } from './bugs.js'

export type Schedules = typeof import('./schedules.js')

export const root: string = fileURLToPath(new URL('../..', import.meta.url))

/** The source with the bug in it; the product itself has no switch. */
function wrongText({ name, file, right, wrong }: Bug): string {
  const parts = readFileSync(join(root, file), 'utf8').split(right)
  if (parts.length !== 2)
    throw new Error(`bug "${name}": found ${parts.length - 1} times in ${file}; mend the list`)
  return parts.join(wrong)
}

/**
 * The model, built into one file: over the sources as they are, or with one that is wrong. Built, it also runs without
 * the watch for leaks, which keeps every error that is made.
 */
export async function builtModel(folder: string, bug?: Bug): Promise<Schedules> {
  const outfile = join(folder, `${bug?.name.replaceAll(' ', '-') ?? 'model'}.mjs`)
  const inject: esbuild.Plugin = {
    name: 'bug',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, ({ path }) =>
        bug !== undefined && path === join(root, bug.file)
          ? { contents: wrongText(bug), loader: 'ts' }
          : undefined,
      )
    },
  }
  await esbuild.build({
    entryPoints: [join(root, 'test/model/schedules.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['fast-check', '@*', 'node-vault'],
    conditions: ['strongroom-source'],
    logLevel: 'silent',
    plugins: [inject],
  })
  return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Schedules
}
