import { env } from 'strongroom/env'
import { SecretValue } from 'strongroom/provider'
import { type BackendOptions, conformanceSuite } from 'strongroom/testing'
import { describe, expect, it } from 'vitest'

/** What a harness cannot make an environment do: it has no clock, no wire and nobody who refuses. */
const impossible =
  /^(every\/(denied|unauthenticated|throttled|unavailable|aborted-meanwhile)\/|list\/empty-page)/

function backend(): BackendOptions {
  const variables: Record<string, string> = {}
  return {
    provider: ({ prefix }) => env({ variables, ...(prefix !== undefined && { prefix }) }),
    seed: (name, value) => {
      variables[env({ variables }).names.encode(name)] = SecretValue.from(value).text()
    },
  }
}

describe('env', () => {
  for (const { id, title, run } of conformanceSuite(backend)) {
    it(`${id}: ${title}`, async () => {
      expect(impossible.test(id) ? ['skipped', 'opposite'] : ['held', 'opposite']).toContain(await run())
    })
  }
})
