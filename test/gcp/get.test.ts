import { gcp } from 'strongroom/gcp'
import { describe, expect, it } from 'vitest'
import { crc32c } from '../../providers/gcp/checksum.js'
import { collect, errorOf, project } from './kit.js'
import {
  accessed,
  destroyedText,
  disabledText,
  grpcError,
  notFound,
  type Seen,
  secret,
  storeOn,
  stubClient,
  version,
} from './stub.js'

const denied = (): Error => grpcError(7, 'Permission denied')
const disabled = (): Error => grpcError(9, disabledText)
const destroyed = (): Error => grpcError(9, destroyedText)
const numberIn = ({ name }: Seen['request']): string => name.split('/').at(-1)

/** Reads of values by what is asked for: a number, `latest`, an alias. */
function values(answers: Readonly<Record<string, () => unknown>>) {
  return (request: Seen['request']) => (answers[numberIn(request)] ?? notFound)()
}

describe('the checksum', () => {
  it.each([
    ['', 0],
    ['123456789', 3_808_858_755],
    ['a', 0xc1d04330],
    ['The quick brown fox jumps over the lazy dog', 0x22620404],
  ])('of %j is %i', (text, expected) => {
    expect(crc32c(Buffer.from(text))).toBe(expected)
  })

  it('of 32 bytes of 0 and of 255 is that of RFC 3720', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
  })

  it('goes out with a value', async () => {
    const stub = stubClient({ addSecretVersion: () => version(1) })
    await storeOn(stub).put('db', '123456789')
    expect(stub.seen[0]?.request).toEqual({
      parent: 'projects/my-project/secrets/db',
      payload: { data: new Uint8Array(Buffer.from('123456789')), dataCrc32c: 3_808_858_755 },
    })
  })

  it.each([
    ['number', 3_808_858_755],
    ['text', '3808858755'],
    ['Long', { toString: () => '3808858755' }],
  ])('is compared as a %s', async (_, dataCrc32c) => {
    const stub = stubClient({ accessSecretVersion: () => accessed(1, '123456789', { dataCrc32c }) })
    expect((await storeOn(stub).get('db')).value).toBe('123456789')
  })

  it.each([
    ['another one', { dataCrc32c: '1' }, 'checksum'],
    ['none', { dataCrc32c: undefined }, 'checksum'],
    ['null', { dataCrc32c: null }, 'checksum'],
    ['no bytes', { data: null }, 'no value'],
    ['text', { data: '123456789' }, 'no value'],
  ])('an answer with %s is UNAVAILABLE, without the value', async (_, more, says) => {
    const stub = stubClient({ accessSecretVersion: () => accessed(1, '123456789', more) })
    const error = await errorOf(storeOn(stub).get('db'))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect(error.message).toContain(says)
    expect(error.message).not.toContain('123456789')
  })

  it.each([
    ['no payload', { name: 'projects/1/secrets/db/versions/1' }, 'no value'],
    ['no name', { ...accessed(1, 'x'), name: '' }, 'version'],
    [
      'the name of an alias',
      { ...accessed(1, 'x'), name: 'projects/1/secrets/db/versions/latest' },
      'version',
    ],
    ['nothing at all', undefined, 'usable'],
  ])('an answer with %s is UNAVAILABLE', async (_, answer, says) => {
    const error = await errorOf(storeOn(stubClient({ accessSecretVersion: () => answer })).get('db'))
    expect(error.code).toBe('UNAVAILABLE')
    expect(error.message).toContain(says)
  })
})

describe('the kind', () => {
  it.each([
    ['text', 'a text', 'text'],
    ['a number', '12', 'text'],
    ['an object', '{"a":1}', 'json'],
    ['an array', '[1]', 'json'],
    ['bytes', Uint8Array.of(0xff, 0), 'binary'],
    ['half a character', Uint8Array.of(0xc3), 'binary'],
  ])('of %s is what the bytes are', async (_, value, kind) => {
    const stub = stubClient({ accessSecretVersion: () => accessed(1, value) })
    const found = await storeOn(stub).get('db')
    expect(found.kind).toBe(kind)
    expect(Buffer.from(found.bytes())).toEqual(Buffer.from(value))
  })
})

