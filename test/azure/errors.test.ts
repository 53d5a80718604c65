import { createStore, type SecretStore } from 'strongroom'
import { azure } from 'strongroom/azure'
import { afterEach, describe, expect, it } from 'vitest'
import { leaksIn } from '../../src/testing/leaks.js'
import { errorOf } from './kit.js'
import { bundle, failure, openStub, type Stub, type StubAnswer } from './stub.js'

const secret = 'CANARY-5f0c1e7a9b3d'
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function against(answer: StubAnswer): Promise<{ stub: Stub; store: SecretStore }> {
  const stub = await openStub(() => answer)
  const store = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
  closers.push(stub.close)
  return { stub, store }
}

const reply = (
  status: number,
  body: string | object = '',
  headers: Record<string, string> = {},
): StubAnswer => ({
  status,
  body,
  headers,
})

describe('what the service says', () => {
  it.each([
    ['a wrong parameter', reply(400, failure('BadParameter')), 'INVALID_VALUE', 'BadParameter', 1],
    ['a refused token', reply(401, failure('Unauthorized')), 'UNAUTHENTICATED', 'Unauthorized', 1],
    [
      'a disabled version',
      reply(403, failure('Forbidden', 'SecretDisabled')),
      'DISABLED',
      'SecretDisabled',
      1,
    ],
    ['roles', reply(403, failure('Forbidden', 'ForbiddenByRbac')), 'PERMISSION_DENIED', 'ForbiddenByRbac', 1],
    ['a policy', reply(403, failure('Forbidden', 'AccessDenied')), 'PERMISSION_DENIED', 'AccessDenied', 1],
    ['a firewall', reply(403, failure('Forbidden')), 'PERMISSION_DENIED', 'Forbidden', 1],
    ['no secret', reply(404, failure('SecretNotFound')), 'NOT_FOUND', 'SecretNotFound', 2],
    ['a wrong method', reply(405, failure('MethodNotAllowed')), 'UNKNOWN', 'MethodNotAllowed', 1],
    ['a slow client', reply(408, failure('RequestTimeout')), 'TIMEOUT', 'RequestTimeout', 1],
    ['a conflict', reply(409, failure('Conflict')), 'CONFLICT', 'Conflict', 1],
    [
      'the trash',
      reply(409, failure('Conflict', 'ObjectIsDeletedButRecoverable')),
      'PENDING_DELETION',
      'ObjectIsDeletedButRecoverable',
      1,
    ],
    [
      'a deletion under way',
      reply(409, failure('Conflict', 'ObjectIsBeingDeleted')),
      'PENDING_DELETION',
      'ObjectIsBeingDeleted',
      1,
    ],
    [
      'a recovery under way',
      reply(409, failure('Conflict', 'ObjectIsBeingRecovered')),
      'CONFLICT',
      'ObjectIsBeingRecovered',
      1,
    ],
    ['a large body', reply(413, failure('RequestTooLarge')), 'TOO_LARGE', 'RequestTooLarge', 1],
    ['throttling', reply(429, failure('Throttled')), 'RATE_LIMITED', 'Throttled', 1],
    ['its own failure', reply(500, failure('InternalServerError')), 'UNAVAILABLE', 'InternalServerError', 1],
    ['maintenance', reply(503, failure('ServiceUnavailable')), 'UNAVAILABLE', 'ServiceUnavailable', 1],
  ] as const)('%s', async (_, answer, code, providerCode, requests) => {
    const { stub, store } = await against(answer)
    const error = await errorOf(store.get('a'))
    expect(error).toMatchObject({ code, providerCode, provider: 'azure', operation: 'get', secret: 'a' })
    expect(error.cause).toMatchObject({ code: providerCode, status: (answer as { status: number }).status })
    expect(stub.requests).toHaveLength(requests)
  })

  it('keeps its sentence and the id of the request', async () => {
    const { store } = await against(
      reply(403, failure('Forbidden', 'ForbiddenByRbac', 'Caller is not authorized.'), {
        'x-ms-request-id': 'r-1',
      }),
    )
    const error = await errorOf(store.get('a'))
    expect(error.message).toContain('Caller is not authorized.')
    expect(error.requestId).toBe('r-1')
  })

  it.each([
    [{ 'retry-after-ms': '1500' }, 1500],
    [{ 'x-ms-retry-after-ms': '250', 'retry-after': '1' }, 250],
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT', date: 'Thu, 01 Jan 2026 00:00:00 GMT' }, 9000],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('waits as long as %j asks', async (headers, retryAfterMs) => {
    const { stub, store } = await against(reply(429, failure('Throttled'), headers as Record<string, string>))
    const error = await errorOf(store.get('a'))
    expect(error.retryAfterMs).toBe(retryAfterMs)
    expect(stub.requests).toHaveLength(1)
  })
})

