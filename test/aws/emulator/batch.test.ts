import { BatchGetSecretValueCommand, paginateBatchGetSecretValue } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Harness, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
  for (const name of ['a', 'b', 'c']) await h.create(name, { SecretString: `value of ${name}` })
})
afterEach(() => h.close())

test('reads current values by name and ARN; what fails is listed, and the answer is a success', async () => {
  await h.create('empty', {})
  await h.ok('DeleteSecret', { SecretId: 'c' })
  const { ARN } = await h.ok('DescribeSecret', { SecretId: 'a' })
  const answer = await h.client.send(
    new BatchGetSecretValueCommand({ SecretIdList: [ARN, 'b', 'c', 'none', 'empty'] }),
  )
  expect(
    answer.SecretValues?.map(({ Name, SecretString, VersionStages }) => [Name, SecretString, VersionStages]),
  ).toEqual([
    ['a', 'value of a', ['AWSCURRENT']],
    ['b', 'value of b', ['AWSCURRENT']],
  ])
  expect(answer.Errors?.map(({ SecretId, ErrorCode }) => [SecretId, ErrorCode])).toEqual([
    ['c', 'InvalidRequestException'],
    ['none', 'ResourceNotFoundException'],
    ['empty', 'ResourceNotFoundException'],
  ])
})

test('reads by filter, in pages, and passes over what is scheduled for deletion', async () => {
  await h.create('aa')
  await h.ok('DeleteSecret', { SecretId: 'aa' })
  const pages: (string | undefined)[][] = []
  const input = { Filters: [{ Key: 'name' as const, Values: ['a', 'b', 'c'] }] }
  for await (const page of paginateBatchGetSecretValue({ client: h.client, pageSize: 2 }, input)) {
    pages.push((page.SecretValues ?? []).map(({ Name }) => Name))
    expect(page.Errors).toEqual([])
  }
  expect(pages).toEqual([['a', 'b'], ['c']])
})

test.each([
  [{}, 'InvalidParameterException'],
  [{ SecretIdList: ['a'], Filters: [{ Key: 'name', Values: ['a'] }] }, 'InvalidParameterException'],
  [{ SecretIdList: ['a'], MaxResults: 2 }, 'InvalidParameterException'],
  [{ SecretIdList: ['a'], NextToken: 'x' }, 'InvalidParameterException'],
  [{ SecretIdList: Array.from({ length: 21 }, (_, i) => `n${i}`) }, 'InvalidParameterException'],
  [{ SecretIdList: [] }, 'ValidationException'],
  [{ Filters: [{ Key: 'name', Values: ['a'] }], MaxResults: 21 }, 'ValidationException'],
  [{ Filters: [{ Key: 'name', Values: ['a'] }], NextToken: 'x' }, 'InvalidNextTokenException'],
])('refused: case %#', async (body, code) => {
  expect((await h.refused('BatchGetSecretValue', body)).slice(0, 2)).toEqual([400, code])
})

test.each(['MaxResults', 'NextToken'])('%s without filters says what is missing', async (name) => {
  const value = name === 'MaxResults' ? 2 : 'x'
  expect((await h.refused('BatchGetSecretValue', { SecretIdList: ['a'], [name]: value }))[2]).toBe(
    `'Filters' not specified. 'Filters' must also be specified when '${name}' is provided.`,
  )
})

test('20 ids are not too many', async () => {
  const SecretIdList = Array.from({ length: 20 }, (_, i) => `n${i}`)
  expect((await h.ok('BatchGetSecretValue', { SecretIdList })).Errors).toHaveLength(20)
})
