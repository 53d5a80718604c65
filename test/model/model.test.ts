import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtModel, root } from './built.js'

/** The same in every run, so that a change is judged by what it changes; `npm run test:soak -- --schedules N` draws new ones. */
const seed = Number(process.env['STRONGROOM_SEED'] ?? 1)

describe('cache and retry against the model', () => {
  it('keep every invariant in 10,000 random schedules', async () => {
    const folder = await mkdtemp(join(root, '.model-'))
    const { runInWorlds } = await builtModel(folder)
    await rm(folder, { recursive: true })
    const { broken, served } = await runInWorlds({ schedules: 10_000, seed })
    expect(broken).toBeUndefined()
    // The schedules reach what they are about.
    expect(served.fresh).toBeGreaterThan(20_000)
    expect(served.stale).toBeGreaterThan(100)
    expect(served.failed).toBeGreaterThan(5_000)
  }, 120_000)
})
