import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startHarness } from './harness.js'

const name = fc.constantFrom('a', 'A', 'b', 'restore', 'under_score', '%E4', '')
const segment = fc.oneof(
  name,
  fc.constantFrom('secrets', 'deletedsecrets', 'versions', 'backup', 'recover', 'keys'),
)
const path = fc
  .tuple(
    fc.constantFrom('secrets', 'deletedsecrets', 'keys'),
    fc.array(segment, { maxLength: 3 }),
    fc.boolean(),
  )
  .map(([first, rest, slash]) => `/${[first, ...rest].join('/')}${slash ? '/' : ''}`)
const query = fc.constantFrom(
  '',
  '&maxresults=1',
  '&maxresults=0',
  '&$skiptoken=e30',
  '&$skiptoken=',
  '&api-version=1',
)
const body = fc.oneof(
  fc.constant(undefined),
  fc.constant(''),
  fc.record({ value: fc.string() }),
  fc.record({ value: fc.string(), tags: fc.dictionary(fc.string(), fc.string()), attributes: fc.object() }),
  fc.json(),
)
const step = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'PATCH', 'DELETE', 'POST'),
  path,
  query,
  body,
  token: fc.option(fc.constant('any')),
  advanceMs: fc.constantFrom(0, 0, 400, 1_000, 91 * 86_400_000),
})

test('no request makes the emulator fail by itself, whatever came before', { timeout: 60_000 }, async () => {
  const faults: unknown[] = []
  const h = await startHarness({ onError: (error) => faults.push(error) })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      h.emulator.reset()
      for (const { method, path, query, body, token, advanceMs } of steps) {
        h.advance(advanceMs)
        const sent = method === 'GET' ? undefined : body
        const answer = await h.raw(method, path, sent, { query, token })
        expect([200, 204, 400, 401, 404, 405, 409]).toContain(answer.status)
      }
      expect(faults).toEqual([])
    }),
    { numRuns: 150 },
  )
  await h.close()
})
