import { describe, expect, it } from 'vitest'
import { runInWorlds } from './schedules.js'

describe('cache and retry against the model', () => {
  it('keep every invariant in 10,000 random schedules', async () => {
    const { broken, served } = await runInWorlds({ schedules: 10_000 })
    expect(broken).toBeUndefined()
    // The schedules reach what they are about.
    expect(served.fresh).toBeGreaterThan(20_000)
    expect(served.stale).toBeGreaterThan(500)
    expect(served.failed).toBeGreaterThan(5_000)
  }, 120_000)
})
