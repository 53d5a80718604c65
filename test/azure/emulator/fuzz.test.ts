import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jwt, startHarness } from './harness.js'

const name = fc.constantFrom('a', 'A', 'b', 'restore', 'under_score', '%E4', '')
const segment = fc.oneof(
  name,
  fc.constantFrom('secrets', 'deletedsecrets', 'versions', 'backup', 'recover', 'keys', 'oauth2', 'token'),
)
const path = fc
  .tuple(
    fc.constantFrom('secrets', 'deletedsecrets', 'keys', 'common', 'metadata', 'msi'),
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
  '&resource=x',
)
const body = fc.oneof(
  fc.constant(undefined),
  fc.constant(''),
  fc.record({ value: fc.string() }),
  fc.record({ value: fc.string(), tags: fc.dictionary(fc.string(), fc.string()), attributes: fc.object() }),
  fc.json(),
  fc.constant('grant_type=client_credentials&client_id=c&client_secret=s&resource=r'),
  fc.base64String().map((value) => ({ value: value.replace(/[+/=]/g, '_') })),
)
const step = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'PATCH', 'DELETE', 'POST'),
  path,
  query,
  body,
  token: fc.option(fc.constantFrom('any', 'a.b.c', jwt({ appid: 'c', exp: 1 }), jwt([]))),
  advanceMs: fc.constantFrom(0, 0, 400, 1_000, 91 * 86_400_000),
})

test('no request makes the emulator fail by itself, whatever came before', { timeout: 60_000 }, async () => {
  const faults: unknown[] = []
  const h = await startHarness({
    onError: (error) => faults.push(error),
    onEvent: () => undefined,
    quota: { sets: 5 },
    permissions: {
      c: ['get'],
      '*': ['get', 'list', 'set', 'delete', 'recover', 'purge', 'backup', 'restore'],
    },
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      h.emulator.reset()
      for (const { method, path, query, body, token, advanceMs } of steps) {
        h.advance(advanceMs)
        const sent = method === 'GET' ? undefined : body
        const answer = await h.raw(method, path, sent, { query, token })
        expect([200, 204, 400, 401, 403, 404, 405, 409, 429]).toContain(answer.status)
      }
      expect(faults).toEqual([])
    }),
    { numRuns: 150 },
  )
  await h.close()
})