describe('a plain read', () => {
  it('is one request for latest, with the place of the secret in its header', async () => {
    const stub = stubClient({ accessSecretVersion: () => accessed(7, 'x') })
    const found = await storeOn(stub).get('prod/db')
    expect(found).toMatchObject({ version: '7', stages: ['current'], state: 'enabled' })
    expect(found.createdAt).toBeUndefined()
    const name = 'projects/my-project/secrets/prod-x2f-db/versions/latest'
    expect(stub.seen).toEqual([
      {
        method: 'accessSecretVersion',
        request: { name },
        options: {
          retry: { retryCodes: [] },
          timeout: 600_000,
          autoPaginate: false,
          otherArgs: { headers: { 'x-goog-request-params': `name=${encodeURIComponent(name)}` } },
        },
      },
    ])
  })

  it('of a secret without versions is NOT_FOUND after one request', async () => {
    const stub = stubClient({ accessSecretVersion: notFound })
    expect((await errorOf(storeOn(stub).get('db'))).code).toBe('NOT_FOUND')
    expect(stub.seen).toHaveLength(1)
  })
})

describe('a read by version', () => {
  it.each([
    ['the newest', '3', ['current']],
    ['an older one', '2', []],
  ])('of %s says whether it is current, from a look at latest', async (_, wanted, stages) => {
    const answers = {
      '2': () => accessed(2, 'two'),
      '3': () => accessed(3, 'three'),
      latest: () => accessed(3, 'three'),
    }
    const stub = stubClient({ accessSecretVersion: values(answers) })
    const found = await storeOn(stub).get('db', { version: wanted })
    expect([found.version, found.stages]).toEqual([wanted, stages])
    expect(stub.seen.map(({ request }) => numberIn(request))).toEqual([wanted, 'latest'])
  })

  it.each([
    ['disabled', disabled],
    ['destroyed', destroyed],
    ['denied', denied],
    ['behind', notFound],
  ])('is read though latest is %s', async (_, latest) => {
    const stub = stubClient({ accessSecretVersion: values({ '2': () => accessed(2, 'two'), latest }) })
    const found = await storeOn(stub).get('db', { version: '2' })
    expect([found.value, found.stages]).toEqual(['two', []])
  })

  it('fails when the look fails in another way', async () => {
    const latest = (): Error => grpcError(14, 'down')
    const stub = stubClient({ accessSecretVersion: values({ '2': () => accessed(2, 'two'), latest }) })
    expect((await errorOf(storeOn(stub).get('db', { version: '2' }))).code).toBe('UNAVAILABLE')
  })

  it.each(['latest', 'an-alias', '0', '01', '-1', '1e3', '9'.repeat(19)])(
    '%s is no version, and nothing is sent',
    async (wanted) => {
      const stub = stubClient({ accessSecretVersion: () => accessed(1, 'x') })
      expect((await errorOf(storeOn(stub).get('db', { version: wanted }))).code).toBe('NOT_FOUND')
      expect(stub.seen).toEqual([])
    },
  )
})

