import { TagResourceCommand } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Harness, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
  await h.create('n', {})
})
afterEach(() => h.close())

const tag = (Key: string, Value = 'v') => ({ Key, Value })
const add = (...Tags: object[]) => h.raw('TagResource', { SecretId: 'n', Tags })
const remove = (...TagKeys: string[]) => h.raw('UntagResource', { SecretId: 'n', TagKeys })
const tags = async () => (await h.ok('DescribeSecret', { SecretId: 'n' })).Tags

test('are absent until the first, replaced by key and case, and an empty list after the last', async () => {
  expect(await tags()).toBeUndefined()
  await remove('none')
  expect(await tags()).toBeUndefined()
  expect(
    (await h.client.send(new TagResourceCommand({ SecretId: 'n', Tags: [tag('a')] }))).$metadata
      .httpStatusCode,
  ).toBe(200)
  await add(tag('b'), tag('A', ''))
  await add(tag('a', 'new'))
  expect(await tags()).toEqual([tag('a', 'new'), tag('b'), tag('A', '')])
  await remove('a', 'A', 'missing')
  expect(await tags()).toEqual([tag('b')])
  await remove('b')
  expect(await tags()).toEqual([])
})

test('answer nothing', async () => {
  for (const answer of [await add(tag('a')), await remove('a')]) {
    expect(answer).toMatchObject({ status: 200, body: undefined })
    expect(answer.headers.get('content-length')).toBe('0')
    expect(answer.headers.get('content-type')).toBe('application/x-amz-json-1.1')
  }
})

test('50 fit, also when one is replaced, and 51 do not', async () => {
  expect((await add(...Array.from({ length: 50 }, (_, i) => tag(`k${i}`)))).status).toBe(200)
  expect((await add(tag('k0', 'again'))).status).toBe(200)
  const answer = await h.refused('TagResource', { SecretId: 'n', Tags: [tag('k50')] })
  expect(answer.slice(0, 2)).toEqual([400, 'InvalidParameterException'])
  expect(await tags()).toHaveLength(50)
})

test.each([
  [tag('aws:x'), 'InvalidParameterException', 'aws: prefixed'],
  [tag('AWS:x'), 'InvalidParameterException', 'aws: prefixed'],
  [{ Value: 'v' }, 'InvalidParameterException', 'Key'],
  [
    tag(''),
    'ValidationException',
    "at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1",
  ],
  [
    tag('x'.repeat(129)),
    'ValidationException',
    "at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128",
  ],
  [
    tag('k', 'x'.repeat(257)),
    'ValidationException',
    "at 'tags.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 256",
  ],
])('refused: case %#, at creation too', async (bad, code, text) => {
  for (const [operation, body] of [
    ['TagResource', { SecretId: 'n', Tags: [bad] }],
    ['CreateSecret', { Name: 'm', Tags: [bad], ClientRequestToken: 'x'.repeat(32) }],
  ] as const) {
    const [status, gotCode, gotText] = await h.refused(operation, body)
    expect([status, gotCode]).toEqual([400, code])
    expect(gotText).toContain(text)
  }
})
