import type { Operation } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { effects } from '../../src/operations.js'
import { answers, call, failure } from './stub-provider.js'

describe('an answer of the wrong shape is UNAVAILABLE, and names the field', () => {
  const get = answers.get as object
  const describeAnswer = answers.describe as object
  const version = { version: 'v1', createdAt: new Date(0), state: 'enabled', stages: [] }
  const wrong: readonly [Operation, unknown, string][] = [
    ['get', undefined, 'body'],
    ['get', null, 'body'],
    ['get', 'text', 'body'],
    ['get', { ...get, version: '' }, 'version'],
    ['get', { ...get, version: 12 }, 'version'],
    ['get', { ...get, createdAt: 12 }, 'createdAt'],
    ['get', { ...get, createdAt: new Date(Number.NaN) }, 'createdAt'],
    ['get', { ...get, state: 'odd' }, 'state'],
    ['get', { ...get, stages: ['odd'] }, 'stages'],
    ['get', { ...get, stages: 'current' }, 'stages'],
    ['get', { ...get, expiresAt: 12 }, 'expiresAt'],
    ['get', { ...get, tags: { a: 1 } }, 'tags'],
    ['get', { ...get, tags: null }, 'tags'],
    ['get', { ...get, value: 'text' }, 'value'],
    ['put', {}, 'version'],
    ['promote', { version: 'v1', previous: '' }, 'previous'],
    ['describe', { ...describeAnswer, id: '' }, 'id'],
    ['describe', { ...describeAnswer, current: {} }, 'current'],
    ['describe', { ...describeAnswer, pending: 1 }, 'pending'],
    ['describe', { ...describeAnswer, tags: undefined }, 'tags'],
    ['describe', { ...describeAnswer, state: 'odd' }, 'state'],
    ['describe', { ...describeAnswer, recoverableUntil: 'soon' }, 'recoverableUntil'],
    ['describe', { ...describeAnswer, changedAt: 1 }, 'changedAt'],
    ['describe', { ...describeAnswer, nativeRotation: {} }, 'nativeRotation'],
    ['describe', { ...describeAnswer, lastAccessedAt: 1 }, 'lastAccessedAt'],
    ['listPage', { items: {} }, 'items'],
    ['listPage', { items: [{ ref: 'db' }] }, 'items'],
    ['listPage', { items: [{ ref: '', id: 'i' }] }, 'items'],
    ['listPage', { items: [{ ref: 'db', id: 'i', tags: 1 }] }, 'items'],
    ['listPage', { items: [], cursor: '' }, 'cursor'],
    ['versionsPage', { items: [{}] }, 'items'],
    ['versionsPage', { items: [version], cursor: 1 }, 'cursor'],
    ['delete', undefined, 'body'],
    ['delete', { recoverableUntil: 1 }, 'recoverableUntil'],
    ['readRecord', {}, 'revision'],
    ['readRecord', { revision: 'r', record: { nonce: 'n' } }, 'record'],
    ['readRecord', { revision: 'r', record: { of: 'n' } }, 'record'],
    ['swapRecord', { revision: '' }, 'revision'],
  ]

  it.each(wrong)('%s %j: %s', async (operation, answer, field) => {
    const error = await failure(call(operation, { answers: { [operation]: answer } }))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', operation, retryable: true })
    expect(error.message).toContain(`the answer has no usable ${field}`)
    expect(error.outcomeUnknown).toBe(effects[operation] === 'write')
  })

  it.each<[Operation, unknown]>([
    ['get', { ...get, tags: undefined, expiresAt: undefined }],
    ['get', { ...get, stages: ['current', 'newest-enabled', 'previous', 'pending'] }],
    ['describe', { id: 'i', tags: {}, state: 'deleted' }],
    [
      'describe',
      { ...describeAnswer, nativeRotation: { enabled: false }, pending: 'v', changedAt: new Date(0) },
    ],
    ['readRecord', { revision: '' }],
    ['readRecord', { revision: 'r', record: { nonce: 'n', of: 'o' } }],
    ['listPage', { items: [{ ref: 'db', id: 'i', tags: { a: 'b' } }] }],
    ['delete', { recoverableUntil: new Date(0) }],
    ['promote', { version: 'v1', previous: 'v0' }],
  ])('%s takes %j', async (operation, answer) => {
    await call(operation, { answers: { [operation]: answer } })
  })

  it('nothing is handed on of an operation that answers nothing', async () => {
    for (const operation of ['discard', 'setVersionState', 'tag', 'restore'] as const) {
      expect(await call(operation, { answers: { [operation]: { odd: true } } })).toBeUndefined()
    }
  })
})
