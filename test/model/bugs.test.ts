import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bugs } from './bugs.js'
import { builtModel, root } from './built.js'

/** `STRONGROOM_SEEDS=1 npm run test:bugs` for a quick look. */
const seeds = Array.from({ length: Number(process.env['STRONGROOM_SEEDS'] ?? 3) }, (_, index) => index + 1)
const withinMs = 60_000
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(root, '.bugs-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('the model', () => {
  it('has bugs enough to be tried on', () => {
    expect(bugs.length).toBeGreaterThanOrEqual(20)
    expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length)
  })

  it.each(bugs)(
    'finds: $name',
    async (bug) => {
      const { runInWorlds } = await builtModel(folder, bug)
      for (const seed of seeds) {
        const { broken } = await runInWorlds({ schedules: 1_000_000, seed, withinMs, shrink: false })
        expect(broken, `seed ${seed}`).toMatch(/^Error: (\d+: |a rejection)/)
      }
    },
    seeds.length * withinMs + 10_000,
  )
})
