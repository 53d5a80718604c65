import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, start, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
  await h.create('n')
})
afterEach(() => h.close())

const statement = (more: object = {}) => ({
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::123456789012:root' },
  Action: 'secretsmanager:GetSecretValue',
  Resource: '*',
  ...more,
})
const policy = (more?: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement(more)] })

describe('a resource policy', () => {
  test('is kept as it was written, and deleted', async () => {
    const { ARN } = await h.ok('DescribeSecret', { SecretId: 'n' })
    expect(await h.ok('GetResourcePolicy', { SecretId: 'n' })).toEqual({ ARN, Name: 'n' })
    const body = { SecretId: 'n', ResourcePolicy: policy({ Principal: '*' }) }
    expect(await h.ok('PutResourcePolicy', body)).toEqual({ ARN, Name: 'n' })
    expect((await h.ok('GetResourcePolicy', { SecretId: 'n' })).ResourcePolicy).toBe(body.ResourcePolicy)
    await h.ok('DeleteResourcePolicy', { SecretId: 'n' })
    expect(await h.ok('GetResourcePolicy', { SecretId: 'n' })).toEqual({ ARN, Name: 'n' })
  })

  test.each([
    'no json',
    '[]',
    '{}',
    '{"Statement":[]}',
    '{"Version":"2020-01-01","Statement":{}}',
    policy({ Effect: 'Maybe' }),
    policy({ Principal: undefined }),
    policy({ Action: undefined }),
  ])('%s is malformed', async (ResourcePolicy) => {
    for (const operation of ['PutResourcePolicy', 'ValidateResourcePolicy']) {
      const answer = await h.refused(operation, { SecretId: 'n', ResourcePolicy })
      expect(answer.slice(0, 2)).toEqual([400, 'MalformedPolicyDocumentException'])
    }
  })

  test.each(['*', { AWS: '*' }, { AWS: ['arn:aws:iam::123456789012:root', '*'] }])(
    'that lets in %j is public',
    async (Principal) => {
      const broad = { SecretId: 'n', ResourcePolicy: policy({ Principal }) }
      expect((await h.refused('PutResourcePolicy', { ...broad, BlockPublicPolicy: true }))[1]).toBe(
        'PublicPolicyException',
      )
      expect((await h.ok('ValidateResourcePolicy', broad)).PolicyValidationPassed).toBe(false)
      for (const narrow of [
        policy(),
        policy({ Principal, Effect: 'Deny' }),
        policy({ Principal, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }),
      ]) {
        await h.ok('PutResourcePolicy', { SecretId: 'n', ResourcePolicy: narrow, BlockPublicPolicy: true })
        expect(await h.ok('ValidateResourcePolicy', { ResourcePolicy: narrow })).toEqual({
          PolicyValidationPassed: true,
          ValidationErrors: [],
        })
      }
    },
  )

  test('has 20,480 characters at most', async () => {
    const answer = await h.refused('PutResourcePolicy', { SecretId: 'n', ResourcePolicy: ' '.repeat(20_481) })
    expect(answer.slice(0, 2)).toEqual([400, 'ValidationException'])
  })
})

