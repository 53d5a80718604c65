import { readFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'
import type * as facts from '../../providers/file/facts.js'
import { failure } from '../core/stub-provider.js'
import { newKey, newPath, openFileStore, testFolder } from './folder.js'

vi.mock('../../providers/file/facts.js', async (importOriginal) => ({
  ...(await importOriginal<typeof facts>()),
  maxFileBytes: 5_000,
}))

const folder = testFolder()

it('a file does not grow beyond what would be read, and shrinks by what is purged', async () => {
  const { identityFile } = await newKey(folder)
  const options = { ...newPath(folder), identityFile }
  const store = openFileStore(options)
  await store.put('db', 'x'.repeat(3_000))
  const before = readFileSync(options.path)
  const error = await failure(store.put('web', 'y'.repeat(3_000)))
  expect(error).toMatchObject({ code: 'TOO_LARGE', outcomeUnknown: false })
  expect(error.message).toContain('would grow beyond 5000 bytes; delete what is not needed, with purge')
  expect(readFileSync(options.path).equals(before)).toBe(true)
  await store.delete('db', { purge: true })
  await store.put('web', 'y'.repeat(3_000))
})
