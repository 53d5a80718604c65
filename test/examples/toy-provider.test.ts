import { conformanceSuite } from 'strongroom/testing'
import { expect, it } from 'vitest'
import { ToyClient } from '../../examples/toy-client.js'
import { toy } from '../../examples/toy-provider.js'

const client = new ToyClient()
const suite = conformanceSuite(() => ({ provider: (options) => toy({ ...options, client }) }))

for (const { id, title, run } of suite) {
  it(`${id}: ${title}`, async () => {
    expect(await run()).toMatch(/^(held|opposite|skipped)$/)
  })
}
