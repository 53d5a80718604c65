import { type ErrorCode, type Failure, refusal } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import {
  beforeWriting,
  classify,
  inDoubt,
  isInTrash,
  isNoToken,
  isSettling,
  isTyped,
  noToken,
  tokenError,
} from '../../providers/azure/errors.js'
import { factsOf, statusOf, UnreadableAnswer } from '../../providers/azure/facts.js'

const error = (fields: object, message = ''): Error => Object.assign(new Error(message), fields)
const rest = (fields: object): Error => error({ name: 'RestError', ...fields })
const answered = (statusCode: number, code?: string, inner?: string): Error =>
  rest({
    statusCode,
    code,
    details: { error: { code, message: 'a sentence', innerError: inner && { code: inner } } },
  })

describe('an error without an answer', () => {
  it.each<[string, unknown, Partial<Failure>]>([
    ['an abort', error({ name: 'AbortError' }), { code: 'ABORTED', providerCode: 'AbortError' }],
    ['a body that is not JSON', error({ name: 'JsonError' }), { code: 'UNAVAILABLE' }],
    ['a refused log-in', error({ name: 'AuthenticationError' }), { code: 'UNAUTHENTICATED' }],
    ['a log-in by hand', error({ name: 'AuthenticationRequiredError' }), { code: 'UNAUTHENTICATED' }],
    ['a chain without an end', error({ name: 'AggregateAuthenticationError' }), { code: 'UNAUTHENTICATED' }],
    ['no credential', error({ name: 'CredentialUnavailableError' }), { code: 'UNAUTHENTICATED' }],
    ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].map(
      (code): [string, unknown, Partial<Failure>] => [
        code,
        rest({ code }),
        { code: 'UNAVAILABLE', providerCode: code, outcomeUnknown: false },
      ],
    ),
    ...['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'XENOTFOUND', 'ENOTFOUNDX'].map(
      (code): [string, unknown, Partial<Failure>] => [
        code,
        rest({ code }),
        { code: 'UNAVAILABLE', providerCode: code },
      ],
    ),
    ...[
      'CERT_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ].map((code): [string, unknown, Partial<Failure>] => [
      code,
      rest({ code }),
      {
        code: 'CONFIG_INVALID',
        outcomeUnknown: false,
        detail: expect.stringContaining('caFile') as unknown as string,
      },
    ]),
    [
      'a challenge of another service',
      error({}, "The challenge resource 'x' does not match the requested domain."),
      {
        code: 'CONFIG_INVALID',
        outcomeUnknown: false,
        detail: expect.stringContaining('disableChallengeResourceVerification') as unknown as string,
      },
    ],
    [
      'plain HTTP',
      error({}, 'Cannot connect to http://x while allowInsecureConnection is false.'),
      { code: 'CONFIG_INVALID', outcomeUnknown: false },
    ],
    ['a text about challenges', error({}, 'Not The challenge it says'), { code: 'UNKNOWN' }],
    ['anything else', error({}, 'x'), { code: 'UNKNOWN' }],
    ['a name that objects have', error({ name: 'constructor' }), { code: 'UNKNOWN' }],
    ['nothing', undefined, { code: 'UNKNOWN' }],
    ['null', null, { code: 'UNKNOWN' }],
    ['a text', 'text', { code: 'UNKNOWN' }],
    ['a name that is none', { name: 7 }, { code: 'UNKNOWN' }],
  ])('%s', (_, thrown, expected) => {
    const { outcomeUnknown, ...failure } = classify(thrown)
    expect({ ...failure, outcomeUnknown }).toMatchObject({ outcomeUnknown: undefined, ...expected })
  })
})

