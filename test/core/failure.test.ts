import { SecretError } from 'strongroom'
import { type Failure, refusal } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { effects, operationNames } from '../../src/operations.js'
import { takeLeaks } from '../canary/watch.js'
import { call, failure, type StubOptions, stub } from './stub-provider.js'

describe('a failure', () => {
  const failing = (failure: Failure): StubOptions => ({
    throws: new Error('the SDK says'),
    classify: () => failure,
  })

  it('keeps no code and no request id that hold the value of the call', async () => {
    const value = 'hunter3hunter3'
    const told = failing({ code: 'UNKNOWN', providerCode: `Bad ${value}`, requestId: value, status: 400 })
    const error = await failure(stub(told).store.put('db', value))
    expect(error.toJSON()).toEqual({
      code: 'UNKNOWN',
      message: 'stub: put "db": the backend answered with an error that is not known here',
      retryable: false,
      attempts: 1,
      outcomeUnknown: true,
      provider: 'stub',
      operation: 'put',
      secret: 'db',
    })
    const kept = await failure(
      stub(failing({ code: 'UNKNOWN', providerCode: 'Bad', requestId: 'r-1' })).store.put('db', value),
    )
    expect(kept).toMatchObject({ providerCode: 'Bad', requestId: 'r-1' })
  })

  it.each(operationNames)(
    'of %s names provider, operation and secret, and says what to do',
    async (operation) => {
      const error = await failure(call(operation, failing({ code: 'PERMISSION_DENIED' })))
      const secret = operation === 'listPage' ? undefined : 'db'
      expect(error).toMatchObject({
        code: 'PERMISSION_DENIED',
        provider: 'stub',
        operation,
        outcomeUnknown: false,
      })
      expect(error.secret).toBe(secret)
      const name = secret === undefined ? '' : ' "db"'
      expect(error.message).toBe(
        `stub: ${operation}${name}: this identity is not allowed to; grant the permission or use another identity`,
      )
    },
  )

  it.each([
    ['NOT_FOUND', 'there is no such secret, version or stage'],
    ['ALREADY_EXISTS', 'it exists already'],
    ['CONFLICT', 'somebody else changed it first; read it again and decide'],
    ['PENDING_DELETION', 'it is deleted and waits in the trash; restore it first'],
    ['DISABLED', 'this version is disabled; enable it or read another one'],
    ['UNAUTHENTICATED', 'the credentials are missing, expired or wrong'],
    ['RATE_LIMITED', 'the quota of the backend is used up for the moment'],
    ['UNAVAILABLE', 'the backend gave no usable answer'],
    ['TIMEOUT', 'no answer came in time'],
    ['ABORTED', 'the caller aborted it'],
    ['INVALID_NAME', 'the backend refuses the name'],
    ['INVALID_VALUE', 'the backend refuses a value in the request'],
    ['TOO_LARGE', 'the value is larger than the backend holds'],
    ['UNSUPPORTED', 'the backend cannot do it'],
    ['CONFIG_INVALID', 'the set-up of the provider is wrong'],
    ['CLOSED', 'the store is closed'],
    ['UNKNOWN', 'the backend answered with an error that is not known here'],
  ] as const)('%s is worded: %s', async (code, sentence) => {
    expect((await failure(call('get', failing({ code })))).message).toBe(`stub: get "db": ${sentence}`)
  })

  it('carries the facts of the service, and nothing of what was thrown', async () => {
    const facts = { providerCode: 'Odd', status: 503, requestId: 'r-1', retryAfterMs: 5 }
    const error = await failure(call('get', failing({ code: 'UNAVAILABLE', ...facts })))
    expect(error).toMatchObject({ providerCode: 'Odd', requestId: 'r-1', retryAfterMs: 5 })
    expect(error.cause).toEqual({ name: 'ServiceError', code: 'Odd', status: 503 })
    expect(error.message).toBe('stub: get "db": the backend gave no usable answer (Odd)')
    const bare = await failure(call('get', failing({ code: 'UNAVAILABLE' })))
    expect(Object.keys(bare)).not.toContain('requestId')
    expect(Object.keys(bare)).not.toContain('secret'.repeat(2))
  })

  it.each([
    [{ providerCode: 'Odd', detail: 'it is so' }, ' (Odd: it is so)'],
    [{ detail: 'it is so' }, ' (it is so)'],
    [{ providerCode: 'Odd', detail: '' }, ' (Odd)'],
    [{ providerCode: '', detail: '' }, ''],
  ])('%j ends in "%s"', async (facts, end) => {
    const error = await failure(call('get', failing({ code: 'DISABLED', ...facts })))
    expect(error.message).toBe(
      `stub: get "db": this version is disabled; enable it or read another one${end}`,
    )
  })

  it('has the value and the rotation token taken out of what the service says', async () => {
    const detail = 'no a value of some length and no a token of some length'
    const { store } = stub(failing({ code: 'INVALID_VALUE', detail }))
    const put = store.put('db', 'a value of some length', { rotationToken: 'a token of some length' })
    expect((await failure(put)).message).toContain('(no [redacted] and no [redacted])')
    expect((await failure(store.put('db', 'short'))).message).not.toContain('no a')
    expect((await failure(store.get('db'))).message).toContain(detail)
    takeLeaks()
  })

  it.each(operationNames)(
    'of %s leaves its outcome in doubt only for a write and where it may have happened',
    async (operation) => {
      const isWrite = effects[operation] === 'write'
      for (const code of ['UNAVAILABLE', 'TIMEOUT', 'ABORTED', 'UNKNOWN'] as const) {
        expect((await failure(call(operation, failing({ code })))).outcomeUnknown).toBe(isWrite)
        expect(
          (await failure(call(operation, failing({ code, outcomeUnknown: false })))).outcomeUnknown,
        ).toBe(false)
        expect((await failure(call(operation, { throws: refusal(code, 'so') }))).outcomeUnknown).toBe(isWrite)
      }
      for (const code of ['NOT_FOUND', 'RATE_LIMITED'] as const) {
        expect((await failure(call(operation, failing({ code })))).outcomeUnknown).toBe(false)
        expect((await failure(call(operation, failing({ code, outcomeUnknown: true })))).outcomeUnknown).toBe(
          true,
        )
        expect((await failure(call(operation, { throws: refusal(code, 'so') }))).outcomeUnknown).toBe(false)
      }
      const doubtful = new SecretError({ code: 'CONFLICT', message: 'so', outcomeUnknown: true })
      expect((await failure(call(operation, { throws: doubtful }))).outcomeUnknown).toBe(true)
    },
  )

  it('that a provider finds out itself is led in once', async () => {
    const error = await failure(call('get', { throws: refusal('CONFLICT', 'it moved', 'v9') }))
    expect(error).toMatchObject({
      code: 'CONFLICT',
      version: 'v9',
      secret: 'db',
      provider: 'stub',
      operation: 'get',
    })
    expect(error.message).toBe('stub: get "db": it moved')
    const again = await failure(call('get', { throws: error }))
    expect(again.message).toBe('stub: get "db": it moved')
  })

  it('by a mistake in a provider is the provider’s to classify, not a TypeError of the caller', async () => {
    const error = await failure(call('get', { throws: new TypeError('undefined is not a function') }))
    expect(error.code).toBe('UNKNOWN')
    expect(error.message).not.toContain('function')
  })

  it('before the wire is never in doubt', async () => {
    const { store } = stub({ capabilities: { pending: 'none' } })
    expect((await failure(store.promote('db', 'v1'))).outcomeUnknown).toBe(false)
  })
})
