import { systemStore } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { collect, errorOf, openBench } from './kit.js'
import { grpcError, notFound, type Seen, secret, stale, storeOn, stubClient, version } from './stub.js'

const parent = 'projects/my-project'
const sibling = 'strongroom-system-x2f-record-x2f-db'
const record = { nonce: 'n1', of: 'db', rotation: { phase: 'idle' } }

describe('the state of a version', () => {
  const name = `${parent}/secrets/db/versions/2`

  it.each([
    ['enabled', 'DISABLED', 'enableSecretVersion'],
    ['disabled', 'ENABLED', 'disableSecretVersion'],
    ['destroyed', 'ENABLED', 'destroySecretVersion'],
    ['destroyed', 'DISABLED', 'destroySecretVersion'],
  ] as const)('%s, from %s, is %s under the etag that was read', async (state, from, method) => {
    const stub = stubClient({ getSecretVersion: () => version(2, from), [method]: () => version(2) })
    await storeOn(stub).setVersionState('db', '2', state)
    expect(stub.seen.map((each) => [each.method, each.request])).toEqual([
      ['getSecretVersion', { name }],
      [method, { name, etag: '"v2"' }],
    ])
  })

  it.each([
    ['enabled', 'ENABLED'],
    ['disabled', 'DISABLED'],
    ['destroyed', 'DESTROYED'],
  ] as const)('%s stays so without a write', async (state, from) => {
    const stub = stubClient({ getSecretVersion: () => version(2, from) })
    await storeOn(stub).setVersionState('db', '2', state)
    expect(stub.methods()).toEqual(['getSecretVersion'])
  })

  it.each(['enabled', 'disabled'] as const)('%s is not for a destroyed version', async (state) => {
    const stub = stubClient({ getSecretVersion: () => version(2, 'DESTROYED') })
    const error = await errorOf(storeOn(stub).setVersionState('db', '2', state))
    expect(error).toMatchObject({ code: 'NOT_FOUND', outcomeUnknown: false })
    expect(error.message).toContain('version 2 is destroyed')
  })

  it('is read again where another was first', async () => {
    const stub = stubClient({
      getSecretVersion: (_, index) => version(2, 'ENABLED', { etag: `"${index}"` }),
      disableSecretVersion: (_, index) => (index === 0 ? stale() : version(2)),
    })
    await storeOn(stub).setVersionState('db', '2', 'disabled')
    expect(stub.seen.map(({ request }) => request.etag)).toEqual([undefined, '"0"', undefined, '"1"'])
  })

  it('that others change without end is CONFLICT', async () => {
    const stub = stubClient({ getSecretVersion: () => version(2), disableSecretVersion: stale })
    const error = await errorOf(storeOn(stub).setVersionState('db', '2', 'disabled'))
    expect(error).toMatchObject({ code: 'CONFLICT', outcomeUnknown: false })
    expect(stub.methods()).toHaveLength(16)
  })

  it.each([null, ''])('without an etag (%j) is changed as it is', async (etag) => {
    const stub = stubClient({
      getSecretVersion: () => version(2, 'ENABLED', { etag }),
      disableSecretVersion: () => version(2),
    })
    await storeOn(stub).setVersionState('db', '2', 'disabled')
    expect(stub.seen[1]?.request).toEqual({ name })
  })

  it.each([
    ['read', { getSecretVersion: () => grpcError(14) }, false],
    ['write', { getSecretVersion: () => version(2), disableSecretVersion: () => grpcError(14) }, true],
  ])('is in doubt only after a failed write: a failed %s', async (_, answers, outcomeUnknown) => {
    const error = await errorOf(storeOn(stubClient(answers)).setVersionState('db', '2', 'disabled'))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown })
  })

  it('is disabled until the time of its destruction, where the secret delays it', async () => {
    const { emulator, open, close } = await openBench()
    const store = open({ create: { versionDestroyTtlMs: 86_400_000 } })
    const { version: first } = await store.put('db', 'one')
    await store.setVersionState('db', first, 'destroyed')
    const states = async (): Promise<string[]> =>
      (await collect(store.versions('db'))).map(({ state }) => state)
    expect(await states()).toEqual(['disabled'])
    expect((await errorOf(store.get('db'))).code).toBe('DISABLED')
    await store.setVersionState('db', first, 'enabled')
    expect((await store.get('db')).value).toBe('one')
    await store.setVersionState('db', first, 'destroyed')
    emulator.clock.advance(86_400_001)
    expect(await states()).toEqual(['destroyed'])
    expect((await errorOf(store.get('db'))).code).toBe('NOT_FOUND')
    await close()
  })
})

