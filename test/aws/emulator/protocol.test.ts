import { randomUUID } from 'node:crypto'
import {
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { createClock } from 'strongroom/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

describe('the wire', () => {
  test('JSON 1.1 with a request id, and errors as __type and Message', async () => {
    await h.create('n')
    const good = await h.raw('GetSecretValue', { SecretId: 'n' })
    expect(good.headers.get('content-type')).toBe('application/x-amz-json-1.1')
    expect(good.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
    const bad = await h.raw('GetSecretValue', { SecretId: 'none' })
    expect([bad.status, Object.keys(bad.body)]).toEqual([400, ['__type', 'Message']])
    expect(bad.headers.get('x-amzn-requestid')).not.toBe(good.headers.get('x-amzn-requestid'))
  })

  test.each([
    'RotateSecret',
    'CancelRotateSecret',
    'ListResourcePolicies',
    'Nonsense',
    '',
    'constructor',
    '__proto__',
  ])('the target %s is unknown, and never a success', async (operation) => {
    const answer = await h.raw(operation, { SecretId: 'n' })
    expect([answer.status, answer.body]).toEqual([400, { __type: 'UnknownOperationException' }])
  })

  test('rotation rejects in the SDK', async () => {
    await expect(h.client.send(new RotateSecretCommand({ SecretId: 'n' }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      $metadata: { httpStatusCode: 400 },
    })
  })

  test.each([
    ['GET', '/', {}],
    ['POST', '/', {}],
    ['POST', '/', { 'x-amz-target': 'AWSSecretsManager.GetSecretValue' }],
    ['POST', '/other', { 'x-amz-target': 'secretsmanager.GetSecretValue' }],
    ['PUT', '/', { 'x-amz-target': 'secretsmanager.GetSecretValue' }],
  ])('%s %s with %j is no operation', async (method, path, headers) => {
    const response = await fetch(h.emulator.url + path, { method, headers })
    expect([response.status, await response.json()]).toEqual([400, { __type: 'UnknownOperationException' }])
  })

  test('an endpoint that ends in a slash makes two of them', async () => {
    const response = await fetch(`${h.emulator.url}//`, {
      method: 'POST',
      headers: { 'x-amz-target': 'secretsmanager.ListSecrets' },
    })
    expect([response.status, await response.json()]).toEqual([200, { SecretList: [] }])
  })

  test.each([
    'not json',
    '{"SecretId":',
    '[]',
    '"n"',
    'null',
    '{"SecretId":5}',
    '{"SecretId":{"a":1}}',
    '{"SecretId":"n","VersionId":["x"]}',
  ])('the body %s is a SerializationException', async (body) => {
    const answer = await h.raw('GetSecretValue', body)
    expect([answer.status, answer.body]).toEqual([400, { __type: 'SerializationException' }])
  })

  test('a body without JSON is empty, a null is absent, and what is unknown is ignored', async () => {
    await h.create('n')
    expect((await h.raw('ListSecrets', '')).status).toBe(200)
    await h.ok('GetSecretValue', {
      SecretId: 'n',
      VersionId: null,
      Future: [1],
      __proto__: { VersionId: 'x' },
    })
  })

  test.each([
    [
      'GetSecretValue',
      {},
      "1 validation error detected: Value null at 'secretId' failed to satisfy constraint: Member must not be null",
    ],
    [
      'CreateSecret',
      {},
      "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
    ],
    [
      'GetSecretValue',
      { SecretId: '', VersionId: 'short' },
      "2 validation errors detected: Value '' at 'secretId' failed to satisfy constraint: Member must have length greater than or equal to 1; Value 'short' at 'versionId' failed to satisfy constraint: Member must have length greater than or equal to 32",
    ],
    [
      'PutSecretValue',
      { SecretId: 'n', SecretString: 'x', ClientRequestToken: 'x'.repeat(65) },
      `1 validation error detected: Value '${'x'.repeat(65)}' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 64`,
    ],
    ['UpdateSecret', { SecretId: 'n', Description: 'x'.repeat(2049) }, 'less than or equal to 2048'],
    ['DescribeSecret', { SecretId: 'x'.repeat(2049) }, 'less than or equal to 2048'],
    ['TagResource', { SecretId: 'n' }, "Value null at 'tags'"],
  ])('%s with case %#: every broken rule is named', async (operation, body, text) => {
    const [status, code, message] = await h.refused(operation, body)
    expect([status, code]).toEqual([400, 'ValidationException'])
    expect(message).toContain(text)
  })
})

describe('faults, through the SDK', () => {
  const get = (client: SecretsManagerClient) => client.send(new GetSecretValueCommand({ SecretId: 'n' }))
  const retrying = () =>
    new SecretsManagerClient({
      endpoint: h.emulator.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })

  test.each([
    ['ThrottlingException', 400, 'Rate exceeded'],
    ['InternalServiceError', 500, 'An error occurred on the server side.'],
    ['AccessDeniedException', 400, 'User is not authorized to perform this operation on the resource.'],
    ['ServiceUnavailable', 503, 'Service is unavailable. Please try again later.'],
    ['SomethingNew', 400, 'UnknownError'],
  ])('%s has its status and text', async (error, httpStatusCode, message) => {
    await h.create('n')
    h.emulator.faults.add({ operation: 'GetSecretValue', error, times: 1 })
    await expect(get(h.client)).rejects.toMatchObject({ name: error, message, $metadata: { httpStatusCode } })
    expect((await get(h.client)).SecretString).toBe('v1')
    expect(h.emulator.calls).toEqual({ CreateSecret: 1, GetSecretValue: 2 })
  })

  test.each([
    [429, 'ThrottlingException'],
    [503, 'ServiceUnavailable'],
    [500, 'InternalServiceError'],
    [403, 'AccessDeniedException'],
    [502, 'InternalServiceError'],
  ])('status %i alone is %s', async (status, code) => {
    h.emulator.faults.add({ operation: '*', status, message: 'told' })
    expect(await h.refused('GetSecretValue')).toEqual([status, code, 'told'])
  })

  test('a retry is asked for in both headers, and counted', async () => {
    await h.create('n')
    h.emulator.faults.add({ operation: 'GetSecretValue', status: 503, retryAfterMs: 20, times: 2 })
    const answer = await h.raw('GetSecretValue', { SecretId: 'n' })
    expect([answer.headers.get('retry-after'), answer.headers.get('x-amz-retry-after')]).toEqual(['1', '20'])
    const client = retrying()
    expect((await get(client)).$metadata.attempts).toBe(2)
    client.destroy()
  })

  test('a lost answer: the write happened, and the same token says so', async () => {
    await h.create('n')
    h.emulator.faults.add({ operation: 'PutSecretValue', drop: 'after', times: 1 })
    const body = { SecretId: 'n', SecretString: 'v2', ClientRequestToken: randomUUID() }
    await expect(h.raw('PutSecretValue', body)).rejects.toThrow()
    expect((await h.ok('PutSecretValue', body)).VersionId).toBe(body.ClientRequestToken)
    expect(
      (await h.ok('ListSecretVersionIds', { SecretId: 'n', IncludeDeprecated: true })).Versions,
    ).toHaveLength(2)
  })

  test('a lag hides a write from reads, and from no write', async () => {
    await h.create('n')
    h.clock.advance(60_000)
    h.emulator.faults.add({ operation: '*', lagMs: 2_000 })
    await h.put('n', 'v2')
    expect((await get(h.client)).SecretString).toBe('v1')
    await h.create('m')
    expect((await h.refused('GetSecretValue', { SecretId: 'm' }))[1]).toBe('ResourceNotFoundException')
    expect((await h.ok('ListSecrets')).SecretList).toHaveLength(1)
    expect((await h.refused('CreateSecret', { Name: 'm', ClientRequestToken: randomUUID() }))[1]).toBe(
      'ResourceExistsException',
    )
    h.clock.advance(2_000)
    expect((await get(h.client)).SecretString).toBe('v2')
  })
})

test('the SDK of any language finds it by its variables', async () => {
  const { url, env, storeUrl } = h.emulator
  expect(env).toEqual({
    AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
  })
  expect(storeUrl).toBe(`aws://us-east-1?endpoint=${encodeURIComponent(url)}`)
  const before = { ...process.env }
  Object.assign(process.env, env)
  try {
    await h.create('n')
    const client = new SecretsManagerClient({})
    expect((await client.send(new GetSecretValueCommand({ SecretId: 'n' }))).SecretString).toBe('v1')
    client.destroy()
  } finally {
    process.env = before
  }
})

test('a seed is there at the start, an object as JSON, and a second seed is a new version', async () => {
  await h.close()
  h = await startHarness({ seed: { a: 'one', b: { user: 'u' } }, clock: createClock() })
  h.emulator.seed({ a: 'two' })
  expect((await h.ok('GetSecretValue', { SecretId: 'b' })).SecretString).toBe('{"user":"u"}')
  expect((await h.ok('GetSecretValue', { SecretId: 'a' })).SecretString).toBe('two')
  expect((await h.ok('GetSecretValue', { SecretId: 'a', VersionStage: 'AWSPREVIOUS' })).SecretString).toBe(
    'one',
  )
  expect(h.emulator.calls).toEqual({ GetSecretValue: 3 })
})

test('a refused request leaves the state as it was, to the byte', async () => {
  await h.create('n')
  const before = JSON.stringify(h.emulator.state.dump())
  const token = { ClientRequestToken: randomUUID() }
  await h.refused('PutSecretValue', {
    SecretId: 'n',
    SecretString: 'x',
    ...token,
    VersionStages: Array.from({ length: 20 }, (_, i) => `L${i}`),
  })
  await h.refused('CreateSecret', {
    Name: 'm',
    SecretString: 'x',
    ...token,
    AddReplicaRegions: [{ Region: 'us-east-1' }],
  })
  expect(JSON.stringify(h.emulator.state.dump())).toBe(before)
})
