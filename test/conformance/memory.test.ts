import { conformanceSuite } from 'strongroom/testing'
import { describe, expect, it } from 'vitest'
import { memoryBackend } from './memory-backend.js'

describe('memory', () => {
  for (const { id, title, run } of conformanceSuite(() => memoryBackend())) {
    it(`${id}: ${title}`, async () => expect(await run()).toBe('held'))
  }
})
