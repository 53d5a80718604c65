import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, project, startHarness, transports } from './harness.js'

describe.each(transports)('over %s', (transport) => {
  let h: Harness
  beforeEach(async () => {
    h = await startHarness(transport)
  })
  afterEach(() => h.close())

  const idOf = ({ name }: { name: string }): string => name.split('/').at(-1) ?? ''
  const list = async (more: object = {}): Promise<string[]> => {
    const { secrets = [] } = await h.call('ListSecrets', { parent: project, ...more })
    return secrets.map(idOf)
  }
  const filtered = (filter: string): Promise<string[]> => list({ filter })

  test('the newest come first, also where the clock stands still', async () => {
    for (const id of ['b', 'a', 'c']) await h.make(id, ['1', '2', '3'])
    expect(await list()).toEqual(['c', 'a', 'b'])
    const { versions, totalSize } = await h.call('ListSecretVersions', { parent: `${project}/secrets/a` })
    expect([versions.map(idOf), totalSize]).toEqual([['3', '2', '1'], 3])
    expect(JSON.stringify(versions)).not.toContain('payload')
  })

  test('pages go on where they ended, whatever comes and goes', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await h.make(id)
    const first = await h.call('ListSecrets', { parent: project, pageSize: 2 })
    expect([first.secrets.map(idOf), first.totalSize]).toEqual([['e', 'd'], 5])
    await h.call('DeleteSecret', { name: `${project}/secrets/d` })
    await h.make('f')
    const second = await h.call('ListSecrets', {
      parent: project,
      pageSize: 2,
      pageToken: first.nextPageToken,
    })
    expect(second.secrets.map(idOf)).toEqual(['c', 'b'])
    const last = await h.call('ListSecrets', { parent: project, pageToken: second.nextPageToken })
    expect(last.secrets.map(idOf)).toEqual(['a'])
    expect(last).not.toHaveProperty('nextPageToken')
  })

  test('a page has 100 items where nobody asks, and never more than 25,000', {
    timeout: 30_000,
  }, async () => {
    const name = await h.make('a')
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(
        Array.from({ length: 11 }, () =>
          h.call('AddSecretVersion', { parent: name, payload: { data: 'eA==' } }),
        ),
      )
    }
    const page = await h.call('ListSecretVersions', { parent: name })
    expect([page.versions.length, page.totalSize, page.nextPageToken !== undefined]).toEqual([100, 110, true])
    expect((await h.call('ListSecretVersions', { parent: name, pageSize: 99_999 })).versions).toHaveLength(
      110,
    )
  })

  test('a size below 0, and a token of another listing, are refused', async () => {
    for (const id of ['a', 'b']) await h.make(id, ['1', '2'])
    const { nextPageToken: pageToken } = await h.call('ListSecrets', { parent: project, pageSize: 1 })
    const refused = async (request: object, rpc = 'ListSecrets'): Promise<string> =>
      (await h.refusal(rpc, { parent: project, ...request }))[0]
    expect(await refused({ pageSize: -1 })).toBe('INVALID_ARGUMENT')
    expect(await refused({ pageToken: 'nonsense' })).toBe('INVALID_ARGUMENT')
    expect(await refused({ pageToken, filter: 'name:a' })).toBe('INVALID_ARGUMENT')
    expect(await refused({ pageToken, parent: 'projects/other-one' })).toBe('INVALID_ARGUMENT')
    expect(await refused({ pageToken, parent: `${project}/secrets/a` }, 'ListSecretVersions')).toBe(
      'INVALID_ARGUMENT',
    )
    expect((await h.refusal('ListSecretVersions', { parent: `${project}/secrets/x` }))[0]).toBe('NOT_FOUND')
  })

  describe('a filter', () => {
    beforeEach(async () => {
      await h.make('db-prod', [], { labels: { env: 'prod', team: 'a-b' }, ttl: '86400s' })
      h.advance(1_000)
      await h.make('db-test', [], { labels: { env: 'test' }, annotations: { owner: 'Ann Lee' } })
      h.advance(1_000)
      await h.make('API', [], { topics: [{ name: 'projects/p/topics/t-one' }] })
    })

    test.each([
      ['name:db', ['db-test', 'db-prod']],
      ['name:DB', ['db-test', 'db-prod']],
      ['db-prod', ['db-prod']],
      ['name:api OR name:prod', ['API', 'db-prod']],
      ['labels.env=prod', ['db-prod']],
      ['labels.env = "prod"', ['db-prod']],
      ["labels.env='prod'", ['db-prod']],
      ['labels.env:*', ['db-test', 'db-prod']],
      ['labels:env', ['db-test', 'db-prod']],
      ['labels:team', ['db-prod']],
      ['labels.env!=prod', ['API', 'db-test']],
      ['NOT labels.env=prod', ['API', 'db-test']],
      ['-labels.env=prod', ['API', 'db-test']],
      ['name:db labels.env=test', ['db-test']],
      ['name:db AND labels.env=test', ['db-test']],
      ['name:db AND (labels.env=test OR labels.team=a-b)', ['db-test', 'db-prod']],
      ['name:api OR name:db AND labels.env=test', ['db-test']],
      ['NOT (name:db OR name:api)', []],
      ['annotations.owner:lee', ['db-test']],
      ['annotations.owner="Ann Lee"', ['db-test']],
      ['topics.name:t-one', ['API']],
      ['expire_time:*', ['db-prod']],
      ['expireTime<2026-01-03', ['db-prod']],
      ['create_time>2026-01-01T00:00:00Z', ['API', 'db-test']],
      ['create_time>=2026-01-01T00:00:01Z', ['API', 'db-test']],
      ['create_time="2026-01-01T00:00:01Z"', ['db-test']],
      ['createTime<=2026-01-01T00:00:01Z AND name:db', ['db-test', 'db-prod']],
      ['create_time<2026-01-01', []],
      ['replication.automatic:*', ['API', 'db-test', 'db-prod']],
      ['   ', ['API', 'db-test', 'db-prod']],
    ])('%s', async (filter, ids) => {
      expect(await filtered(filter)).toEqual(ids)
    })

    test('leaves the total at 0', async () => {
      const { secrets, totalSize } = await h.call('ListSecrets', { parent: project, filter: 'name:db' })
      expect([secrets.length, totalSize]).toEqual([2, undefined])
    })

    test.each([
      'nothing=1',
      'labels.env=',
      '=prod',
      '(name:db',
      'name:db)',
      'name:db OR',
      'AND name:db',
      'NOT',
      'name>a',
      'create_time>yesterday',
      'name.x=1',
      'constructor:a',
      '"name"=a',
      'name:db !',
      `${'('.repeat(60)}name:db${')'.repeat(60)}`,
    ])('%s is refused', async (filter) => {
      expect(await h.refusal('ListSecrets', { parent: project, filter })).toEqual([
        'INVALID_ARGUMENT',
        expect.stringContaining('filter'),
      ])
    })

    test('of versions knows their states', async () => {
      const name = await h.make('v', ['1', '2', '3'])
      await h.call('DisableSecretVersion', { name: `${name}/versions/2` })
      await h.call('DestroySecretVersion', { name: `${name}/versions/3` })
      const states = async (filter: string): Promise<string[]> =>
        ((await h.call('ListSecretVersions', { parent: name, filter })).versions ?? []).map(idOf)
      expect(await states('state:ENABLED')).toEqual(['1'])
      expect(await states('state=DISABLED OR state=DESTROYED')).toEqual(['3', '2'])
      expect(await states('NOT state:ENABLED')).toEqual(['3', '2'])
      expect(await states('destroy_time:*')).toEqual(['3'])
      expect(await states('client_specified_payload_checksum=false')).toEqual(['3', '2', '1'])
    })
  })
})
