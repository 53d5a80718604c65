import { randomUUID } from 'node:crypto'
import { DeleteSecretCommand, DescribeSecretCommand } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, start, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

const day = 86_400_000
const pending = [
  400,
  'InvalidRequestException',
  "You can't perform this operation on the secret because it was marked for deletion.",
]
const token = () => ({ ClientRequestToken: randomUUID() })

describe('a recoverable deletion', () => {
  test.each([
    [undefined, 30],
    [7, 7],
    [30, 30],
  ])(
    'with a window of %s days ends after %i, and not a millisecond before',
    async (RecoveryWindowInDays, days) => {
      await h.create('n')
      const answer = await h.client.send(new DeleteSecretCommand({ SecretId: 'n', RecoveryWindowInDays }))
      expect(answer.DeletionDate).toEqual(new Date(start + days * day))
      h.clock.advance(days * day - 1)
      const details = await h.client.send(new DescribeSecretCommand({ SecretId: 'n' }))
      expect(details.DeletedDate).toEqual(new Date(start))
      expect(Object.values(details.VersionIdsToStages ?? {})).toEqual([['AWSCURRENT']])
      h.clock.advance(1)
      expect((await h.refused('DescribeSecret', { SecretId: 'n' }))[1]).toBe('ResourceNotFoundException')
      expect((await h.refused('RestoreSecret', { SecretId: 'n' }))[1]).toBe('ResourceNotFoundException')
      await h.create('n', { SecretString: 'again' })
      expect(await h.ok('ListSecretVersionIds', { SecretId: 'n', IncludeDeprecated: true })).toMatchObject({
        Versions: [{ VersionStages: ['AWSCURRENT'] }],
      })
    },
  )

  test.each([
    ['GetSecretValue', {}],
    ['PutSecretValue', { SecretString: 'x', ...token() }],
    ['UpdateSecret', { Description: 'x', ...token() }],
    ['UpdateSecretVersionStage', { VersionStage: 'X', MoveToVersionId: randomUUID() }],
    ['TagResource', { Tags: [{ Key: 'k', Value: 'v' }] }],
    ['UntagResource', { TagKeys: ['k'] }],
    ['DeleteSecret', {}],
    ['GetResourcePolicy', {}],
  ])('%s answers that it was marked, not that it is missing', async (operation, body) => {
    await h.create('n')
    await h.ok('DeleteSecret', { SecretId: 'n' })
    expect(await h.refused(operation, { SecretId: 'n', ...body })).toEqual(pending)
  })

  test('the name cannot be created again', async () => {
    await h.create('n')
    await h.ok('DeleteSecret', { SecretId: 'n', RecoveryWindowInDays: 7 })
    expect(await h.refused('CreateSecret', { Name: 'n', SecretString: 'x', ...token() })).toEqual([
      400,
      'InvalidRequestException',
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    ])
  })

  test('a batch reports it as an error of that secret', async () => {
    await h.create('n')
    await h.ok('DeleteSecret', { SecretId: 'n' })
    expect(await h.ok('BatchGetSecretValue', { SecretIdList: ['n'] })).toEqual({
      SecretValues: [],
      Errors: [{ SecretId: 'n', ErrorCode: pending[1], Message: pending[2] }],
    })
  })

  test('restore brings everything back, and is harmless otherwise', async () => {
    await h.create('n', { SecretString: 'v1', Tags: [{ Key: 'k', Value: 'v' }] })
    const before = await h.ok('DescribeSecret', { SecretId: 'n' })
    await h.ok('DeleteSecret', { SecretId: 'n' })
    expect(Object.keys(await h.ok('RestoreSecret', { SecretId: 'n' }))).toEqual(['ARN', 'Name'])
    await h.ok('RestoreSecret', { SecretId: 'n' })
    expect(await h.ok('DescribeSecret', { SecretId: 'n' })).toEqual(before)
    h.clock.advance(31 * day)
    expect((await h.ok('GetSecretValue', { SecretId: 'n' })).SecretString).toBe('v1')
  })

  test('whose time has come leaves nothing in the state after the next write', async () => {
    await h.create('n', { SecretString: 'needle' })
    await h.ok('GetSecretValue', { SecretId: 'n' })
    await h.ok('DeleteSecret', { SecretId: 'n' })
    h.clock.advance(30 * day)
    await h.ok('DeleteSecret', { SecretId: 'other', ForceDeleteWithoutRecovery: true })
    const { counters, ...kept } = h.emulator.state.dump().collections
    expect(counters).toEqual([['secrets', { count: 1 }]])
    expect(kept).toEqual({ secrets: [], values: [], accesses: [], deletions: [] })
  })
})

describe('a forced deletion', () => {
  const force = { ForceDeleteWithoutRecovery: true }

  test('is at once, and the next secret of the name has another ARN', async () => {
    await h.create('n')
    const { ARN: first } = await h.ok('DescribeSecret', { SecretId: 'n' })
    const answer = await h.ok('DeleteSecret', { SecretId: 'n', ...force })
    expect(answer).toEqual({ ARN: first, Name: 'n', DeletionDate: start / 1000 })
    expect((await h.refused('GetSecretValue', { SecretId: 'n' }))[1]).toBe('ResourceNotFoundException')
    await h.create('n')
    const { ARN: second } = await h.ok('DescribeSecret', { SecretId: 'n' })
    expect(second).not.toBe(first)
    expect((await h.refused('DescribeSecret', { SecretId: first }))[1]).toBe('ResourceNotFoundException')
  })

  test('works on a secret that is pending deletion, and on one that is not there', async () => {
    await h.create('n')
    await h.ok('DeleteSecret', { SecretId: 'n' })
    await h.ok('DeleteSecret', { SecretId: 'n', ...force })
    const answer = await h.ok('DeleteSecret', { SecretId: 'never', ...force })
    expect(answer).toMatchObject({ Name: 'never', DeletionDate: start / 1000 })
    expect(answer.ARN).toMatch(/:secret:never-[A-Za-z0-9]{6}$/)
  })

  test('can take a while, as on AWS: until then the name is taken', async () => {
    await h.close()
    h = await startHarness({ forceDeleteDelayMs: 5_000 })
    await h.create('n')
    await h.ok('DeleteSecret', { SecretId: 'n', ...force })
    expect(await h.refused('GetSecretValue', { SecretId: 'n' })).toEqual(pending)
    expect((await h.ok('DescribeSecret', { SecretId: 'n' })).DeletedDate).toBe(start / 1000)
    expect((await h.refused('CreateSecret', { Name: 'n', ...token() }))[1]).toBe('InvalidRequestException')
    h.clock.advance(5_000)
    await h.create('n')
  })
})

test.each([
  [
    { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true },
    "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
  ],
  [
    { RecoveryWindowInDays: 0, ForceDeleteWithoutRecovery: true },
    'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
  ],
  [{ RecoveryWindowInDays: 6 }, 'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).'],
  [{ RecoveryWindowInDays: 31 }, 'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).'],
])('%j is refused and deletes nothing', async (body, message) => {
  await h.create('n')
  const answer = await h.refused('DeleteSecret', { SecretId: 'n', ...body })
  expect(answer).toEqual([400, 'InvalidParameterException', message])
  await h.ok('GetSecretValue', { SecretId: 'n' })
})