describe('the previous version', () => {
  it('is the number before, in two requests', async () => {
    const answers = { latest: () => accessed(3, 'three'), '2': () => accessed(2, 'two') }
    const stub = stubClient({ accessSecretVersion: values(answers) })
    const found = await storeOn(stub).get('db', { stage: 'previous' })
    expect(found).toMatchObject({ version: '2', value: 'two', stages: ['previous'] })
    expect(stub.seen).toHaveLength(2)
  })

  it('of the first version is none, after one request', async () => {
    const stub = stubClient({ accessSecretVersion: values({ latest: () => accessed(1, 'one') }) })
    expect((await errorOf(storeOn(stub).get('db', { stage: 'previous' }))).code).toBe('NOT_FOUND')
    expect(stub.seen).toHaveLength(1)
  })

  it.each([
    ['disabled', disabled],
    ['destroyed', destroyed],
  ])('passes over one that is %s', async (_, second) => {
    const answers = { latest: () => accessed(3, 'three'), '2': second, '1': () => accessed(1, 'one') }
    const stub = stubClient({
      accessSecretVersion: values(answers),
      listSecretVersions: () => ({ items: [version(3), version(1)], nextPageToken: '' }),
    })
    expect((await storeOn(stub).get('db', { stage: 'previous' })).version).toBe('1')
    expect(stub.seen.find(({ method }) => method === 'listSecretVersions')?.request).toEqual({
      parent: 'projects/my-project/secrets/db',
      pageSize: 250,
      pageToken: '',
      filter: 'state:ENABLED',
    })
  })

  it('is found though the current one is disabled', async () => {
    const stub = stubClient({
      accessSecretVersion: values({ latest: disabled, '1': () => accessed(1, 'one') }),
      getSecretVersion: () => version(3, 'DISABLED'),
      listSecretVersions: () => ({ items: [version(1)], nextPageToken: '' }),
    })
    expect((await storeOn(stub).get('db', { stage: 'previous' })).value).toBe('one')
    expect(stub.seen[1]?.request.name).toBe('projects/my-project/secrets/db/versions/latest')
  })

  it.each([
    ['none is enabled', []],
    ['those that are enabled are newer', [version(4), version(3)]],
    ['the filter was not heeded', [version(2, 'DISABLED'), version(1, 'DESTROYED')]],
  ])('is none where %s', async (_, items) => {
    const stub = stubClient({
      accessSecretVersion: values({ latest: () => accessed(3, 'three'), '2': disabled }),
      listSecretVersions: () => ({ items, nextPageToken: '' }),
    })
    const error = await errorOf(storeOn(stub).get('db', { stage: 'previous' }))
    expect(error.code).toBe('NOT_FOUND')
    expect(error.message).toContain('before the current one')
  })

  it('is looked for on every page', async () => {
    const stub = stubClient({
      accessSecretVersion: values({
        latest: () => accessed(3, 'three'),
        '2': disabled,
        '1': () => accessed(1, 'one'),
      }),
      listSecretVersions: ({ pageToken }) =>
        pageToken === '' ? { items: [], nextPageToken: 'p2' } : { items: [version(1)], nextPageToken: '' },
    })
    expect((await storeOn(stub).get('db', { stage: 'previous' })).version).toBe('1')
  })

  it.each([
    ['missing', notFound, 'NOT_FOUND'],
    ['denied', denied, 'PERMISSION_DENIED'],
  ])('of a secret that is %s is %s', async (_, latest, code) => {
    const stub = stubClient({ accessSecretVersion: values({ latest }) })
    expect((await errorOf(storeOn(stub).get('db', { stage: 'previous' }))).code).toBe(code)
    expect(stub.seen).toHaveLength(1)
  })
})

describe('the newest enabled version', () => {
  it('is the current one in one request', async () => {
    const stub = stubClient({ accessSecretVersion: values({ latest: () => accessed(3, 'three') }) })
    const found = await storeOn(stub).get('db', { stage: 'newest-enabled' })
    expect([found.version, found.stages]).toEqual(['3', ['current']])
    expect(stub.seen).toHaveLength(1)
  })

  it.each([
    ['disabled', disabled],
    ['destroyed', destroyed],
  ])('passes over a current one that is %s', async (_, latest) => {
    const stub = stubClient({
      accessSecretVersion: values({ latest, '2': () => accessed(2, 'two') }),
      listSecretVersions: () => ({ items: [version(2), version(1)], nextPageToken: '' }),
    })
    const found = await storeOn(stub).get('db', { stage: 'newest-enabled' })
    expect([found.version, found.stages]).toEqual(['2', ['previous']])
  })

  it('is DISABLED where there is none', async () => {
    const stub = stubClient({
      accessSecretVersion: values({ latest: disabled }),
      listSecretVersions: () => ({ items: [], nextPageToken: '' }),
    })
    expect((await errorOf(storeOn(stub).get('db', { stage: 'newest-enabled' }))).code).toBe('DISABLED')
  })

  it('is no way around a refusal', async () => {
    const stub = stubClient({ accessSecretVersion: denied })
    expect((await errorOf(storeOn(stub).get('db', { stage: 'newest-enabled' }))).code).toBe(
      'PERMISSION_DENIED',
    )
  })
})

