import { createStore, type SecretStore } from 'strongroom'
import { gcp } from 'strongroom/gcp'
import { leaksIn } from 'strongroom/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { retryAfterMs } from '../../providers/gcp/facts.js'
import { errorOf, project } from './kit.js'
import {
  bodyOf,
  decodedError,
  destroyedText,
  disabledText,
  grpcError,
  openRestStub,
  type RestStub,
  rawError,
  type StubAnswer,
  storeOn,
  stubClient,
} from './stub.js'

const secret = 'CANARY0f1d3c9b-5f0c1e7a9b3d'
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** google.rpc.Code, its HTTP status, its sentence, what it is here. */
const table = [
  [1, 499, 'CANCELLED', 'the call was cancelled', 'UNAVAILABLE'],
  [2, 500, 'UNKNOWN', 'who knows', 'UNKNOWN'],
  [3, 400, 'INVALID_ARGUMENT', 'a label is wrong', 'INVALID_VALUE'],
  [4, 504, 'DEADLINE_EXCEEDED', 'too late', 'TIMEOUT'],
  [5, 404, 'NOT_FOUND', 'Secret [projects/1/secrets/db] not found.', 'NOT_FOUND'],
  [6, 409, 'ALREADY_EXISTS', 'Secret [projects/1/secrets/db] already exists.', 'ALREADY_EXISTS'],
  [7, 403, 'PERMISSION_DENIED', 'Permission denied (or it may not exist)', 'PERMISSION_DENIED'],
  [8, 429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', 'RATE_LIMITED'],
  [9, 400, 'FAILED_PRECONDITION', disabledText, 'DISABLED'],
  [9, 400, 'FAILED_PRECONDITION', 'Cloud KMS key projects/p/cryptoKeys/k is disabled', 'CONFIG_INVALID'],
  [9, 400, 'FAILED_PRECONDITION', 'The cryptoKey is not usable', 'CONFIG_INVALID'],
  [9, 400, 'FAILED_PRECONDITION', 'something else', 'UNKNOWN'],
  [10, 409, 'ABORTED', 'try again', 'CONFLICT'],
  [11, 400, 'OUT_OF_RANGE', 'the page is past the end', 'INVALID_VALUE'],
  [12, 501, 'UNIMPLEMENTED', 'no such method', 'UNKNOWN'],
  [13, 500, 'INTERNAL', 'internal error', 'UNAVAILABLE'],
  [14, 503, 'UNAVAILABLE', 'the service is down', 'UNAVAILABLE'],
  [15, 500, 'DATA_LOSS', 'it is gone', 'UNAVAILABLE'],
  [16, 401, 'UNAUTHENTICATED', 'the token is expired', 'UNAUTHENTICATED'],
] as const

describe.each(table)('status %i, HTTP %i %s (%s)', (status, http, name, text, code) => {
  const shapes: readonly (readonly [string, () => Error])[] = [
    ['of gRPC', () => grpcError(status, text)],
    ['of REST, raw', () => rawError(http, bodyOf(http, name, text))],
    ['of REST, raw, in an array', () => rawError(http, JSON.stringify([bodyOf(http, name, text)]))],
    ['of REST, decoded', () => decodedError(status, http, text)],
  ]

  it.each(shapes)(`%s is ${code}`, async (_, error) => {
    const failed = await errorOf(storeOn(stubClient({ accessSecretVersion: error })).get('db'))
    expect(failed).toMatchObject({
      code,
      providerCode: name,
      provider: 'gcp',
      operation: 'get',
      secret: 'db',
    })
    expect(failed.cause).toEqual({ name: 'ServiceError', code: name, status: http })
    const isQuoted = !['UNAVAILABLE', 'TIMEOUT'].includes(code) && ![2, 12].includes(status)
    expect(failed.message.includes(text)).toBe(isQuoted)
    expect(leaksIn(failed, ['c2VjcmV0'])).toEqual([])
  })

  it('of REST, read by us', async () => {
    const { store } = await against({ status: http, body: bodyOf(http, name, text) })
    const failed = await errorOf(store.get('db'))
    expect(failed).toMatchObject({ code, providerCode: name })
    expect(failed.cause).toEqual({ name: 'ServiceError', code: name, status: http })
  })
})

describe('what goes with a status', () => {
  it.each([
    ['SERVICE_DISABLED', 7, 403, 'PERMISSION_DENIED', 'CONFIG_INVALID'],
    ['BILLING_DISABLED', 7, 403, 'PERMISSION_DENIED', 'CONFIG_INVALID'],
    ['CONSUMER_INVALID', 7, 403, 'PERMISSION_DENIED', 'CONFIG_INVALID'],
    ['RESOURCE_PROJECT_INVALID', 3, 400, 'INVALID_ARGUMENT', 'CONFIG_INVALID'],
    ['IAM_PERMISSION_DENIED', 7, 403, 'PERMISSION_DENIED', 'PERMISSION_DENIED'],
    ['RATE_LIMIT_EXCEEDED', 8, 429, 'RESOURCE_EXHAUSTED', 'RATE_LIMITED'],
  ] as const)('the reason %s makes it %s', async (reason, status, http, name, code) => {
    const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' }
    const errors = [
      grpcError(status, 'no', { reason }),
      decodedError(status, http, 'no', { reason }),
      rawError(http, bodyOf(http, name, 'no', { '@type': 'type.googleapis.com/google.rpc.Help' }, info)),
    ]
    for (const error of errors) {
      const failed = await errorOf(storeOn(stubClient({ accessSecretVersion: () => error })).get('db'))
      expect(failed).toMatchObject({ code, providerCode: reason })
    }
  })

  it('a reason that is no word is left out', async () => {
    const errors = [
      grpcError(7, 'no', { reason: 'constructor' }),
      grpcError(7, 'no', { reason: `Bad ${secret}` }),
      grpcError(7, 'no', { reason: '' }),
    ]
    for (const error of errors) {
      const failed = await errorOf(storeOn(stubClient({ accessSecretVersion: () => error })).get('db'))
      expect(failed.providerCode).toBe('PERMISSION_DENIED')
      expect(leaksIn(failed, [secret])).toEqual([])
    }
  })

  it.each([
    [grpcError(8, '', { statusDetails: [{}, { retryDelay: { seconds: '1', nanos: 500_000_000 } }] }), 1500],
    [grpcError(8, '', { statusDetails: [{ retryDelay: { seconds: 2 } }] }), 2000],
    [grpcError(8, '', { statusDetails: [{ retryDelay: {} }] }), undefined],
    [grpcError(8, '', { statusDetails: 'none' }), undefined],
    [decodedError(8, 429, '', { statusDetails: [{ retryDelay: { seconds: '3', nanos: 0 } }] }), 3000],
    [rawError(429, bodyOf(429, 'RESOURCE_EXHAUSTED', '', { retryDelay: '0.25s' })), 250],
    [rawError(429, bodyOf(429, 'RESOURCE_EXHAUSTED', '', { retryDelay: 'soon' })), undefined],
    [rawError(429, bodyOf(429, 'RESOURCE_EXHAUSTED', ''), { 'retry-after': '7' }), 7000],
    [
      rawError(429, bodyOf(429, 'RESOURCE_EXHAUSTED', '', { retryDelay: '4s' }), { 'retry-after': '7' }),
      4000,
    ],
    [rawError(503, '<html>', { 'retry-after': '2' }), 2000],
    [rawError(429, bodyOf(429, 'RESOURCE_EXHAUSTED', '')), undefined],
  ])('how long to wait: %#', async (error, expected) => {
    const failed = await errorOf(storeOn(stubClient({ accessSecretVersion: () => error })).get('db'))
    expect(failed.retryAfterMs).toBe(expected)
    expect(failed.retryable).toBe(true)
  })

  it.each([
    ['7', null, 7000],
    ['0', null, 0],
    [' 1.5 ', undefined, 1500],
    ['Thu, 01 Jan 2026 00:00:09 GMT', 'Thu, 01 Jan 2026 00:00:00 GMT', 9000],
    ['Thu, 01 Jan 2026 00:00:09 GMT', null, undefined],
    ['soon', null, undefined],
    ['', null, undefined],
    [null, null, undefined],
    ['-1', null, undefined],
  ])('Retry-After %j at %j is %j', (after, date, expected) => {
    expect(retryAfterMs(after, date)).toBe(expected)
  })
})

async function against(answer: StubAnswer): Promise<{ stub: RestStub; store: SecretStore }> {
  const stub = await openRestStub(() => answer)
  const store = createStore({ provider: gcp({ project, endpoint: stub.url }), layers: [] })
  closers.push(() => store.close(), stub.close)
  return { stub, store }
}

const html = (status: number, headers: Record<string, string> = {}): StubAnswer => ({
  status,
  headers: { 'content-type': 'text/html', ...headers },
  body: `<html>${secret}</html>`,
})

describe('an answer over REST that is none of the service', () => {
  it.each([
    ['400', html(400), 'INVALID_VALUE'],
    ['401', html(401), 'UNAUTHENTICATED'],
    ['403', html(403), 'PERMISSION_DENIED'],
    ['404', html(404), 'UNAVAILABLE'],
    ['408', html(408), 'TIMEOUT'],
    ['409', html(409), 'UNKNOWN'],
    ['413', html(413), 'TOO_LARGE'],
    ['429', html(429, { 'retry-after': '7' }), 'RATE_LIMITED'],
    ['500', html(500), 'UNAVAILABLE'],
    ['502', html(502), 'UNAVAILABLE'],
    ['599', html(599), 'UNAVAILABLE'],
    ['an empty 404', { status: 404 }, 'UNAVAILABLE'],
    ['an error without a status', { status: 403, body: { error: { message: secret } } }, 'PERMISSION_DENIED'],
    [
      'an error of an unknown status',
      { status: 403, body: { error: { status: 'ODD' } } },
      'PERMISSION_DENIED',
    ],
    ['a redirect', { status: 307, headers: { location: 'http://127.0.0.1:1/x' } }, 'UNAVAILABLE'],
    ['another success', { status: 202, body: '{}' }, 'UNAVAILABLE'],
    ['no body', { status: 200 }, 'UNAVAILABLE'],
    ['a page', html(200), 'UNAVAILABLE'],
    ['null', { status: 200, body: 'null' }, 'UNAVAILABLE'],
    ['half a body', { status: 200, body: `{"payload":{"data":"${secret}` }, 'UNAVAILABLE'],
    ['an empty object', { status: 200, body: {} }, 'UNAVAILABLE'],
    ['a cut body', 'cut', 'UNAVAILABLE'],
    ['a closed socket', 'drop', 'UNAVAILABLE'],
  ] as const)('%s', async (_, answer, code) => {
    const { stub, store } = await against(answer)
    const failed = await errorOf(store.get('db'))
    expect(failed.code).toBe(code)
    expect(leaksIn(failed, [secret])).toEqual([])
    expect(stub.requests).toHaveLength(1)
  })

  it('keeps how long to wait', async () => {
    const { store } = await against(html(429, { 'retry-after': '7' }))
    expect((await errorOf(store.get('db'))).retryAfterMs).toBe(7000)
  })

  it.each([
    ['a page, raw', rawError(404, '<html>no</html>'), 'UNAVAILABLE'],
    ['a page, raw', rawError(403, '<html>no</html>'), 'PERMISSION_DENIED'],
    ['nothing, raw', rawError(503, ''), 'UNAVAILABLE'],
    [
      'a page, decoded',
      decodedError(5, 404, 'Error response from RPC X with status 404 could not be decoded: <html>'),
      'UNAVAILABLE',
    ],
    [
      'a page, decoded',
      decodedError(7, 403, 'Error response from RPC X with status 403 could not be decoded: <html>'),
      'PERMISSION_DENIED',
    ],
    ['a status of HTTP alone', Object.assign(new Error('x'), { response: { status: 502 } }), 'UNAVAILABLE'],
    ['an unknown status', decodedError(99, 404, 'no'), 'UNAVAILABLE'],
  ] as const)('%s, of a ready-made client: %#', async (_, error, code) => {
    const failed = await errorOf(storeOn(stubClient({ accessSecretVersion: () => error })).get('db'))
    expect(failed.code).toBe(code)
    expect(failed.message).not.toContain('html')
  })
})

describe('what fails below the service', () => {
  const plugin = 'Getting metadata from plugin failed with error'
  const refused = 'No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1'
  it.each([
    ['gRPC, refused', grpcError(14, refused), 'UNAVAILABLE', 'UNAVAILABLE', false],
    [
      'gRPC, no name',
      grpcError(14, 'Name resolution failed for target dns:x'),
      'UNAVAILABLE',
      'UNAVAILABLE',
      false,
    ],
    ['gRPC, no token', grpcError(16, `${plugin}: `), 'UNAUTHENTICATED', undefined, false],
    ['gRPC, no token', grpcError(2, `${plugin}: invalid_grant`), 'UNAUTHENTICATED', undefined, false],
    ['gRPC, no token server', grpcError(14, `${plugin}: ECONNREFUSED`), 'UNAVAILABLE', 'UNAVAILABLE', false],
    ['gRPC, tokens run out', grpcError(8, `${plugin}: `), 'RATE_LIMITED', 'RESOURCE_EXHAUSTED', false],
    ['gRPC, reset', grpcError(14, 'read ECONNRESET'), 'UNAVAILABLE', 'UNAVAILABLE', true],
    [
      'gRPC, certificate',
      grpcError(14, 'No connection established. Last error: Error: self-signed certificate'),
      'CONFIG_INVALID',
      'UNAVAILABLE',
      false,
    ],
    [
      'gRPC, an address where TLS wants a name',
      grpcError(
        14,
        "No connection established. Last error: TypeError [ERR_INVALID_ARG_VALUE]: The property 'options.servername' Setting the TLS ServerName to an IP address is not permitted.",
      ),
      'CONFIG_INVALID',
      'UNAVAILABLE',
      false,
    ],
    ['a socket', Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'UNAVAILABLE', 'ECONNRESET', true],
    [
      'a socket',
      Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
      'UNAVAILABLE',
      'ECONNREFUSED',
      false,
    ],
    ['a name', Object.assign(new Error('x'), { code: 'ENOTFOUND' }), 'UNAVAILABLE', 'ENOTFOUND', false],
    ['a name', Object.assign(new Error('x'), { code: 'EAI_AGAIN' }), 'UNAVAILABLE', 'EAI_AGAIN', false],
    [
      'a route',
      Object.assign(new Error('x'), { code: 'EHOSTUNREACH' }),
      'UNAVAILABLE',
      'EHOSTUNREACH',
      false,
    ],
    ['a route', Object.assign(new Error('x'), { code: 'ENETUNREACH' }), 'UNAVAILABLE', 'ENETUNREACH', false],
    [
      'a cause',
      new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }),
      'UNAVAILABLE',
      'ECONNREFUSED',
      false,
    ],
    [
      'a certificate',
      Object.assign(new Error('x'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
      'CONFIG_INVALID',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      false,
    ],
    [
      'a certificate',
      Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' }),
      'CONFIG_INVALID',
      undefined,
      false,
    ],
    ['a body that is none', new SyntaxError(`"${secret}" is not valid JSON`), 'UNAVAILABLE', undefined, true],
    [
      'a proxy that speaks HTTP',
      grpcError(12, 'Received HTTP status code 404'),
      'UNAVAILABLE',
      undefined,
      true,
    ],
    [
      'a proxy that speaks HTTP',
      grpcError(7, 'Received HTTP status code 403'),
      'PERMISSION_DENIED',
      undefined,
      false,
    ],
    ['a code that there is not', grpcError(77, 'x'), 'UNKNOWN', undefined, true],
    ['nothing that one knows', { odd: true } as unknown as Error, 'UNKNOWN', undefined, true],
  ] as const)('%s: %#', async (_, error, code, providerCode, outcomeUnknown) => {
    const rejecting = (): Promise<never> => Promise.reject(error)
    const failed = await errorOf(storeOn(stubClient({ addSecretVersion: rejecting })).put('db', secret))
    expect(failed).toMatchObject({ code, outcomeUnknown })
    if (providerCode !== undefined) expect(failed.providerCode).toBe(providerCode)
    if (code === 'CONFIG_INVALID') expect(failed.message).toMatch(/NODE_EXTRA_CA_CERTS|change endpoint/)
    expect(leaksIn(failed, [secret])).toEqual([])
  })

  it('is a port where nobody listens, and then nothing was written', async () => {
    const stub = await openRestStub(() => 'drop')
    await stub.close()
    for (const endpoint of [stub.url, new URL(stub.url).host]) {
      const store = createStore({ provider: gcp({ project, endpoint }), layers: [] })
      closers.push(() => store.close())
      expect(await errorOf(store.put('db', secret))).toMatchObject({
        code: 'UNAVAILABLE',
        outcomeUnknown: false,
      })
    }
  })

  it('a client that is closed is CLOSED, whatever its version throws', async () => {
    for (const reason of [
      'The client has already been closed.',
      new Error('The client has already been closed.'),
    ]) {
      const stub = stubClient({ accessSecretVersion: () => Promise.reject(reason) })
      expect((await errorOf(storeOn(stub).get('db'))).code).toBe('CLOSED')
    }
  })
})

describe('a value', () => {
  it('is not in the error of a service that echoes it', async () => {
    for (const error of [
      grpcError(3, `bad: ${secret}`),
      decodedError(3, 400, `bad: ${secret}`),
      rawError(400, bodyOf(400, 'INVALID_ARGUMENT', `bad: ${Buffer.from(secret).toString('base64')}`)),
    ]) {
      const failed = await errorOf(storeOn(stubClient({ addSecretVersion: () => error })).put('db', secret))
      expect(failed.code).toBe('INVALID_VALUE')
      expect(leaksIn(failed, [secret])).toEqual([])
    }
  })

  it('is in no error over REST, whatever comes back', async () => {
    for (const answer of [html(500), html(403), 'drop', 'cut', { status: 200, body: '{' }] as const) {
      const { store } = await against(answer)
      const failed = await errorOf(store.put('db', secret))
      expect(leaksIn(failed, [secret])).toEqual([])
    }
  })
})

describe('a destroyed version', () => {
  it.each([
    ['gRPC', () => grpcError(9, destroyedText)],
    ['raw', () => rawError(400, bodyOf(400, 'FAILED_PRECONDITION', destroyedText))],
    ['decoded', () => decodedError(9, 400, destroyedText)],
  ] as const)('is NOT_FOUND, and says so: %s', async (_, error) => {
    const store = storeOn(stubClient({ accessSecretVersion: error }))
    const current = await errorOf(store.get('db'))
    expect(current).toMatchObject({ code: 'NOT_FOUND' })
    expect(current.message).toContain('its current version is destroyed')
    expect((await errorOf(store.get('db', { version: '2' }))).message).toContain('version 2 is destroyed')
  })
})
