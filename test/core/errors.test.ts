import { inspect } from 'node:util'
import { errorCodes, SecretError, type SecretErrorFields } from 'strongroom'
import { describe, expect, it } from 'vitest'
import { defined } from '../../src/errors.js'

const full: SecretErrorFields & { readonly status: number } = {
  code: 'RATE_LIMITED',
  message: 'slow down',
  providerCode: 'ThrottlingException',
  status: 429,
  retryable: true,
  retryAfterMs: 7_000,
  attempts: 3,
  outcomeUnknown: true,
  provider: 'aws',
  operation: 'put',
  secret: 'prod/db',
  version: 'v1',
  requestId: 'r-1',
}

describe('the codes', () => {
  it('are these, and frozen', () => {
    expect(errorCodes).toEqual([
      'NOT_FOUND',
      'ALREADY_EXISTS',
      'CONFLICT',
      'PENDING_DELETION',
      'DISABLED',
      'PERMISSION_DENIED',
      'UNAUTHENTICATED',
      'RATE_LIMITED',
      'UNAVAILABLE',
      'TIMEOUT',
      'ABORTED',
      'INVALID_NAME',
      'INVALID_VALUE',
      'TOO_LARGE',
      'UNSUPPORTED',
      'CONFIG_INVALID',
      'CLOSED',
      'UNKNOWN',
    ])
    expect(Object.isFrozen(errorCodes)).toBe(true)
  })
})

describe('a SecretError', () => {
  it('carries what it is given, by name', () => {
    const { status: _, ...fields } = full
    expect(new SecretError(full)).toMatchObject(fields)
    expect(new SecretError(full).name).toBe('SecretError')
    expect(new SecretError(full)).toBeInstanceOf(Error)
  })

  it('has no field that it was not given', () => {
    const error = new SecretError({ code: 'UNKNOWN', message: 'hm' })
    expect(Object.keys(error).sort()).toEqual(['attempts', 'code', 'name', 'outcomeUnknown', 'retryable'])
    expect(error).toMatchObject({ attempts: 1, outcomeUnknown: false })
    expect('cause' in error).toBe(false)
  })

  it.each(errorCodes)('says of %s whether it may pass by itself', (code) => {
    const passing = ['UNAVAILABLE', 'TIMEOUT', 'RATE_LIMITED'].includes(code)
    expect(new SecretError({ code, message: '' }).retryable).toBe(passing)
    expect(new SecretError({ code, message: '', retryable: !passing }).retryable).toBe(!passing)
  })

  it('keeps of a service its code and status, frozen and out of sight', () => {
    const { cause } = new SecretError(full)
    expect(cause).toEqual({ name: 'ServiceError', code: 'ThrottlingException', status: 429 })
    expect(Object.isFrozen(cause)).toBe(true)
    expect(Object.keys(new SecretError(full))).not.toContain('cause')
    expect(new SecretError({ code: 'UNKNOWN', message: '', status: 500 }).cause).toEqual({
      name: 'ServiceError',
      status: 500,
    })
    expect(new SecretError({ code: 'UNKNOWN', message: '', providerCode: 'Odd' }).cause).toEqual({
      name: 'ServiceError',
      code: 'Odd',
    })
  })

  it('becomes JSON by an allow-list', () => {
    const { status: _, ...fields } = full
    const error = Object.assign(new SecretError(full), { request: { body: 'a value' } })
    expect(error.toJSON()).toEqual(fields)
    expect(JSON.stringify(new SecretError({ code: 'UNKNOWN', message: 'hm' }))).toBe(
      '{"code":"UNKNOWN","message":"hm","retryable":false,"attempts":1,"outcomeUnknown":false}',
    )
  })

  it('is recognised across copies of the package, and nothing else is', () => {
    const copy = Object.create({ [Symbol.for('strongroom.SecretError')]: true })
    expect([new SecretError(full), copy].map(SecretError.is)).toEqual([true, true])
    const others = [new Error('x'), { code: 'UNKNOWN' }, null, undefined, 'UNKNOWN', () => 1]
    expect(others.map(SecretError.is)).toEqual(others.map(() => false))
  })

  it('is copied with changes, and keeps its status and, unless its message changes, its stack', () => {
    const error = new SecretError(full)
    const changed = error.with({ attempts: 5, provider: 'azure' })
    expect(changed).toMatchObject({ code: 'RATE_LIMITED', attempts: 5, provider: 'azure', secret: 'prod/db' })
    expect(changed.cause).toEqual(error.cause)
    expect(changed.stack).toBe(error.stack)
    expect(error.attempts).toBe(3)
    const bare = new SecretError(full)
    Reflect.deleteProperty(bare, 'stack')
    expect(bare.with({ attempts: 2 }).stack).toContain('SecretError')
    const reworded = error.with({ message: 'in other words' })
    expect(reworded.stack).toContain('in other words')
    expect(new SecretError({ code: 'UNKNOWN', message: '' }).with({}).cause).toBeUndefined()
  })

  it('says in a log what it is', () => {
    expect(inspect(new SecretError(full))).toContain('slow down')
  })
})

describe('defined', () => {
  it('drops what is undefined, and only that', () => {
    expect(defined({ a: undefined, b: null, c: 0, d: '' })).toEqual({ b: null, c: 0, d: '' })
    expect(Object.keys(defined({ a: undefined }))).toEqual([])
  })
})
