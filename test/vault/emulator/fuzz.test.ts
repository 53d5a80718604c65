import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startHarness } from './harness.js'

const name = fc.constantFrom('a', 'b', 'a/b', 'a/', '', '%20', 'x.', 'sys', '%2F')
const path = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'data',
        'metadata',
        'delete',
        'undelete',
        'destroy',
        'subkeys',
        'config',
        'detailed-metadata',
      ),
      name,
    )
    .map(([kind, rest]) => `secret/${kind}/${rest}`),
  fc.tuple(fc.constantFrom('old', 'none', 'cubbyhole', 'identity'), name).map((parts) => parts.join('/')),
  fc
    .tuple(
      fc.constantFrom(
        'mounts',
        'auth',
        'policies/acl',
        'policy',
        'quotas/rate-limit',
        'namespaces',
        'internal/ui/mounts',
      ),
      name,
    )
    .map(([kind, rest]) => `sys/${kind}/${rest}`),
  fc.constantFrom(
    'sys/wrapping/wrap',
    'sys/wrapping/unwrap',
    'sys/health',
    'sys/unseal',
    'sys/capabilities-self',
  ),
  fc
    .constantFrom('create', 'lookup', 'renew', 'renew-self', 'revoke', 'revoke-orphan', 'lookup-accessor')
    .map((kind) => `auth/token/${kind}`),
  fc
    .constantFrom(
      'login',
      'role/r',
      'role/r/secret-id',
      'role/r/role-id',
      'role/r/secret-id/lookup',
      'config',
      'role',
    )
    .chain((rest) => fc.constantFrom('approle', 'jwt', 'kubernetes').map((mount) => `auth/${mount}/${rest}`)),
)
const value = fc.oneof(
  fc.constantFrom<unknown>('', 'x', '1', '1h', '-1s', 0, 1, -1, 1.5, true, null),
  fc.constantFrom<unknown>([], ['x'], [1, 'x'], {}, { a: 1 }, { cas: 0 }),
)
const field = fc.constantFrom(
  ...[
    'data',
    'options',
    'versions',
    'max_versions',
    'delete_version_after',
    'custom_metadata',
    'type',
    'policy',
  ],
  ...[
    'policies',
    'ttl',
    'token',
    'increment',
    'num_uses',
    'role',
    'jwt',
    'role_id',
    'secret_id',
    'rate',
    'path',
  ],
  ...[
    'token_ttl',
    'token_bound_cidrs',
    'user_claim',
    'role_type',
    'bound_audiences',
    'metadata',
    'pem_keys',
    'id',
  ],
)
const step = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'LIST', 'SCAN', 'HEAD', 'OPTIONS'),
  path,
  query: fc.constantFrom('', '?list=true', '?version=1', '?version=x', '?limit=1&after=a', '?depth=-1'),
  body: fc.oneof(
    fc.dictionary(field, value, { maxKeys: 4 }),
    fc.constantFrom('', '{', '[]', 'null'),
    fc.json(),
  ),
  headers: fc.constantFrom<Record<string, string>>(
    {},
    { 'x-vault-wrap-ttl': '60' },
    { 'x-vault-namespace': 'a' },
    { 'content-type': 'application/merge-patch+json' },
  ),
  advanceMs: fc.constantFrom(0, 0, 1_000, 90 * 86_400_000),
})

test('no request makes the emulator fail by itself, whatever came before', { timeout: 60_000 }, async () => {
  const faults: unknown[] = []
  const h = await startHarness({ onError: (error) => faults.push(error) })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      h.emulator.reset()
      await h.raw('POST', 'sys/mounts/old', { type: 'kv' })
      for (const type of ['approle', 'jwt', 'kubernetes']) await h.raw('POST', `sys/auth/${type}`, { type })
      for (const { method, path, query, body, headers, advanceMs } of steps) {
        h.advance(advanceMs)
        const sends = ['POST', 'PUT', 'PATCH'].includes(method)
        const answer = await h.raw(method, path + query, sends ? body : undefined, { headers })
        const expected = [
          200,
          204,
          307,
          400,
          403,
          404,
          405,
          415,
          429,
          ...(path.includes('approle') ? [500] : []),
        ]
        expect(expected, `${method} ${path}`).toContain(answer.status)
      }
      expect(faults).toEqual([])
    }),
    { numRuns: 60 },
  )
  await h.close()
})
