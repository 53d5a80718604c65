import { conformanceSuite } from 'strongroom/testing'
import { describe, expect, it } from 'vitest'
import { columns, singles } from './columns.js'
import { memoryBackend } from './memory-backend.js'

/** A case of every backend and of every fact that is off: it holds, or its opposite does; none is skipped. */
describe.each([...Object.entries(columns), ...Object.entries(singles)])('memory as %s', (_, capabilities) => {
  for (const { id, title, run } of conformanceSuite(() => memoryBackend({ capabilities }))) {
    it(`${id}: ${title}`, async () => expect(['held', 'opposite']).toContain(await run()))
  }
})
