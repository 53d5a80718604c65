import { randomUUID } from 'node:crypto'
import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clientFor, type Harness, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

const missing = [400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret."]
const invalid = [
  400,
  'ValidationException',
  'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
]
const create = async (Name: string) =>
  (await h.ok('CreateSecret', { Name, SecretString: 'x', ClientRequestToken: randomUUID() })).ARN as string
const read = async (SecretId: string) => (await h.ok('GetSecretValue', { SecretId })).Name

describe('a secret id', () => {
  test.each([
    'plain',
    'Valid/_+=.@-Name',
    'Valid/_+=.@-Name-a1b2',
    'Valid/_+=.@-Name-a1b2c3-',
    'x'.repeat(512),
  ])('is the name, the ARN, or the ARN without its suffix: %s', async (name) => {
    const arn = await create(name)
    for (const id of [name, arn, arn.slice(0, -7)]) expect(await read(id)).toBe(name)
  })

  test('the trap: a partial ARN that ends in a hyphen and six characters is read as complete', async () => {
    const arn = await create('xyz-google')
    expect(await read('xyz-google')).toBe('xyz-google')
    expect(await read(arn)).toBe('xyz-google')
    expect(await h.refused('GetSecretValue', { SecretId: arn.slice(0, -7) })).toEqual(missing)
  })

  test('a name with a suffix, but without the rest of the ARN, is another name', async () => {
    const arn = await create('n')
    expect(await h.refused('GetSecretValue', { SecretId: arn.slice(arn.lastIndexOf(':') + 1) })).toEqual(
      missing,
    )
    expect(await h.refused('GetSecretValue', { SecretId: `${arn.slice(0, -6)}AAAAAA` })).toEqual(missing)
  })

  test('is told apart by case', async () => {
    await create('Name')
    expect(await h.refused('GetSecretValue', { SecretId: 'name' })).toEqual(missing)
  })

  test('of another account is denied, of another service or region not found', async () => {
    const arn = await create('n')
    const denied = await h.refused('GetSecretValue', {
      SecretId: arn.replace('123456789012', '210987654321'),
    })
    expect(denied.slice(0, 2)).toEqual([400, 'AccessDeniedException'])
    expect(denied[2]).toContain(
      'is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:',
    )
    for (const other of [arn.replace('us-east-1', 'eu-west-1'), arn.replace(':secretsmanager:', ':ssm:')]) {
      expect(await h.refused('GetSecretValue', { SecretId: other })).toEqual(missing)
    }
  })
})

describe('an invalid name', () => {
  const operations: [string, object][] = [
    ['DeleteSecret', { ForceDeleteWithoutRecovery: true }],
    ['DescribeSecret', {}],
    ['GetSecretValue', {}],
    ['ListSecretVersionIds', { IncludeDeprecated: true }],
    ['PutSecretValue', { SecretString: 'x', ClientRequestToken: randomUUID() }],
    ['TagResource', { Tags: [{ Key: 'k', Value: 'v' }] }],
    ['UntagResource', { TagKeys: ['k'] }],
    ['UpdateSecret', { Description: 'x', ClientRequestToken: randomUUID() }],
    ['ValidateResourcePolicy', { ResourcePolicy: '{"Statement":[]}' }],
  ]
  test.each(['Inv Name', ' Inv Name', ' Inv*Name? ', ' Inv *?!]Name\\-', 'ü', 'a#b', 'a:b'])(
    '%j is refused everywhere',
    async (name) => {
      const body = { Name: name, SecretString: 'x', ClientRequestToken: randomUUID() }
      expect(await h.refused('CreateSecret', body)).toEqual(invalid)
      for (const [operation, more] of operations) {
        expect(await h.refused(operation, { SecretId: name, ...more })).toEqual(invalid)
      }
    },
  )

  test('in an ARN too, as in arn#json-key', async () => {
    expect(await h.refused('GetSecretValue', { SecretId: `${await create('n')}#key` })).toEqual(invalid)
  })

  test.each([
    ['', 'greater than or equal to 1'],
    ['x'.repeat(513), 'less than or equal to 512'],
  ])('by its length: case %#', async (Name, text) => {
    const [status, code, message] = await h.refused('CreateSecret', {
      Name,
      ClientRequestToken: randomUUID(),
    })
    expect([status, code]).toEqual([400, 'ValidationException'])
    expect(message).toContain(`at 'name' failed to satisfy constraint: Member must have length ${text}`)
  })
})

test('each region has its own secrets, by the credential scope of the request', async () => {
  await create('n')
  const west = clientFor(h.emulator.url, undefined, 'eu-west-1')
  await expect(west.send(new GetSecretValueCommand({ SecretId: 'n' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
  const signed = {
    authorization:
      'AWS4-HMAC-SHA256 Credential=k/20260101/eu-west-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0',
  }
  const made = await h.ok(
    'CreateSecret',
    { Name: 'n', SecretString: 'west', ClientRequestToken: randomUUID() },
    signed,
  )
  expect(made.ARN).toContain(':eu-west-1:')
  expect((await west.send(new GetSecretValueCommand({ SecretId: 'n' }))).SecretString).toBe('west')
  const presigned = await fetch(
    `${h.emulator.url}/?X-Amz-Credential=k/20260101/eu-west-1/secretsmanager/aws4_request`,
    {
      method: 'POST',
      headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
      body: '{"SecretId":"n"}',
    },
  )
  expect(await presigned.json()).toMatchObject({ SecretString: 'west' })
  expect((await h.ok('GetSecretValue', { SecretId: 'n' })).SecretString).toBe('x')
  west.destroy()
})

test.each([
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['eu-central-1', 'aws'],
])('an ARN in %s is of the partition %s', async (region, partition) => {
  const client = clientFor(h.emulator.url, undefined, region)
  const made = await client.send(new CreateSecretCommand({ Name: 'n', SecretString: 'x' }))
  expect(made.ARN).toMatch(new RegExp(`^arn:${partition}:secretsmanager:${region}:123456789012:secret:n-`))
  expect((await client.send(new GetSecretValueCommand({ SecretId: made.ARN }))).Name).toBe('n')
  const foreign = made.ARN?.replace(partition, 'aws-iso')
  await expect(client.send(new GetSecretValueCommand({ SecretId: foreign }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
  client.destroy()
})