describe('an answer', () => {
  it.each<[number, string | undefined, string | undefined, ErrorCode]>([
    [302, undefined, undefined, 'UNAVAILABLE'],
    [399, 'X', undefined, 'UNAVAILABLE'],
    [400, 'BadParameter', undefined, 'INVALID_VALUE'],
    [404, undefined, undefined, 'UNAVAILABLE'],
    [404, 'SecretNotFound', undefined, 'NOT_FOUND'],
    [410, 'Gone', undefined, 'UNKNOWN'],
    [499, undefined, undefined, 'UNKNOWN'],
    [500, undefined, undefined, 'UNAVAILABLE'],
    [501, 'X', undefined, 'UNAVAILABLE'],
    [403, 'Forbidden', 'SecretDisabled', 'DISABLED'],
    [403, 'Forbidden', 'SecretManagedByKeyVault', 'INVALID_NAME'],
    [403, 'Forbidden', 'ForbiddenByFirewall', 'PERMISSION_DENIED'],
    [403, 'Forbidden', 'constructor', 'PERMISSION_DENIED'],
    [409, 'Conflict', 'ObjectIsDeletedButRecoverable', 'PENDING_DELETION'],
    [409, 'Conflict', 'ObjectIsBeingDeleted', 'PENDING_DELETION'],
    [409, 'Conflict', 'ObjectIsBeingRecovered', 'CONFLICT'],
    [409, 'Conflict', undefined, 'CONFLICT'],
  ])('%s %s %s is %s', (status, code, inner, expected) => {
    expect(classify(answered(status, code, inner))).toMatchObject({
      code: expected,
      status,
      providerCode: inner ?? code,
      detail: 'a sentence',
    })
  })

  it('that did not parse tells its status, and nothing of its text', () => {
    const facts = factsOf(
      rest({ code: 'PARSE_ERROR', statusCode: 200, details: { error: { message: 'x' } } }),
    )
    expect(facts).toMatchObject({ status: 200, code: undefined, detail: undefined })
  })

  it('of wrong types tells nothing', () => {
    const facts = factsOf({ name: 7, statusCode: '400', code: 404, details: { error: { message: 7 } } })
    expect(facts).toEqual({
      name: '',
      status: undefined,
      code: undefined,
      innerCode: undefined,
      detail: undefined,
      answer: {},
    })
  })

  it.each([
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after-ms': '0', 'retry-after': '7' }, 0],
    [{ 'retry-after': '-1' }, undefined],
  ])('that asks for a pause of %j gives %s', (given, retryAfterMs) => {
    const headers = { get: (name: string) => (given as Record<string, string>)[name] }
    const unreadable = new UnreadableAnswer({ status: 429, headers })
    expect(classify(unreadable)).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs, status: 429 })
    expect(statusOf(unreadable)).toBe(429)
  })
})

describe('what is known of an error', () => {
  it.each<[string, unknown, boolean]>([
    ['a refusal of ours', refusal('CONFLICT', 'x'), true],
    ['a failure that is known', noToken('x'), true],
    ['an error of the SDK', rest({}), true],
    ['an abort', error({ name: 'AbortError' }), true],
    ['a mistake of the SDK', new TypeError('x'), false],
  ])('%s is understood: %s', (_, thrown, expected) => {
    expect(isTyped(thrown)).toBe(expected)
  })

  it('is kept by marks for what came before and after, and the marks hold', async () => {
    expect(inDoubt(refusal('CONFLICT', 'x'))).toMatchObject({ code: 'CONFLICT', outcomeUnknown: true })
    expect(classify(inDoubt(answered(429, 'Throttled')))).toMatchObject({
      code: 'RATE_LIMITED',
      status: 429,
      outcomeUnknown: true,
    })
    const before = beforeWriting(Promise.reject(answered(503, 'X')))
    const known = await before.catch((thrown: unknown) => classify(thrown))
    expect(known).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: false })
    const own = refusal('CONFLICT', 'x')
    await expect(beforeWriting(Promise.reject(own))).rejects.toBe(own)
  })

  it.each<[string, unknown, boolean, boolean]>([
    ['being deleted', answered(409, 'Conflict', 'ObjectIsBeingDeleted'), true, true],
    ['being recovered', answered(409, 'Conflict', 'ObjectIsBeingRecovered'), true, false],
    ['deleted', answered(409, 'Conflict', 'ObjectIsDeletedButRecoverable'), false, true],
    ['our own word for it', refusal('PENDING_DELETION', 'x'), false, true],
    ['another conflict', answered(409, 'Conflict', 'XObjectIsBeingDeleted'), false, false],
    ['another refusal', refusal('CONFLICT', 'x'), false, false],
    ['no answer', rest({}), false, false],
  ])('%s settles: %s, is in the trash: %s', (_, thrown, settles, inTrash) => {
    expect([isSettling(thrown), isInTrash(thrown)]).toEqual([settles, inTrash])
  })
})

describe('what a credential threw', () => {
  it.each<[string, unknown, ErrorCode]>([
    ['500', error({ statusCode: 500 }), 'UNAVAILABLE'],
    ['499', error({ statusCode: 499 }), 'UNAUTHENTICATED'],
    ['408', error({ statusCode: 408 }), 'TIMEOUT'],
    ['429', error({ statusCode: 429 }), 'RATE_LIMITED'],
    ['400', error({ statusCode: 400 }), 'UNAUTHENTICATED'],
    ['403', error({ statusCode: 403 }), 'UNAUTHENTICATED'],
    ['a lost connection', rest({ code: 'ECONNRESET' }), 'UNAVAILABLE'],
    ['anything', 'x', 'UNAUTHENTICATED'],
  ])('%s', (_, thrown, code) => {
    const told = tokenError(thrown, 'do this')
    expect(classify(told)).toMatchObject({ code, outcomeUnknown: false })
    expect(isNoToken(told)).toBe(code === 'UNAUTHENTICATED')
  })

  it('is left where it is ours', () => {
    for (const own of [refusal('CONFIG_INVALID', 'x'), noToken('x')]) {
      expect(tokenError(own, 'do this')).toBe(own)
    }
    expect(isNoToken(refusal('UNAUTHENTICATED', 'x'))).toBe(false)
  })
})
