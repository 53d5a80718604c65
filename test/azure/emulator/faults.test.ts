import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness({ vaultName: 'prod' })
  await h.set('a')
})
afterEach(() => h.close())

test.each([
  ['BadParameter', 400, 'BadParameter', undefined],
  ['Unauthorized', 401, 'Unauthorized', undefined],
  ['Forbidden', 403, 'Forbidden', undefined],
  ['ForbiddenByRbac', 403, 'Forbidden', 'ForbiddenByRbac'],
  ['AccessDenied', 403, 'Forbidden', 'AccessDenied'],
  ['ForbiddenByFirewall', 403, 'Forbidden', 'ForbiddenByFirewall'],
  ['SecretDisabled', 403, 'Forbidden', 'SecretDisabled'],
  ['SecretNotFound', 404, 'SecretNotFound', undefined],
  ['MethodNotAllowed', 405, 'MethodNotAllowed', undefined],
  ['Conflict', 409, 'Conflict', undefined],
  ['ObjectIsBeingDeleted', 409, 'Conflict', 'ObjectIsBeingDeleted'],
  ['ObjectIsBeingRecovered', 409, 'Conflict', 'ObjectIsBeingRecovered'],
  ['ObjectIsDeletedButRecoverable', 409, 'Conflict', 'ObjectIsDeletedButRecoverable'],
  ['Throttled', 429, 'Throttled', undefined],
  ['InternalServerError', 500, 'InternalServerError', undefined],
  ['ServiceUnavailable', 503, 'ServiceUnavailable', undefined],
  ['SomethingNew', 400, 'SomethingNew', undefined],
])('the fault %s is %d %s with %s inside', async (error, status, code, innerCode) => {
  h.emulator.faults.add({ operation: 'GetSecret', error, times: 1 })
  const answer = await h.refusal('GET', '/secrets/a')
  expect(answer.slice(0, 3)).toEqual([status, code, innerCode])
  expect(answer[3]).not.toBe('')
  expect((await h.raw('GET', '/secrets/a')).status).toBe(200)
})

test.each([
  [400, 'BadParameter'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'SecretNotFound'],
  [409, 'Conflict'],
  [429, 'Throttled'],
  [500, 'InternalServerError'],
  [503, 'ServiceUnavailable'],
])('a status of %d alone is %s', async (status, code) => {
  h.emulator.faults.add({ operation: '*', status, times: 1 })
  expect((await h.refusal('GET', '/secrets/a')).slice(0, 2)).toEqual([status, code])
})

test('status and text of a rule win over those of the code', async () => {
  h.emulator.faults.add({ operation: '*', error: 'Throttled', status: 503, message: 'calm down', times: 1 })
  expect(await h.refusal('GET', '/secrets/a')).toEqual([503, 'Throttled', undefined, 'calm down'])
})

describe('throttling', () => {
  test('says how long to wait', async () => {
    h.emulator.faults.add({ operation: 'GetSecret', error: 'Throttled', retryAfterMs: 1_200, times: 1 })
    const { status, headers, body } = await h.raw('GET', '/secrets/a')
    expect(status).toBe(429)
    expect([headers.get('retry-after'), headers.get('x-ms-retry-after-ms')]).toEqual(['2', '1200'])
    expect(body.error.message).toBe(
      'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
    )
  })

  test('or does not, and then the official client does not retry', async () => {
    const client = h.client('http', { retryOptions: { maxRetries: 3 } })
    await client.getSecret('a')
    h.emulator.faults.add({ operation: 'GetSecret', error: 'Throttled', times: 1 })
    await expect(client.getSecret('a')).rejects.toMatchObject({ statusCode: 429, code: 'Throttled' })
    h.emulator.faults.add({ operation: 'GetSecret', error: 'Throttled', retryAfterMs: 1, times: 2 })
    expect((await client.getSecret('a')).value).toBe('v')
    expect(h.emulator.calls).toMatchObject({ GetSecret: 5 })
  })

  test('has the code that was asked for', async () => {
    const other = await startHarness({ facts: { throttledCode: 'TooManyRequests' } })
    other.emulator.faults.add({ operation: '*', error: 'Throttled' })
    const answer = await other.refusal('GET', '/secrets')
    await other.close()
    expect(answer.slice(0, 2)).toEqual([429, 'TooManyRequests'])
  })
})

describe('a denial', () => {
  test.each([
    ['GET', '/secrets/a', 'getSecret/action', 'get'],
    ['PUT', '/secrets/a', 'setSecret/action', 'set'],
    ['GET', '/secrets', 'readMetadata/action', 'list'],
    ['DELETE', '/secrets/a', 'delete', 'delete'],
    ['DELETE', '/deletedsecrets/a', 'purge/action', 'purge'],
    ['POST', '/deletedsecrets/a/recover', 'recover/action', 'recover'],
  ])('of %s %s names the action', async (method, path, action, permission) => {
    h.emulator.faults.add({ operation: '*', error: 'ForbiddenByRbac', times: 1 })
    h.emulator.faults.add({ operation: '*', error: 'AccessDenied', times: 1 })
    const texts = [await h.refusal(method, path), await h.refusal(method, path)].map((answer) => answer[3])
    expect(texts[0]).toMatch(/^Caller is not authorized to perform action on resource\.\r\n/)
    expect(texts[0]).toContain(`'Microsoft.KeyVault/vaults/secrets/${action}'`)
    expect(texts[1]).toContain(`does not have secrets ${permission} permission on key vault 'prod;`)
  })

  test('stands alone where asked for', async () => {
    const other = await startHarness({ facts: { forbiddenNesting: 'outer' } })
    const answers = []
    for (const error of ['AccessDenied', 'ForbiddenByFirewall', 'ForbiddenByRbac']) {
      other.emulator.faults.add({ operation: '*', error, times: 1 })
      answers.push((await other.refusal('GET', '/secrets')).slice(1, 3))
    }
    await other.close()
    expect(answers).toEqual([
      ['AccessDenied', undefined],
      ['ForbiddenByFirewall', undefined],
      ['Forbidden', 'ForbiddenByRbac'],
    ])
  })
})

test('a write whose answer is lost has happened', async () => {
  h.emulator.faults.add({ operation: 'SetSecret', drop: 'after', times: 1 })
  await expect(h.raw('PUT', '/secrets/a', { value: 'w' })).rejects.toThrow()
  expect((await h.raw('GET', '/secrets/a')).body.value).toBe('w')
})

test('a lagging read sees the past', async () => {
  h.advance(10_000)
  await h.set('a', 'new')
  h.emulator.faults.add({ operation: 'GetSecret', lagMs: 5_000, times: 1 })
  expect((await h.raw('GET', '/secrets/a')).body.value).toBe('v')
  expect((await h.raw('GET', '/secrets/a')).body.value).toBe('new')
})