describe('the listing', () => {
  it('is one request a page, with the labels that a filter holds, and compares them itself', async () => {
    const labelled = (id: string, labels: object): object =>
      secret({ name: `projects/123456789012/secrets/${id}`, labels })
    const stub = stubClient({
      listSecrets: ({ pageToken }) =>
        pageToken === ''
          ? {
              items: [labelled('a', { team: 'red', ü: 'x' }), labelled('b', { team: 'blue' })],
              nextPageToken: 'p',
            }
          : { items: [labelled('c', { team: 'red' })], nextPageToken: '' },
    })
    const found = await collect(storeOn(stub).list({ tags: { team: 'red', tier: '1' } }))
    expect(found).toEqual([])
    const red = await collect(storeOn(stub).list({ tags: { team: 'red' } }))
    expect(red).toEqual([
      {
        name: 'a',
        canonical: 'a',
        id: `${parent}/secrets/a`,
        tags: { team: 'red', ü: 'x' },
        createdAt: new Date(1_767_225_600_000),
      },
      expect.objectContaining({ name: 'c' }),
    ])
    await collect(storeOn(stub).list({ tags: { ü: 'x', team: '' } }))
    expect(stub.seen.map(({ request }) => [request.pageToken, request.filter])).toEqual([
      ['', 'labels.team=red AND labels.tier=1'],
      ['p', 'labels.team=red AND labels.tier=1'],
      ['', 'labels.team=red'],
      ['p', 'labels.team=red'],
      ['', ''],
      ['p', ''],
    ])
    expect(stub.seen[0]?.request).toMatchObject({ parent, pageSize: 1_000 })
    expect(stub.seen[0]?.options).toMatchObject({
      autoPaginate: false,
      otherArgs: { headers: { 'x-goog-request-params': 'parent=projects%2Fmy-project' } },
    })
  })

  it('of a region lists that region', async () => {
    const { open, close, store } = await openBench()
    const regional = open({ location: 'europe-west3' })
    await store.put('here', 'x')
    await regional.put('there', 'x')
    expect((await collect(store.list())).map(({ name }) => name)).toEqual(['here'])
    expect((await collect(regional.list())).map(({ id }) => id)).toEqual([
      `${parent}/locations/europe-west3/secrets/there`,
    ])
    expect((await regional.get({ id: `${parent}/locations/europe-west3/secrets/there` })).value).toBe('x')
    await close()
  })

  it.each([[undefined], [{ items: [] }]])('of an answer without pages ends: %j', async (answer) => {
    const stub = stubClient({ listSecrets: () => answer })
    expect(await collect(storeOn(stub).list())).toEqual([])
  })
})