describe('what is no answer of the service', () => {
  it.each([
    ['an empty 503', reply(503, '', { 'retry-after': '3' }), { code: 'UNAVAILABLE', retryAfterMs: 3000 }],
    ['an empty 429', reply(429, ''), { code: 'RATE_LIMITED' }],
    [
      'a page of a proxy',
      reply(502, '<html>bad gateway</html>', { 'content-type': 'text/html' }),
      { code: 'UNAVAILABLE' },
    ],
    [
      'a 404 of another server',
      reply(404, '<html>none</html>', { 'content-type': 'text/html' }),
      { code: 'UNAVAILABLE' },
    ],
    ['an empty 404', reply(404, ''), { code: 'UNAVAILABLE' }],
    ['a redirect', reply(307, '', { location: 'https://evil.example/secrets/a' }), { code: 'UNAVAILABLE' }],
    ['a redirect to itself', reply(302, '', { location: '/secrets/b' }), { code: 'UNAVAILABLE' }],
    ['another success', reply(202, bundle(secret)), { code: 'UNAVAILABLE' }],
    ['no body', reply(200, ''), { code: 'UNAVAILABLE' }],
    ['an empty object', reply(200, {}), { code: 'UNAVAILABLE' }],
    ['null', reply(200, 'null'), { code: 'UNAVAILABLE' }],
    ['a bundle without a value', reply(200, { ...bundle(''), value: undefined }), { code: 'UNAVAILABLE' }],
    [
      'a bundle without a version',
      reply(200, bundle(secret, { id: 'https://v/secrets/a' })),
      { code: 'UNAVAILABLE' },
    ],
    ['a bundle of another kind', reply(200, bundle(secret, { id: secret })), { code: 'UNAVAILABLE' }],
    ['a cut body', 'cut', { code: 'UNAVAILABLE' }],
    ['a closed socket', 'drop', { code: 'UNAVAILABLE', providerCode: 'ECONNRESET' }],
  ] as const)('%s', async (_, answer, expected) => {
    const { stub, store } = await against(answer)
    const error = await errorOf(store.get('a'))
    expect(error).toMatchObject(expected)
    expect(leaksIn(error, [secret])).toEqual([])
    expect(stub.requests).toHaveLength(1)
  })

  it('is a body that the SDK quotes when it cannot parse it', async () => {
    const { store } = await against(reply(200, `{"value":"${secret}",`))
    for (const call of [() => store.get('a'), () => store.put('a', secret)]) {
      const error = await errorOf(call())
      expect(error.code).toBe('UNAVAILABLE')
      expect(error.message).not.toContain('Error')
      expect(leaksIn(error, [secret])).toEqual([])
    }
  })

  it('is an error that echoes the value of a put', async () => {
    const stub = await openStub(({ method, body }) =>
      method === 'GET'
        ? reply(404, failure('SecretNotFound'))
        : reply(400, failure('BadParameter', undefined, body)),
    )
    closers.push(stub.close)
    const store = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    const error = await errorOf(store.put('a', secret))
    expect(error.code).toBe('INVALID_VALUE')
    expect(leaksIn(error, [secret])).toEqual([])
  })

  it('is a code that is no word', async () => {
    const { store } = await against(reply(400, failure(`Bad ${secret}`)))
    const error = await errorOf(store.get('a'))
    expect(error.providerCode).toBeUndefined()
    expect(leaksIn(error, [secret])).toEqual([])
  })

  it('is a port where nobody listens, and then nothing was written', async () => {
    const { stub, store } = await against('drop')
    await stub.close()
    const error = await errorOf(store.setVersionState('a', '0'.repeat(32), 'disabled'))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', providerCode: 'ECONNREFUSED', outcomeUnknown: false })
  })

  it('is the caller’s own end', async () => {
    const { stub, store } = await against('hang')
    const controller = new AbortController()
    const call = errorOf(store.get('a', { signal: controller.signal }))
    while (stub.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    controller.abort()
    expect((await call).code).toBe('ABORTED')
  })
})

describe('a write of which the answer is lost', () => {
  it.each([
    ['drop', true],
    [reply(503, failure('ServiceUnavailable')), true],
    [reply(200, ''), true],
    [reply(429, failure('Throttled')), false],
    [reply(403, failure('Forbidden')), false],
  ] as const)('after %j has an outcome that is unknown: %s', async (answer, outcomeUnknown) => {
    const stub = await openStub(({ method }) => (method === 'GET' ? reply(200, bundle('old')) : answer))
    closers.push(stub.close)
    const store = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    for (const call of [
      () => store.put('a', 'new'),
      () => store.tag('a', { set: { b: 'c' } }),
      () => store.delete('a'),
    ]) {
      expect((await errorOf(call())).outcomeUnknown).toBe(outcomeUnknown)
    }
    expect(stub.requests.filter(({ method }) => method !== 'GET')).toHaveLength(3)
  })

  it('was none when the read before it failed', async () => {
    const { stub, store } = await against(reply(503, failure('ServiceUnavailable')))
    for (const call of [() => store.put('a', 'new'), () => store.tag('a', { set: { b: 'c' } })]) {
      expect(await errorOf(call())).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: false })
    }
    expect(stub.requests.map(({ method }) => method)).toEqual(['GET', 'GET'])
  })
})
