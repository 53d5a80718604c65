import { ListSecretsCommand, paginateListSecrets } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

interface Listed {
  readonly SecretList: readonly { readonly Name: string; readonly SecretVersionsToStages?: object }[]
  readonly NextToken?: string
}
const list = (body: object = {}): Promise<Listed> => h.ok('ListSecrets', body)
const names = async (body: object = {}) => (await list(body)).SecretList.map(({ Name }) => Name)
const make = async (all: readonly (readonly [name: string, more?: object])[]) => {
  for (const [name, more] of all) {
    await h.create(name, { SecretString: 'x', ...more })
    h.clock.advance(1000)
  }
}

describe('ListSecrets', () => {
  test('shows the details of a secret under its own field names, and never a value', async () => {
    const id = await h.create('n', {
      SecretString: 'needle',
      Description: 'd',
      Tags: [{ Key: 'k', Value: 'v' }],
    })
    const { ARN } = await h.ok('DescribeSecret', { SecretId: 'n' })
    const answer = await list()
    expect(answer).toEqual({
      SecretList: [
        {
          ARN,
          Name: 'n',
          Description: 'd',
          CreatedDate: h.clock.now() / 1000,
          LastChangedDate: h.clock.now() / 1000,
          Tags: [{ Key: 'k', Value: 'v' }],
          SecretVersionsToStages: { [id]: ['AWSCURRENT'] },
        },
      ],
    })
    expect(JSON.stringify(answer)).not.toContain('needle')
  })

  test('hides what is scheduled for deletion unless asked', async () => {
    await make([['a'], ['b']])
    await h.ok('DeleteSecret', { SecretId: 'a' })
    expect(await names()).toEqual(['b'])
    expect(await names({ IncludePlannedDeletion: true })).toEqual(['a', 'b'])
    h.clock.advance(30 * 86_400_000)
    expect(await names({ IncludePlannedDeletion: true })).toEqual(['b'])
  })

  test('sorts by each key in each direction, by creation when not told', async () => {
    await make([['c'], ['a'], ['b']])
    await h.ok('GetSecretValue', { SecretId: 'a' })
    await h.put('c', 'v2')
    expect(await names()).toEqual(['c', 'a', 'b'])
    expect(await names({ SortOrder: 'desc' })).toEqual(['b', 'a', 'c'])
    expect(await names({ SortBy: 'name' })).toEqual(['a', 'b', 'c'])
    expect(await names({ SortBy: 'name', SortOrder: 'desc' })).toEqual(['c', 'b', 'a'])
    expect(await names({ SortBy: 'last-changed-date' })).toEqual(['a', 'b', 'c'])
    expect(await names({ SortBy: 'last-accessed-date', SortOrder: 'desc' })).toEqual(['a', 'b', 'c'])
  })

  test('of one time come in the order of their creation, in pages too', async () => {
    for (const name of ['c', 'a', 'b']) await h.create(name)
    const first = await list({ MaxResults: 2 })
    const second = await list({ MaxResults: 2, NextToken: first.NextToken })
    expect([first, second].map((page) => page.SecretList.map(({ Name }) => Name))).toEqual([
      ['c', 'a'],
      ['b'],
    ])
  })

  test('pages without repeating or hiding, also when secrets come and go between pages', async () => {
    await make([['a'], ['b'], ['c'], ['d'], ['e']])
    const first = await list({ MaxResults: 2 })
    await h.ok('DeleteSecret', { SecretId: 'a', ForceDeleteWithoutRecovery: true })
    await make([['f']])
    const second = await list({ MaxResults: 2, NextToken: first.NextToken })
    await h.ok('DeleteSecret', { SecretId: 'd', ForceDeleteWithoutRecovery: true })
    const third = await list({ MaxResults: 2, NextToken: second.NextToken })
    expect([first, second, third].map((page) => page.SecretList.map(({ Name }) => Name))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ])
    expect(third.NextToken).toBeUndefined()
  })

  test('an empty page with a token is walked over by the SDK', async () => {
    await make([['a'], ['b'], ['c']])
    h.emulator.faults.add({ operation: 'ListSecrets', emptyPage: true, times: 2 })
    const pages: (string | undefined)[][] = []
    for await (const page of paginateListSecrets({ client: h.client, pageSize: 2 }, {})) {
      pages.push((page.SecretList ?? []).map(({ Name }) => Name))
    }
    expect(pages).toEqual([[], [], ['a', 'b'], ['c']])
  })

  test.each(['x', '😀', Buffer.from('{"listing":"secrets"}').toString('base64url')])(
    'refuses the token %s',
    async (NextToken) => {
      const answer = await h.refused('ListSecrets', { NextToken })
      expect(answer.slice(0, 2)).toEqual([400, 'InvalidNextTokenException'])
    },
  )
})

