import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bug, bugs } from './bugs.js'

type Schedules = typeof import('./schedules.js')

const root = fileURLToPath(new URL('../..', import.meta.url))
const seeds = [1, 2, 3]
const withinMs = Number(process.env['W'] ?? 60_000)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(root, '.bugs-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The source with the bug in it; the product itself has no switch. */
function wrongText({ name, file, right, wrong }: Bug): string {
  const parts = readFileSync(join(root, file), 'utf8').split(right)
  if (parts.length !== 2)
    throw new Error(`bug "${name}": found ${parts.length - 1} times in ${file}; mend the list`)
  return parts.join(wrong)
}

/** The model over sources of which one is wrong. */
async function withBug(bug: Bug): Promise<Schedules> {
  const outfile = join(folder, `${bug.name.replaceAll(' ', '-')}.mjs`)
  const inject: esbuild.Plugin = {
    name: 'bug',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, ({ path }) =>
        path === join(root, bug.file) ? { contents: wrongText(bug), loader: 'ts' } : undefined,
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

describe('the model', () => {
  it('has bugs enough to be tried on', () => {
    expect(bugs.length).toBeGreaterThanOrEqual(20)
    expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length)
  })

  it.each(bugs)(
    'finds: $name',
    async (bug) => {
      const { runInWorlds } = await withBug(bug)
      for (const seed of seeds) {
        const { broken } = await runInWorlds({ schedules: 1_000_000, seed, withinMs, shrink: false })
        expect(broken, `seed ${seed}`).toMatch(/^Error: (\d+: |a rejection)/)
      }
    },
    seeds.length * withinMs + 10_000,
  )
})
