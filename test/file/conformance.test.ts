import { type FileOptions, file } from 'strongroom/file'
import { type BackendOptions, conformanceSuite } from 'strongroom/testing'
import { describe, expect, it } from 'vitest'
import { faultyService, testClock } from '../conformance/faulty-service.js'
import { newKey, newPath, testFolder } from './folder.js'

const folder = testFolder()
const key = await newKey(folder)
const hybrid = await newKey(folder, 'hybrid')

const keys: Readonly<Record<string, Partial<FileOptions>>> = {
  'an identity': { identityFile: key.identityFile },
  'a post-quantum identity': { identityFile: hybrid.identityFile },
  'a passphrase': { passphrase: 'correct horse battery staple', workFactor: 10 },
}

/** A file of its own for each case. */
function backend(options: Partial<FileOptions>): BackendOptions {
  const clock = testClock()
  const service = faultyService()
  const where = newPath(folder)
  return {
    provider: ({ prefix }) => service.wrap(file({ ...where, ...options, prefix })),
    timing: clock.timing,
    advance: clock.advance,
    faults: service.faults,
    mend: service.mend,
  }
}

describe.each(Object.entries(keys))('a file sealed with %s', (_, options) => {
  it.each(conformanceSuite(() => backend(options)))('$id: $title', async ({ run }) => {
    expect(await run()).toBe('held')
  })
})
