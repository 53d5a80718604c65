import { describe, expect, it } from 'vitest'
import { compare } from './fused.js'

/** `STRONGROOM_SCHEDULES=100000 STRONGROOM_SEED=2 npx vitest run test/model/fused.test.ts` for more of them, and others. */
const schedules = Number(process.env['STRONGROOM_SCHEDULES'] ?? 2_000)
const seed = Number(process.env['STRONGROOM_SEED'] ?? 1)

describe('a cached read without a call', () => {
  it(`cannot be told from one through every layer, in ${schedules} random schedules`, async () => {
    const { broken, hits, ran } = await compare(schedules, seed)
    expect(broken).toBeUndefined()
    expect(ran).toBe(schedules)
    expect(hits).toBeGreaterThan(schedules)
  }, 3_600_000)
})
