import { aws } from 'strongroom/aws'
import { conformanceSuite } from 'strongroom/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differences } from './differences.js'
import { type Moto, startMoto } from './moto.js'

const reasons = new Map(differences.flatMap(({ name, cases = [] }) => cases.map((id) => [id, name] as const)))
const unsettled = new Set(differences.flatMap(({ unsettled = [] }) => unsettled))

/**
 * The suite on a moto of its own, one case at a time: it goes through its secrets while other requests, in other
 * threads, change them, and then a listing is a 500 page.
 */
export function onMoto(title: string, { batch }: { readonly batch: boolean }): void {
  let moto: Moto
  beforeAll(async () => {
    moto = await startMoto()
  })
  afterAll(() => moto.close())

  describe(title, () => {
    const suite = conformanceSuite(() => ({
      provider: ({ prefix }) => aws({ region: 'eu-west-1', endpoint: moto.url, prefix, batch }),
    }))

    test('every case that moto is known to break is a case of the suite', () => {
      const ids = suite.map(({ id }) => id)
      expect([...reasons.keys(), ...unsettled].filter((id) => !ids.includes(id))).toEqual([])
    })

    for (const { id, title, run } of suite) {
      const reason = reasons.get(id)
      if (unsettled.has(id)) test.skip(`${id}: ${title}`)
      else if (reason === undefined) test(`${id}: ${title}`, run)
      else {
        test(`${id} breaks on moto, where ${reason}`, async () => {
          const [settled] = await Promise.allSettled([run()])
          expect(settled.status, 'moto does as AWS does now: take the case off the list').toBe('rejected')
        })
      }
    }
  })
}
