import { randomUUID } from 'node:crypto'
import { paginateListSecretVersionIds } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

const hour = 3_600_000
const list = async (more: object = {}) =>
  (await h.ok('ListSecretVersionIds', { SecretId: 'n', ...more })).Versions as {
    VersionId: string
    VersionStages?: string[]
  }[]

describe('ListSecretVersionIds', () => {
  test('hides versions without a label unless asked, and then shows them without the field', async () => {
    const v1 = await h.create('n')
    const v2 = await h.put('n', 'v2')
    const v3 = await h.put('n', 'v3')
    expect((await list()).map(({ VersionId }) => VersionId)).toEqual([v2, v3])
    const all = await list({ IncludeDeprecated: true })
    expect(all.map(({ VersionId }) => VersionId)).toEqual([v1, v2, v3])
    expect(Object.keys(all[0] ?? {})).toEqual(['VersionId', 'CreatedDate', 'KmsKeyIds'])
    expect((await h.ok('GetSecretValue', { SecretId: 'n', VersionId: v1 })).SecretString).toBe('v1')
  })

  test('pages, and the SDK walks them', async () => {
    await h.create('n')
    for (let i = 2; i <= 5; i += 1) await h.put('n', `v${i}`, [`L${i}`])
    const sizes: (number | undefined)[] = []
    for await (const page of paginateListSecretVersionIds(
      { client: h.client, pageSize: 2 },
      { SecretId: 'n' },
    )) {
      sizes.push(page.Versions?.length)
    }
    expect(sizes).toEqual([2, 2, 1])
  })

  test('shows a secret that is scheduled for deletion', async () => {
    await h.create('n')
    await h.ok('DeleteSecret', { SecretId: 'n' })
    expect(await list()).toHaveLength(1)
  })

  test('refuses a token of another secret, and one it never gave', async () => {
    for (const name of ['n', 'm']) {
      await h.create(name)
      await h.put(name, 'v2')
    }
    const { NextToken } = await h.ok('ListSecretVersionIds', { SecretId: 'm', MaxResults: 1 })
    for (const token of [NextToken, 'garbage', Buffer.from('null').toString('base64url')]) {
      const answer = await h.refused('ListSecretVersionIds', { SecretId: 'n', NextToken: token })
      expect(answer.slice(0, 2)).toEqual([400, 'InvalidNextTokenException'])
    }
  })
})

describe('the reaper', () => {
  test('takes the oldest beyond 100 without a label, none younger than a day, and never a labelled one', async () => {
    const ids = [await h.create('n')]
    await h.ok('UpdateSecretVersionStage', { SecretId: 'n', VersionStage: 'KEEP', MoveToVersionId: ids[0] })
    for (let i = 1; i < 110; i += 1) ids.push(await h.put('n', `v${i}`))
    expect(await list({ IncludeDeprecated: true, MaxResults: 100 })).toHaveLength(100)
    h.clock.advance(24 * hour - 1)
    await h.ok('GetSecretValue', { SecretId: 'n', VersionId: ids[1] })
    h.clock.advance(1)
    const gone = ids.slice(1, 8)
    for (const id of gone) {
      expect((await h.refused('GetSecretValue', { SecretId: 'n', VersionId: id }))[1]).toBe(
        'ResourceNotFoundException',
      )
    }
    await h.ok('GetSecretValue', { SecretId: 'n', VersionId: ids[8] })
    await h.ok('GetSecretValue', { SecretId: 'n', VersionId: ids[0] })
    await h.put('n', 'next')
    const dump = JSON.stringify(h.emulator.state.dump())
    expect(gone.filter((id) => dump.includes(id ?? ''))).toEqual([])
  })

  test('cannot keep up with a burst: the quota answers LimitExceededException until a day has passed', async () => {
    await h.close()
    h = await startHarness({ maxVersions: 103 })
    await h.create('n')
    for (let i = 2; i <= 103; i += 1) await h.put('n', `v${i}`)
    const body = { SecretId: 'n', SecretString: 'x', ClientRequestToken: randomUUID() }
    expect((await h.refused('PutSecretValue', body)).slice(0, 2)).toEqual([400, 'LimitExceededException'])
    expect((await h.ok('GetSecretValue', { SecretId: 'n' })).SecretString).toBe('v103')
    h.clock.advance(24 * hour)
    await h.ok('PutSecretValue', body)
  })
})
