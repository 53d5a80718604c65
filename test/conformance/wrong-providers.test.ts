import { SecretError } from 'strongroom'
import { conformanceSuite } from 'strongroom/testing'
import { describe, expect, it } from 'vitest'
import { takeLeaks } from '../canary/watch.js'
import { memoryBackend } from './memory-backend.js'
import { wrongProviders } from './wrong-providers.js'

/** Of the suite or of the store; anything else is a wrapper that broke. */
const isVerdict = (error: unknown): boolean =>
  SecretError.is(error) || (error instanceof Error && error.name === 'ConformanceFailure')

describe('a provider with one mistake is caught by a named case', () => {
  for (const { mistake, caughtBy, spoil } of wrongProviders) {
    it(`${mistake}: ${caughtBy}`, async () => {
      const spoiled = conformanceSuite(() => memoryBackend({ wrap: spoil }))
      const honest = conformanceSuite(() => memoryBackend({ wrap: (provider) => provider }))
      const named = [spoiled, honest].map((suite) => suite.find(({ id }) => id === caughtBy))
      await expect(named[0]?.run()).rejects.toThrow(expect.toSatisfy(isVerdict))
      await expect(named[1]?.run()).resolves.toBe('held')
      if (mistake.includes('carries the value')) expect(takeLeaks()).not.toEqual([])
    })
  }

  it('and there are many', () => {
    expect(wrongProviders.length).toBeGreaterThan(40)
    expect(new Set(wrongProviders.map(({ mistake }) => mistake)).size).toBe(wrongProviders.length)
  })
})