describe('filters', () => {
  const filter = (...filters: [key: string, ...values: string[]][]) =>
    names({ Filters: filters.map(([Key, ...Values]) => ({ Key, Values })) })

  test('name is a prefix, by case; a value with ! negates', async () => {
    await make([['testing1/one'], ['/testing2/two'], ['Testing3'], ['/testing4/four']])
    expect(await filter(['name', '/'])).toEqual(['/testing2/two', '/testing4/four'])
    expect(await filter(['name', '!/'])).toEqual(['testing1/one', 'Testing3'])
    expect(await filter(['name', 'testing'])).toEqual(['testing1/one'])
    expect(await filter(['name', 'testing1 one'])).toEqual([])
    expect(await filter(['name', 'Testing', '/testing2'])).toEqual(['/testing2/two', 'Testing3'])
  })

  test('description matches the beginnings of words, whatever the case', async () => {
    await make([
      ['1', { Description: 'a Secret' }],
      ['2', { Description: 'an secret' }],
      ['3', { Description: 'asecret' }],
      ['4', { Description: 'thesecret' }],
      ['5', {}],
    ])
    expect(await filter(['description', 'a'])).toEqual(['1', '2', '3'])
    expect(await filter(['description', '!a'])).toEqual(['4', '5'])
    expect(await filter(['description', 'A secret'])).toEqual(['1', '2'])
    expect(await filter(['description', '!c'])).toEqual(['1', '2', '3', '4', '5'])
  })

  test('tags match by prefix and case, and filters add up', async () => {
    const tag = (Key: string, Value: string) => ({ Tags: [{ Key, Value }] })
    await make([
      ['1', tag('env', 'prod')],
      ['2', tag('env', 'dev')],
      ['3', tag('Env', 'prod')],
    ])
    expect(await filter(['tag-key', 'en'])).toEqual(['1', '2'])
    expect(await filter(['tag-value', 'prod'])).toEqual(['1', '3'])
    expect(await filter(['tag-key', 'env'], ['tag-value', 'prod'])).toEqual(['1'])
    expect(await filter(['tag-key', '!Env'])).toEqual(['1', '2'])
    expect(await filter(['tag-value', '!prod', '!dev'])).toEqual(['1', '2', '3'])
    expect(await filter(['tag-value', '!prod'], ['tag-value', '!dev'])).toEqual([])
  })

  test('all looks for words in every attribute', async () => {
    await make([
      ['prod/Database', { Description: 'main one' }],
      ['x', { Tags: [{ Key: 'team', Value: 'DATABASE admins' }] }],
      ['y', { Description: 'something else' }],
    ])
    expect(await filter(['all', 'database'])).toEqual(['prod/Database', 'x'])
    expect(await filter(['all', 'prod main'])).toEqual(['prod/Database'])
    expect(await filter(['owning-service', 'rds'])).toEqual([])
  })

  test('one kind of separator and every capital begin a word, two kinds together none', async () => {
    await make([
      ['prod/AppBeta'],
      ['prod+AppBeta'],
      ['prod-AppBeta/x'],
      ['uat/COMPANY'],
      ['uat/COMPANYthings'],
    ])
    const alike = ['prod/AppBeta', 'prod+AppBeta']
    expect(await filter(['all', 'AppBeta'])).toEqual(alike)
    expect(await filter(['all', 'beta', 'nothing'])).toEqual(alike)
    expect(await filter(['all', 'eta'])).toEqual([])
    expect(await filter(['all', 'company'])).toEqual(['uat/COMPANY'])
    expect(await filter(['all', 'Ythings'])).toEqual(['uat/COMPANYthings'])
    expect(await filter(['all', 'things'])).toEqual([])
    expect(await filter(['all', 'prod-'])).toEqual([...alike, 'prod-AppBeta/x'])
    expect(await filter(['all', '+'])).toEqual([])
    expect(await filter(['description', '!+'])).toHaveLength(5)
  })

  test('a value that begins with ! is one more way to match', async () => {
    await make([
      ['1', { Description: 'one two' }],
      ['2', { Description: 'one' }],
      ['3', { Description: 'two' }],
    ])
    expect(await filter(['description', 'one', '!two'])).toEqual(['1', '2'])
    expect(await filter(['description', 'one'], ['description', '!two'])).toEqual(['2'])
  })

  test.each([
    [[{ Key: 'colour', Values: ['x'] }], 'ValidationException', "Value 'colour' at 'filters.1.member.key'"],
    [[{ Values: ['x'] }], 'InvalidParameterException', 'Invalid filter key'],
    [[{ Key: 'name' }], 'InvalidParameterException', 'Invalid filter values for key: name'],
    [[{ Key: 'name', Values: [] }], 'ValidationException', 'greater than or equal to 1'],
    [[{ Key: 'name', Values: ['a#b'] }], 'ValidationException', 'regular expression pattern'],
    [[{ Key: 'name', Values: ['x'.repeat(513)] }], 'ValidationException', 'less than or equal to 512'],
    [Array(11).fill({ Key: 'name', Values: ['x'] }), 'ValidationException', 'less than or equal to 10'],
  ])('refused: case %#', async (Filters, code, text) => {
    const [status, gotCode, gotText] = await h.refused('ListSecrets', { Filters })
    expect([status, gotCode]).toEqual([400, code])
    expect(gotText).toContain(text)
  })
})

test.each([
  [
    { MaxResults: 0 },
    "Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1",
  ],
  [
    { MaxResults: 101 },
    "Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100",
  ],
  [
    { SortOrder: 'up' },
    "Value 'up' at 'sortOrder' failed to satisfy constraint: Member must satisfy enum value set: [asc, desc]",
  ],
  [
    { SortBy: 'size' },
    'Member must satisfy enum value set: [created-date, last-accessed-date, last-changed-date, name]',
  ],
])('%j is refused by the model', async (body, text) => {
  const [status, code, message] = await h.refused('ListSecrets', body)
  expect([status, code]).toEqual([400, 'ValidationException'])
  expect(message).toContain(text)
})

test('the region of the credentials is a state of its own', async () => {
  const { clientFor } = await import('./harness.js')
  const west = clientFor(h.emulator.url, undefined, 'eu-west-1')
  await make([['here']])
  expect((await west.send(new ListSecretsCommand({}))).SecretList).toEqual([])
  west.destroy()
})
