import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { errorBody, failure, stub, stubStore } from './support.js'

const value = 'sk_live_0123456789'
const deleted = "You can't perform this operation on the secret because it was marked for deletion."
const planned =
  "You can't create this secret because a secret with this name is already scheduled for deletion."
const mismatch = 'You provided a VersionStage that is not associated to the provided VersionId.'
const replica = "Operation not permitted on a replica secret. Call must be made in primary secret's region."
const badName =
  'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!'

/** Status, code and text of AWS; the code of the error, and whether the call may be repeated. */
const rows: readonly (readonly [number, string, string, string, boolean?])[] = [
  [400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret.", 'NOT_FOUND'],
  [404, 'ResourceNotFoundException', 'as other servers say it', 'NOT_FOUND'],
  [400, 'ResourceExistsException', 'it exists', 'ALREADY_EXISTS'],
  [400, 'InvalidParameterException', 'bad parameter', 'INVALID_VALUE'],
  [400, 'InvalidParameterException', replica, 'CONFIG_INVALID'],
  [400, 'InvalidRequestException', deleted, 'PENDING_DELETION'],
  [400, 'InvalidRequestException', planned, 'PENDING_DELETION'],
  [400, 'InvalidRequestException', mismatch, 'NOT_FOUND'],
  [400, 'InvalidRequestException', "A previous rotation isn't complete.", 'CONFLICT'],
  [400, 'InvalidRequestException', 'some other state', 'INVALID_VALUE'],
  [400, 'InvalidNextTokenException', 'bad token', 'INVALID_VALUE'],
  [400, 'ValidationException', badName, 'INVALID_NAME'],
  [400, 'ValidationException', '1 validation error detected', 'INVALID_VALUE'],
  [400, 'LimitExceededException', 'too many versions', 'TOO_LARGE'],
  [400, 'EncryptionFailure', 'the key is disabled', 'CONFIG_INVALID'],
  [400, 'DecryptionFailure', 'the key is disabled', 'CONFIG_INVALID'],
  [400, 'MalformedPolicyDocumentException', 'bad policy', 'INVALID_VALUE'],
  [400, 'PublicPolicyException', 'too public', 'INVALID_VALUE'],
  [400, 'PreconditionNotMetException', 'not yet', 'CONFLICT'],
  [500, 'InternalServiceError', 'oops', 'UNAVAILABLE', true],
  [500, 'InternalFailure', 'oops', 'UNAVAILABLE', true],
  [503, 'ServiceUnavailable', 'oops', 'UNAVAILABLE', true],
  [400, 'AccessDeniedException', 'User is not authorized', 'PERMISSION_DENIED'],
  [400, 'UnrecognizedClientException', 'The security token is invalid', 'UNAUTHENTICATED'],
  [403, 'InvalidSignatureException', 'Signature expired', 'UNAUTHENTICATED'],
  [403, 'IncompleteSignature', 'no', 'UNAUTHENTICATED'],
  [400, 'ExpiredTokenException', 'The security token is expired', 'UNAUTHENTICATED'],
  [400, 'RequestExpired', 'no', 'UNAUTHENTICATED'],
  [403, 'InvalidClientTokenId', 'no', 'UNAUTHENTICATED'],
  [403, 'MissingAuthenticationToken', 'no', 'UNAUTHENTICATED'],
  [400, 'ThrottlingException', 'Rate exceeded', 'RATE_LIMITED', true],
  [429, 'TooManyRequestsException', 'Rate exceeded', 'RATE_LIMITED', true],
  [400, 'SomethingNewException', 'a text of unknown origin', 'UNKNOWN'],
  [503, 'SomethingNewException', 'a text of unknown origin', 'UNAVAILABLE', true],
  [401, 'SomethingNewException', 'a text of unknown origin', 'UNAUTHENTICATED'],
  [403, 'SomethingNewException', 'a text of unknown origin', 'PERMISSION_DENIED'],
  [429, 'SomethingNewException', 'a text of unknown origin', 'RATE_LIMITED', true],
]

describe('errors of AWS', () => {
  for (const [status, type, text, code, retryable = false] of rows) {
    test(`${status} ${type} ${JSON.stringify(text)} is ${code}`, async () => {
      const headers = { 'x-amzn-requestid': 'req-1' }
      const server = await stub(() => ({ status, headers, body: errorBody(type, text) }))
      const error = await failure(stubStore(server).get('db', { version: 'v1' }))
      expect(error).toMatchObject({ code, providerCode: type, retryable, requestId: 'req-1', attempts: 1 })
      expect(error.cause).toEqual({ name: 'ServiceError', code: type, status })
      expect(error.message.includes(text)).toBe(type !== 'SomethingNewException')
      expect(server.requests).toHaveLength(1)
    })
  }

  test('how long to wait, in either of its headers', async () => {
    const throttled = { status: 400, body: errorBody('ThrottlingException', 'Rate exceeded') }
    const wait = async (headers: Record<string, string>): Promise<number | undefined> => {
      const server = await stub(() => ({ ...throttled, headers }))
      return (await failure(stubStore(server).get('db'))).retryAfterMs
    }
    expect(await wait({ 'retry-after': '2' })).toBe(2_000)
    expect(await wait({ 'x-amz-retry-after': '150', 'retry-after': '2' })).toBe(150)
    expect(await wait({ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' })).toBeUndefined()
    expect(await wait({})).toBeUndefined()
  })

  test('the code of a header counts as well as that of the body', async () => {
    const headers = { 'x-amzn-errortype': 'AccessDeniedException:http://internal/' }
    const server = await stub(() => ({ status: 400, headers, body: {} }))
    expect(await failure(stubStore(server).get('db'))).toMatchObject({ code: 'PERMISSION_DENIED' })
  })
})

describe('no answer of AWS', () => {
  const put = (server: { url: string }) =>
    failure(stubStore(server as never).put('db', value, { idempotencyKey: 'k' }))

  test.each([400, 404, 200, 502])(
    '%i with a page instead of JSON is UNAVAILABLE, unquoted',
    async (status) => {
      const server = await stub(() => ({ status, body: `<html>${value}</html>` }))
      const error = await put(server)
      expect(error).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: true })
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/html|sk_live/)
    },
  )

  test('a cut or empty answer', async () => {
    const server = await stub(() => ({ body: `{"VersionId":"v1","SecretString":"${value}` }))
    const error = await failure(stubStore(server).get('db'))
    expect(error.code).toBe('UNAVAILABLE')
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('sk_live')
    const empty = await stub(() => ({ status: 400, body: {} }))
    expect(await failure(stubStore(empty).get('db'))).toMatchObject({ code: 'UNKNOWN' })
  })

  test('a dropped connection, and nobody there', async () => {
    const server = await stub(() => ({ drop: true }))
    expect(await put(server)).toMatchObject({ code: 'UNAVAILABLE', providerCode: 'ECONNRESET' })
    const nobody = await put({ url: 'http://127.0.0.1:1' })
    expect(nobody).toMatchObject({ code: 'UNAVAILABLE', providerCode: 'ECONNREFUSED', retryable: true })
    expect(nobody.outcomeUnknown).toBe(false)
  })

  test('TLS that is not', async () => {
    const server = await stub(() => ({}))
    const url = server.url.replace('http:', 'https:')
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
    const error = await failure(stubStore({ ...server, url }, { credentials }).get('db'))
    expect(error.code).toBe('UNAVAILABLE')
  })

  test('an abort, before and during the request', async () => {
    const server = await stub(() => ({ hang: true }))
    const store = stubStore(server)
    const aborted = await failure(store.get('db', { signal: AbortSignal.abort() }))
    expect([aborted.code, server.requests.length]).toEqual(['ABORTED', 0])
    const controller = new AbortController()
    const call = store.put('db', value, { signal: controller.signal })
    while (server.requests.length === 0) await new Promise(setImmediate)
    controller.abort()
    expect(await failure(call)).toMatchObject({ code: 'ABORTED', outcomeUnknown: true })
  })

  test('an abort between two requests stops the call', async () => {
    const controller = new AbortController()
    const server = await stub(() => {
      controller.abort()
      return { status: 400, body: errorBody('ResourceNotFoundException', '') }
    })
    const call = stubStore(server).put('db', value, { signal: controller.signal })
    expect(await failure(call)).toMatchObject({ code: 'ABORTED' })
    expect(server.operations()).toEqual(['PutSecretValue'])
  })
})

describe('what must not be in an error', () => {
  const hidden = (error: unknown): string =>
    inspect(error, { depth: 9, showHidden: true, getters: true, customInspect: false })

  test('the value, where AWS quotes it, in any form', async () => {
    const base64 = Buffer.from(value).toString('base64')
    const server = await stub(() => ({
      status: 400,
      body: errorBody('ValidationException', `bad value ${value} ${base64}`),
    }))
    const error = await failure(stubStore(server).put('db', value))
    expect(error.message).toContain('bad value [redacted]')
    expect(hidden(error)).not.toMatch(new RegExp(`${value}|${base64}`))
  })

  test('further fields of the answer, which the SDK copies onto its error', async () => {
    const server = await stub(() => ({
      status: 400,
      body: { ...errorBody('AccessDeniedException', 'no'), SecretString: value },
    }))
    expect(hidden(await failure(stubStore(server).get('db')))).not.toContain(value)
  })

  test('a value where a code should be', async () => {
    for (const type of [value, 'Hunter2hunter2', 'HunterTwoHunter']) {
      const server = await stub(() => ({ status: 400, body: errorBody(type, value) }))
      const error = await failure(stubStore(server).get('db'))
      expect(error).toMatchObject({ code: 'UNKNOWN' })
      expect(hidden(error)).not.toContain(type)
    }
  })

  test('the session token and the signature of the request', async () => {
    const credentials = {
      accessKeyId: 'AKIDNEEDLE',
      secretAccessKey: 'needle-key',
      sessionToken: 'needle-token',
    }
    const server = await stub(() => ({ status: 400, body: errorBody('ThrottlingException', 'no') }))
    const error = await failure(stubStore(server, { credentials }).get('db'))
    expect(server.requests[0]?.headers['x-amz-security-token']).toBe('needle-token')
    expect(hidden(error)).not.toMatch(/needle|AKIDNEEDLE|AWS4-HMAC/)
  })
})