describe('describe', () => {
  it('is two requests: the secret, and its newest version', async () => {
    const stub = stubClient({
      getSecret: () => secret({ labels: { team: 'red' } }),
      getSecretVersion: () => version(3, 'DISABLED'),
    })
    expect(await storeOn(stub).describe('db')).toEqual({
      name: 'db',
      canonical: 'db',
      id: 'projects/my-project/secrets/db',
      state: 'active',
      tags: { team: 'red' },
      current: {
        version: '3',
        state: 'disabled',
        stages: ['current'],
        createdAt: new Date(1_767_225_603_005),
      },
    })
    expect(stub.methods()).toEqual(['getSecret', 'getSecretVersion'])
  })

  it('of a secret without versions has no current one', async () => {
    const stub = stubClient({ getSecret: () => secret(), getSecretVersion: notFound })
    expect(await storeOn(stub).describe('db')).not.toHaveProperty('current')
  })

  it('of a missing secret asks no more than once', async () => {
    const stub = stubClient({ getSecret: notFound, getSecretVersion: notFound })
    expect((await errorOf(storeOn(stub).describe('db'))).code).toBe('NOT_FOUND')
    expect(stub.methods()).toEqual(['getSecret'])
  })

  it.each([
    ['a name', { name: 'db' }, 'name'],
    ['an etag', { etag: null }, 'etag'],
    ['an etag', { etag: '' }, 'etag'],
    ['a time', { createTime: null }, 'createTime'],
    ['a time', { createTime: { seconds: 'soon' } }, 'createTime'],
  ])('of an answer without %s is UNAVAILABLE', async (_, more, says) => {
    const stub = stubClient({ getSecret: () => secret(more), getSecretVersion: notFound })
    const error = await errorOf(storeOn(stub).describe('db'))
    expect(error.code).toBe('UNAVAILABLE')
    expect(error.message).toContain(says)
  })
})

describe('the history', () => {
  it.each([
    ['ENABLED', 'enabled'],
    [1, 'enabled'],
    ['DISABLED', 'disabled'],
    [2, 'disabled'],
    ['DESTROYED', 'destroyed'],
    [3, 'destroyed'],
  ])('reads the state %j as %s', async (state, expected) => {
    const stub = stubClient({ listSecretVersions: () => ({ items: [version(1, state)], nextPageToken: '' }) })
    expect((await collect(storeOn(stub).versions('db'))).map((info) => info.state)).toEqual([expected])
  })

  it.each(['STATE_UNSPECIFIED', 0, 4, null])('takes no state %j', async (state) => {
    const items = [version(1, 'ENABLED', { state })]
    const stub = stubClient({ listSecretVersions: () => ({ items, nextPageToken: '' }) })
    expect((await errorOf(collect(storeOn(stub).versions('db')))).message).toContain('state')
  })

  it.each(['x', 'current', 'other:p', 'Both:p'])(
    'takes no cursor %j, which it has not given',
    async (cursor) => {
      const stub = stubClient({ listSecretVersions: () => ({ items: [], nextPageToken: '' }) })
      const { operations } = gcp({ project, client: stub.client })
      const context = { signal: new AbortController().signal, now: Date.now, sleep: async () => {} }
      const page = operations.versionsPage({ ref: 'db', canonical: 'db', cursor }, context)
      expect(await errorOf(page)).toMatchObject({ code: 'INVALID_VALUE' })
      expect(stub.seen).toEqual([])
    },
  )

  it('says current of the newest, whatever its state, and previous of the next that is enabled, once', async () => {
    const pages: Readonly<Record<string, object>> = {
      '': { items: [], nextPageToken: 'a' },
      a: { items: [version(6, 'DESTROYED'), version(5, 'DISABLED')], nextPageToken: 'b:c' },
      'b:c': { items: [version(4, 'DISABLED'), version(3), version(2)], nextPageToken: 'd' },
      d: { items: [version(1)], nextPageToken: '' },
    }
    const stub = stubClient({ listSecretVersions: ({ pageToken }) => pages[pageToken] })
    const history = await collect(storeOn(stub).versions('db'))
    expect(history.map((info) => [info.version, info.stages[0]])).toEqual([
      ['6', 'current'],
      ['5', undefined],
      ['4', undefined],
      ['3', 'previous'],
      ['2', undefined],
      ['1', undefined],
    ])
    expect(stub.seen.map(({ request }) => [request.pageToken, request.filter])).toEqual([
      ['', ''],
      ['a', ''],
      ['b:c', ''],
      ['d', ''],
    ])
  })
})
