import { randomUUID } from 'node:crypto'
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, start, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

const noToken = [
  400,
  'InvalidRequestException',
  'You must provide a ClientRequestToken value. We recommend a UUID-type value.',
]
const missing = [400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret."]

describe('CreateSecret', () => {
  test('makes one version with AWSCURRENT, whose id is the token', async () => {
    const ClientRequestToken = randomUUID()
    const made = await h.client.send(
      new CreateSecretCommand({ Name: 'a/b', SecretString: 'x', ClientRequestToken }),
    )
    expect(made).toMatchObject({ Name: 'a/b', VersionId: ClientRequestToken })
    expect(made.ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:123456789012:secret:a\/b-[A-Za-z0-9]{6}$/)
    expect(made.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/)
    const got = await h.client.send(new GetSecretValueCommand({ SecretId: 'a/b' }))
    expect(got).toMatchObject({
      SecretString: 'x',
      VersionStages: ['AWSCURRENT'],
      CreatedDate: new Date(start),
    })
    expect(got.SecretBinary).toBeUndefined()
  })

  test('without a value makes no version, and shows none', async () => {
    expect(await h.create('empty', { Description: '' })).toBeUndefined()
    expect(Object.keys(await h.ok('DescribeSecret', { SecretId: 'empty' }))).toEqual([
      'ARN',
      'Name',
      'CreatedDate',
      'LastChangedDate',
    ])
    expect(await h.refused('GetSecretValue', { SecretId: 'empty' })).toEqual([
      400,
      'ResourceNotFoundException',
      "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    ])
    const first = await h.put('empty', 'v1', ['CUSTOM'])
    expect((await h.ok('DescribeSecret', { SecretId: 'empty' })).VersionIdsToStages).toEqual({
      [first]: ['AWSCURRENT', 'CUSTOM'],
    })
  })

  test('is repeatable with its token and value, and refuses anything else', async () => {
    const body = { Name: 'n', SecretString: 'x', ClientRequestToken: randomUUID() }
    const made = await h.ok('CreateSecret', body)
    expect(await h.ok('CreateSecret', body)).toEqual(made)
    expect(await h.refused('CreateSecret', { ...body, SecretString: 'y' })).toEqual([
      400,
      'ResourceExistsException',
      `You can't use ClientRequestToken ${body.ClientRequestToken} because that value is already in use for a version of secret ${made.ARN}.`,
    ])
    expect(await h.refused('CreateSecret', { ...body, ClientRequestToken: randomUUID() })).toEqual([
      400,
      'ResourceExistsException',
      'The operation failed because the secret n already exists.',
    ])
  })

  test('keeps what it is told', async () => {
    const details = {
      Description: 'd',
      KmsKeyId: 'alias/k',
      Tags: [{ Key: 'k', Value: 'v' }],
      SecretString: 'x',
    }
    const id = await h.create('n', details)
    expect(await h.ok('DescribeSecret', { SecretId: 'n' })).toMatchObject({
      Description: 'd',
      KmsKeyId: 'alias/k',
      Tags: details.Tags,
      CreatedDate: start / 1000,
      VersionIdsToStages: { [id]: ['AWSCURRENT'] },
    })
  })
})

describe('idempotency by token', () => {
  test.each(['PutSecretValue', 'UpdateSecret'])(
    '%s: same again is nothing new, other content is refused',
    async (operation) => {
      await h.create('n')
      const body = { SecretId: 'n', SecretString: 'v2', ClientRequestToken: randomUUID() }
      const first = await h.ok(operation, body)
      await h.put('n', 'v3')
      expect((await h.ok(operation, body)).VersionId).toBe(first.VersionId)
      expect((await h.ok('GetSecretValue', { SecretId: 'n' })).SecretString).toBe('v3')
      for (const changed of [{ SecretString: 'other' }, { SecretString: undefined, SecretBinary: 'djI=' }]) {
        expect((await h.refused(operation, { ...body, ...changed }))[1]).toBe('ResourceExistsException')
      }
      expect(
        (await h.ok('ListSecretVersionIds', { SecretId: 'n', IncludeDeprecated: true })).Versions,
      ).toHaveLength(3)
    },
  )

  test('the SDK brings a new token with every call, so a second call is a second version', async () => {
    await h.create('n')
    const put = () => h.client.send(new PutSecretValueCommand({ SecretId: 'n', SecretString: 'same' }))
    expect((await put()).VersionId).not.toBe((await put()).VersionId)
    const described = await h.client.send(new UpdateSecretCommand({ SecretId: 'n', Description: 'd' }))
    expect(described.VersionId).toBeUndefined()
  })

  test.each([
    ['CreateSecret', { Name: 'n', SecretString: 'x' }],
    ['PutSecretValue', { SecretId: 'none', SecretString: 'x' }],
    ['UpdateSecret', { SecretId: 'none', Description: 'x' }],
  ])('%s without a token is refused before anything else is looked at', async (operation, body) => {
    expect(await h.refused(operation, body)).toEqual(noToken)
  })
})

describe('values', () => {
  test('binary comes back as bytes in the SDK and as base64 on the wire', async () => {
    const bytes = new Uint8Array([0, 255, 10, 13])
    await h.client.send(new CreateSecretCommand({ Name: 'bin', SecretBinary: bytes }))
    const got = await h.client.send(new GetSecretValueCommand({ SecretId: 'bin' }))
    expect(got.SecretBinary).toEqual(bytes)
    expect(got.SecretString).toBeUndefined()
    expect((await h.ok('GetSecretValue', { SecretId: 'bin' })).SecretBinary).toBe('AP8KDQ==')
  })

  test.each([
    ['text', 'SecretString', 'é'.repeat(32_768), 'é'.repeat(32_769)],
    [
      'binary',
      'SecretBinary',
      Buffer.alloc(65_536).toString('base64'),
      Buffer.alloc(65_537).toString('base64'),
    ],
  ])(
    '%s holds 65,536 bytes and no more, and never shows in the error',
    async (_title, field, fits, tooLong) => {
      await h.create('n', { [field]: fits })
      expect((await h.ok('GetSecretValue', { SecretId: 'n' }))[field]).toBe(fits)
      const name = field.charAt(0).toLowerCase() + field.slice(1)
      const body = { SecretId: 'n', ClientRequestToken: randomUUID() }
      expect(await h.refused('PutSecretValue', { ...body, [field]: tooLong })).toEqual([
        400,
        'ValidationException',
        `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must have length less than or equal to 65536`,
      ])
      expect((await h.refused('PutSecretValue', { ...body, [field]: '' }))[2]).toContain(
        'greater than or equal to 1',
      )
    },
  )

  test('text that is hard on a parser comes back as it was', async () => {
    const value = ' {"a":1}\n\u0000\u2028"\\ 😀'
    await h.create('n', { SecretString: value })
    expect((await h.client.send(new GetSecretValueCommand({ SecretId: 'n' }))).SecretString).toBe(value)
  })

  test.each(['CreateSecret', 'PutSecretValue', 'UpdateSecret'])(
    '%s refuses text and binary together',
    async (operation) => {
      await h.create('n')
      const body = {
        Name: 'm',
        SecretId: 'n',
        SecretString: 'x',
        SecretBinary: 'eA==',
        ClientRequestToken: randomUUID(),
      }
      expect(await h.refused(operation, body)).toEqual([
        400,
        'InvalidParameterException',
        "You can't specify both a binary secret value and a string secret value in the same secret.",
      ])
    },
  )

  test('PutSecretValue needs a value', async () => {
    await h.create('n')
    expect(await h.refused('PutSecretValue', { SecretId: 'n', ClientRequestToken: randomUUID() })).toEqual([
      400,
      'InvalidRequestException',
      'You must provide either SecretString or SecretBinary.',
    ])
  })
})

describe('GetSecretValue', () => {
  test('reads by label, by version, and by both when they belong together', async () => {
    const v1 = await h.create('n')
    const v2 = await h.put('n', 'v2')
    const read = async (more: object) =>
      (await h.ok('GetSecretValue', { SecretId: 'n', ...more })).SecretString
    expect(await read({})).toBe('v2')
    expect(await read({ VersionStage: 'AWSPREVIOUS' })).toBe('v1')
    expect(await read({ VersionId: v1 })).toBe('v1')
    expect(await read({ VersionId: v2, VersionStage: 'AWSCURRENT' })).toBe('v2')
  })

  test('says what it cannot find', async () => {
    const v1 = await h.create('n')
    const unknown = randomUUID()
    const cases: [object, unknown[]][] = [
      [{ SecretId: 'other' }, missing],
      [
        { VersionId: unknown },
        [
          400,
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret value for VersionId: ${unknown}`,
        ],
      ],
      [
        { VersionStage: 'AWSPENDING' },
        [
          400,
          'ResourceNotFoundException',
          "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
        ],
      ],
      [
        { VersionId: v1, VersionStage: 'AWSPREVIOUS' },
        [
          400,
          'InvalidRequestException',
          'You provided a VersionStage that is not associated to the provided VersionId.',
        ],
      ],
    ]
    for (const [body, expected] of cases) {
      expect(await h.refused('GetSecretValue', { SecretId: 'n', ...body })).toEqual(expected)
    }
  })

  test('is the only thing that moves LastAccessedDate, by whole days', async () => {
    const id = await h.create('n')
    await h.put('n', 'v2')
    const accessed = async () => (await h.ok('DescribeSecret', { SecretId: 'n' })).LastAccessedDate
    expect(await accessed()).toBeUndefined()
    await h.ok('GetSecretValue', { SecretId: 'n', VersionId: id })
    expect(await accessed()).toBe(Date.UTC(2026, 0, 1) / 1000)
    h.clock.advance(86_400_000)
    expect(await accessed()).toBe(Date.UTC(2026, 0, 1) / 1000)
    await h.ok('GetSecretValue', { SecretId: 'n' })
    expect(await accessed()).toBe(Date.UTC(2026, 0, 2) / 1000)
    const { Versions } = await h.ok('ListSecretVersionIds', { SecretId: 'n' })
    expect(Versions.map((version: { LastAccessedDate: number }) => version.LastAccessedDate)).toEqual([
      Date.UTC(2026, 0, 1) / 1000,
      Date.UTC(2026, 0, 2) / 1000,
    ])
  })
})

describe('UpdateSecret', () => {
  test('changes the description alone, the value alone, or nothing', async () => {
    const v1 = await h.create('n', { SecretString: 'v1', Description: 'one' })
    const update = (more: object) =>
      h.ok('UpdateSecret', { SecretId: 'n', ClientRequestToken: randomUUID(), ...more })
    h.clock.advance(1500)
    expect(Object.keys(await update({ Description: 'two' }))).toEqual(['ARN', 'Name'])
    const { VersionId: v2 } = await update({ SecretString: 'v2' })
    expect(Object.keys(await update({}))).toEqual(['ARN', 'Name'])
    const details = await h.client.send(new DescribeSecretCommand({ SecretId: 'n' }))
    expect(details).toMatchObject({
      Description: 'two',
      CreatedDate: new Date(start),
      LastChangedDate: new Date(start + 1500),
      VersionIdsToStages: { [v1]: ['AWSPREVIOUS'], [v2]: ['AWSCURRENT'] },
    })
  })

  test('an empty key is the one that AWS manages, an empty description none', async () => {
    await h.create('n', { SecretString: 'x', KmsKeyId: 'alias/mine', Description: 'd' })
    const body = {
      SecretId: 'n',
      ClientRequestToken: randomUUID(),
      KmsKeyId: '',
      Description: '',
      SecretString: 'y',
    }
    await h.ok('UpdateSecret', body)
    const details = await h.ok('DescribeSecret', { SecretId: 'n' })
    expect([details.KmsKeyId, details.Description]).toEqual([undefined, undefined])
    const { Versions } = await h.ok('ListSecretVersionIds', { SecretId: 'n' })
    expect(Versions.map((version: { KmsKeyIds: string[] }) => version.KmsKeyIds)).toEqual([
      ['alias/mine'],
      ['DefaultEncryptionKey'],
    ])
  })
})

test.each([
  'DeleteSecret',
  'DescribeSecret',
  'GetResourcePolicy',
  'GetSecretValue',
  'ListSecretVersionIds',
  'RestoreSecret',
  'DeleteResourcePolicy',
])('%s of a secret that is not there is 400, never 404', async (operation) => {
  expect(await h.refused(operation, { SecretId: 'none' })).toEqual(missing)
})