describe('a record', () => {
  it('is an annotation of a sibling without versions, and its revision is the etag', async () => {
    const stub = stubClient({
      getSecret: () =>
        secret({ annotations: { 'strongroom-record': JSON.stringify(record), other: 'x' }, etag: '"7"' }),
    })
    expect(await storeOn(stub).readRecord('db')).toEqual({ record, revision: '"7"' })
    expect(stub.seen[0]?.request).toEqual({ name: `${parent}/secrets/${sibling}` })
  })

  it('that was never written has a revision, and one that was emptied has the etag', async () => {
    expect(await storeOn(stubClient({ getSecret: notFound })).readRecord('db')).toEqual({ revision: 'none' })
    const empty = stubClient({ getSecret: () => secret({ etag: '"8"' }) })
    expect(await storeOn(empty).readRecord('db')).toEqual({ revision: '"8"' })
  })

  it.each(['{', '5', '"x"'])('that holds %s is UNAVAILABLE', async (text) => {
    const stub = stubClient({ getSecret: () => secret({ annotations: { 'strongroom-record': text } }) })
    expect((await errorOf(storeOn(stub).readRecord('db'))).code).toBe('UNAVAILABLE')
  })

  it('is written under its etag', async () => {
    const stub = stubClient({ updateSecret: () => secret({ etag: '"9"' }) })
    const store = storeOn(stub)
    expect(await store.swapRecord('db', record, { ifRevision: '"8"' })).toEqual({ revision: '"9"' })
    await store.swapRecord('db', null, { ifRevision: '"9"' })
    expect(stub.seen.map(({ request }) => request)).toEqual([
      {
        secret: {
          name: `${parent}/secrets/${sibling}`,
          etag: '"8"',
          annotations: { 'strongroom-record': JSON.stringify(record) },
        },
        updateMask: { paths: ['annotations'] },
      },
      {
        secret: { name: `${parent}/secrets/${sibling}`, etag: '"9"', annotations: {} },
        updateMask: { paths: ['annotations'] },
      },
    ])
  })

  it('of which the service gives no etag is UNAVAILABLE', async () => {
    const stub = stubClient({ updateSecret: () => secret({ etag: null }) })
    expect((await errorOf(storeOn(stub).swapRecord('db', record, { ifRevision: '"8"' }))).code).toBe(
      'UNAVAILABLE',
    )
  })

  it.each([
    ['has another etag', { updateSecret: stale }, '"8"'],
    ['is gone', { updateSecret: notFound }, '"8"'],
    ['was created by another', { getSecret: notFound, createSecret: () => grpcError(6, 'exists') }, 'none'],
  ])('that %s is CONFLICT, and nothing is in doubt', async (_, answers, ifRevision) => {
    const error = await errorOf(storeOn(stubClient(answers)).swapRecord('db', record, { ifRevision }))
    expect(error).toMatchObject({ code: 'CONFLICT', outcomeUnknown: false })
    expect(error.message).toContain(ifRevision)
  })

  it('that cannot be written is no conflict', async () => {
    const stub = stubClient({ updateSecret: () => grpcError(7, 'no') })
    const error = await errorOf(storeOn(stub).swapRecord('db', record, { ifRevision: '"8"' }))
    expect(error.code).toBe('PERMISSION_DENIED')
  })

  it('cannot be created where its parent cannot be read, and then nothing was written', async () => {
    const stub = stubClient({ getSecret: () => grpcError(14, 'down') })
    const error = await errorOf(storeOn(stub).swapRecord('db', record, { ifRevision: 'none' }))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: false })
  })

  const createdFor = async (parentSecret: () => unknown, options = {}): Promise<Seen['request']> => {
    const stub = stubClient({ getSecret: parentSecret, createSecret: () => secret({ etag: '"1"' }) })
    const store = storeOn(stub, options)
    expect(await store.swapRecord('db', record, { ifRevision: 'none' })).toEqual({ revision: '"1"' })
    return stub.seen[1]?.request.secret
  }
  const annotations = { 'strongroom-record': JSON.stringify(record) }
  const encryption = { customerManagedEncryption: { kmsKeyName: 'k' } }

  it.each([
    [
      { replication: { automatic: encryption, userManaged: null } },
      { replication: { automatic: encryption } },
    ],
    [
      {
        replication: {
          automatic: null,
          userManaged: { replicas: [{ location: 'us-east1', ...encryption }] },
        },
      },
      { replication: { userManaged: { replicas: [{ location: 'us-east1', ...encryption }] } } },
    ],
    [{ replication: null, ...encryption }, encryption],
    [{}, {}],
  ])('gets the place, the key and the labels of its parent: %#', async (more, expected) => {
    const labels = { team: 'red' }
    const fields = await createdFor(() => secret({ labels, annotations: { not: 'this' }, ...more }))
    expect(fields).toEqual({ labels, annotations, ...expected })
  })

  it('before there is a parent gets those of new secrets, and never ends by itself', async () => {
    const create = {
      labels: { team: 'red' },
      annotations: { not: 'this' },
      topics: ['projects/p/topics/t'],
      ttlMs: 60_000,
      versionDestroyTtlMs: 86_400_000,
    }
    expect(await createdFor(notFound, { create })).toEqual({
      labels: { team: 'red' },
      annotations,
      replication: { automatic: {} },
    })
  })

  it('lies beside the pending values of the system', async () => {
    const { store, close, hand } = await openBench()
    await store.put('db', 'x')
    await store.swapRecord('db', record, { ifRevision: 'none' })
    await systemStore(store).put('pending/db', 'y')
    const [secrets] = await hand().listSecrets({ parent })
    const ids = secrets.map(({ name }) => name?.split('/').at(-1)).sort()
    expect(ids).toEqual(['db', 'strongroom-system-x2f-pending-x2f-db', sibling])
    await close()
  })
})

describe('delete', () => {
  it('is one request, and for good', async () => {
    const stub = stubClient({ deleteSecret: () => ({}) })
    expect(await storeOn(stub).delete('db', { purge: true })).toEqual({})
    expect(stub.seen[0]?.request).toEqual({ name: `${parent}/secrets/db` })
    expect((await errorOf(storeOn(stub).delete('db'))).code).toBe('UNSUPPORTED')
  })
})