describe('replication', () => {
  const west = {
    authorization:
      'AWS4-HMAC-SHA256 Credential=k/20260101/eu-west-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0',
  }
  const replicate = (more: object = {}) =>
    h.ok('ReplicateSecretToRegions', { SecretId: 'n', AddReplicaRegions: [{ Region: 'eu-west-1' }], ...more })
  const inSync = {
    Region: 'eu-west-1',
    KmsKeyId: 'alias/aws/secretsmanager',
    Status: 'InSync',
    StatusMessage: 'Replication succeeded',
  }

  test('gives the other region the same ARN and values, and follows the primary', async () => {
    const { ARN } = await h.ok('DescribeSecret', { SecretId: 'n' })
    expect(await replicate()).toEqual({ ARN, ReplicationStatus: [inSync] })
    await h.put('n', 'v2')
    const replica = await h.ok('GetSecretValue', { SecretId: ARN.replace('us-east-1', 'eu-west-1') }, west)
    expect(replica).toMatchObject({ ARN: ARN.replace('us-east-1', 'eu-west-1'), SecretString: 'v2' })
    expect(await h.ok('DescribeSecret', { SecretId: 'n' })).toMatchObject({
      PrimaryRegion: 'us-east-1',
      ReplicationStatus: [inSync],
    })
    const filter = { Filters: [{ Key: 'primary-region', Values: ['us-'] }] }
    expect((await h.ok('ListSecrets', filter, west)).SecretList).toHaveLength(1)
  })

  test('a replica has its own key and date, and neither the status nor an empty list of tags', async () => {
    const tags = { Tags: [{ Key: 'k', Value: 'v' }] }
    await h.create('m', { SecretString: 'x', KmsKeyId: 'alias/east', ...tags })
    h.clock.advance(60_000)
    await h.ok('ReplicateSecretToRegions', {
      SecretId: 'm',
      AddReplicaRegions: [{ Region: 'eu-west-1', KmsKeyId: 'alias/west' }],
    })
    const describe = () => h.ok('DescribeSecret', { SecretId: 'm' }, west)
    const replica = await describe()
    expect(replica).toMatchObject({
      KmsKeyId: 'alias/west',
      CreatedDate: start / 1000 + 60,
      PrimaryRegion: 'us-east-1',
      ...tags,
    })
    expect(replica).not.toHaveProperty('ReplicationStatus')
    await h.ok('UntagResource', { SecretId: 'm', TagKeys: ['k'] })
    expect(await describe()).not.toHaveProperty('Tags')
  })

  test('can be asked for at creation', async () => {
    const body = { Name: 'm', SecretString: 'x', ClientRequestToken: randomUUID() }
    const made = await h.ok('CreateSecret', {
      ...body,
      AddReplicaRegions: [{ Region: 'eu-west-1', KmsKeyId: 'alias/k' }],
    })
    expect(made.ReplicationStatus).toEqual([{ ...inSync, KmsKeyId: 'alias/k' }])
    expect((await h.ok('GetSecretValue', { SecretId: 'm' }, west)).SecretString).toBe('x')
  })

  test.each([
    ['PutSecretValue', { SecretString: 'x', ClientRequestToken: randomUUID() }],
    ['UpdateSecret', { Description: 'x', ClientRequestToken: randomUUID() }],
    ['TagResource', { Tags: [{ Key: 'k', Value: 'v' }] }],
    ['DeleteSecret', {}],
    ['RestoreSecret', {}],
    ['UpdateSecretVersionStage', { VersionStage: 'X', MoveToVersionId: randomUUID() }],
  ])('%s is refused on a replica', async (operation, body) => {
    await replicate()
    expect(await h.refused(operation, { SecretId: 'n', ...body }, west)).toEqual([
      400,
      'InvalidParameterException',
      "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
    ])
  })

  test('holds a primary back from deletion until it is removed', async () => {
    await replicate()
    const { ARN } = await h.ok('DescribeSecret', { SecretId: 'n' })
    expect(await h.refused('DeleteSecret', { SecretId: 'n', ForceDeleteWithoutRecovery: true })).toEqual([
      400,
      'InvalidParameterException',
      `You can't delete secret ${ARN} that still has replica regions [eu-west-1].`,
    ])
    const removed = await h.ok('RemoveRegionsFromReplication', {
      SecretId: 'n',
      RemoveReplicaRegions: ['eu-west-1'],
    })
    expect(removed.ReplicationStatus).toEqual([])
    expect((await h.refused('GetSecretValue', { SecretId: 'n' }, west))[1]).toBe('ResourceNotFoundException')
    await h.ok('DeleteSecret', { SecretId: 'n', ForceDeleteWithoutRecovery: true })
  })

  test('fails where the name is taken, unless it may overwrite', async () => {
    await h.ok('CreateSecret', { Name: 'n', SecretString: 'other', ClientRequestToken: randomUUID() }, west)
    const failed = {
      ...inSync,
      Status: 'Failed',
      StatusMessage: 'Replication failed: Secret name n already exists in region eu-west-1.',
    }
    expect((await replicate()).ReplicationStatus).toEqual([failed])
    expect((await h.ok('GetSecretValue', { SecretId: 'n' }, west)).SecretString).toBe('other')
    expect((await replicate({ ForceOverwriteReplicaSecret: true })).ReplicationStatus).toEqual([inSync])
    expect((await h.ok('GetSecretValue', { SecretId: 'n' }, west)).SecretString).toBe('v1')
  })

  test('ends in a secret of its own', async () => {
    await replicate()
    const { ARN } = await h.ok('DescribeSecret', { SecretId: 'n' }, west)
    expect(await h.ok('StopReplicationToReplica', { SecretId: 'n' }, west)).toEqual({ ARN })
    await h.put('n', 'v2')
    expect((await h.ok('GetSecretValue', { SecretId: 'n' }, west)).SecretString).toBe('v1')
    expect((await h.ok('DescribeSecret', { SecretId: 'n' })).ReplicationStatus).toBeUndefined()
    await h.ok('DeleteSecret', { SecretId: 'n', ForceDeleteWithoutRecovery: true })
    expect((await h.ok('GetSecretValue', { SecretId: 'n' }, west)).SecretString).toBe('v1')
    expect((await h.refused('StopReplicationToReplica', { SecretId: 'n' }, west))[1]).toBe(
      'InvalidParameterException',
    )
  })

  test.each([
    [[{ Region: 'nowhere' }], 'ValidationException'],
    [[{ Region: 'us-east-1' }], 'InvalidParameterException'],
    [[{ KmsKeyId: 'x' }], 'InvalidParameterException'],
    [[], 'ValidationException'],
  ])('to %j is refused', async (AddReplicaRegions, code) => {
    const answer = await h.refused('ReplicateSecretToRegions', { SecretId: 'n', AddReplicaRegions })
    expect(answer.slice(0, 2)).toEqual([400, code])
  })
})
