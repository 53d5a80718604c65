import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Bench, collect, errorOf, openBench, project } from './kit.js'
import {
  accessed,
  disabledText,
  grpcError,
  notFound,
  type Seen,
  secret,
  stale,
  storeOn,
  stubClient,
  version,
} from './stub.js'

const currentAlias = 'live'
const name = 'projects/my-project/secrets/db'
const parent = `projects/${project}/secrets/db`
let bench: Bench
// The first client of each transport takes its time.
vi.setConfig({ testTimeout: 30_000 })

beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.close())

/** The aliases of a secret, as another client sees them. */
async function aliases(): Promise<Readonly<Record<string, string>>> {
  const [found] = await bench.hand().getSecret({ name: parent })
  return { ...(found.versionAliases as Record<string, string>) }
}

describe('a store whose current version is named by an alias', () => {
  it('says what it can do', () => {
    const { capabilities } = bench.open({ currentAlias })
    const plain = bench.store.capabilities
    expect(capabilities).toEqual({
      ...plain,
      pending: 'native',
      putIfVersion: 'atomic',
      putIfAbsent: 'atomic',
    })
  })

  it('moves three aliases in one request, and leaves those of others', async () => {
    const store = bench.open({ currentAlias })
    await bench.store.put('db', 'theirs')
    await bench.hand().updateSecret({
      secret: { name: parent, versionAliases: { stable: 1 } },
      updateMask: { paths: ['version_aliases'] },
    })
    expect(await store.put('db', 'one')).toEqual({ version: '2' })
    expect(await aliases()).toEqual({ stable: '1', live: '2' })
    expect(await store.put('db', 'two')).toEqual({ version: '3' })
    expect(await aliases()).toEqual({ stable: '1', live: '3', 'live-previous': '2' })
    await store.put('db', 'next', { stage: 'pending' })
    expect(await aliases()).toEqual({ stable: '1', live: '3', 'live-previous': '2', 'live-pending': '4' })
    expect(await bench.wire(() => store.promote('db', '4', { ifCurrent: '3' }))).toEqual({
      GetSecret: 1,
      GetSecretVersion: 1,
      UpdateSecret: 1,
    })
    expect(await aliases()).toEqual({ stable: '1', live: '4', 'live-previous': '3' })
    expect((await collect(store.versions('db'))).map((info) => [info.version, ...info.stages])).toEqual([
      ['4', 'current'],
      ['3', 'previous'],
      ['2'],
      ['1'],
    ])
  })

  it('reads each stage in one request, by its alias', async () => {
    const store = bench.open({ currentAlias })
    for (const value of ['one', 'two']) await store.put('db', value)
    await store.put('db', 'next', { stage: 'pending' })
    for (const [stage, value] of [
      ['current', 'two'],
      ['previous', 'one'],
      ['pending', 'next'],
      ['newest-enabled', 'two'],
    ] as const) {
      const wire = await bench.wire(async () => {
        const found = await store.get('db', { stage })
        expect([found.value, found.stages]).toEqual([value, [stage === 'newest-enabled' ? 'current' : stage]])
      })
      expect(wire).toEqual({ AccessSecretVersion: 1 })
    }
  })

  it('has nothing current in a secret that others made', async () => {
    await bench.store.put('db', 'theirs')
    const store = bench.open({ currentAlias })
    expect((await errorOf(store.get('db'))).code).toBe('NOT_FOUND')
    expect(await store.describe('db')).not.toHaveProperty('current')
    const error = await errorOf(store.put('db', 'mine', { ifAbsent: true }))
    expect(error).toMatchObject({ code: 'ALREADY_EXISTS', version: '1' })
    await store.promote('db', '1')
    expect((await store.get('db')).value).toBe('theirs')
  })

  it('drops the value of a put that lost its race, and of one that is discarded', async () => {
    const store = bench.open({ currentAlias })
    const { version: first } = await store.put('db', 'one')
    const puts = ['a', 'b', 'c', 'd'].map((value) => store.put('db', value, { ifVersion: first }))
    const settled = await Promise.allSettled(puts)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const { version: pending } = await store.put('db', 'next', { stage: 'pending' })
    await store.discard('db', pending)
    const states = (await collect(store.versions('db'))).filter(({ state }) => state === 'enabled')
    expect(states.map(({ stages }) => stages)).toEqual([['current'], ['previous']])
  })

  it('keeps labels and aliases in one request', async () => {
    const store = bench.open({ currentAlias })
    await store.put('db', 'one')
    const wire = await bench.wire(() => store.put('db', 'two', { tags: { team: 'red' } }))
    expect(wire).toEqual({ GetSecret: 2, AddSecretVersion: 1, UpdateSecret: 1 })
    expect((await store.describe('db')).tags).toEqual({ team: 'red' })
  })
})

const named = (versionAliases: object, etag = '"e1"'): object => secret({ versionAliases, etag })
const options = { currentAlias }

describe('under an alias, by what the service answers', () => {
  it('a read by version says its stages, where the secret may be read', async () => {
    const accessSecretVersion = (): object => accessed(4, 'x')
    const states = [
      [() => named({ live: '4', 'live-pending': 5 }), ['current']],
      [() => named({ live: '3', 'live-pending': 4 }), ['pending']],
      [() => named({ live: '3', 'live-previous': { toString: () => '4' } }), ['previous']],
      [() => named({ other: '4' }), []],
      [() => grpcError(7, 'no'), []],
      [notFound, []],
    ] as const
    for (const [getSecret, stages] of states) {
      const store = storeOn(stubClient({ accessSecretVersion, getSecret }), options)
      expect((await store.get('db', { version: '4' })).stages).toEqual(stages)
    }
  })

  it.each(['latest', 'live', '0'])('%s is no version', async (wrong) => {
    const store = storeOn(stubClient({}), options)
    expect((await errorOf(store.get('db', { version: wrong }))).code).toBe('NOT_FOUND')
    expect((await errorOf(store.promote('db', wrong))).code).toBe('NOT_FOUND')
  })

  it('the newest enabled one is not what is pending', async () => {
    const reads: Readonly<Record<string, () => unknown>> = {
      live: () => grpcError(9, disabledText),
      '2': () => accessed(2, 'two'),
    }
    const stub = stubClient({
      accessSecretVersion: ({ name: asked }: Seen['request']) => reads[asked.split('/').at(-1)]?.(),
      getSecret: () => named({ live: '3', 'live-pending': '4', 'live-previous': '2' }),
      listSecretVersions: () => ({ items: [version(4), version(2)], nextPageToken: '' }),
    })
    const found = await storeOn(stub, options).get('db', { stage: 'newest-enabled' })
    expect([found.version, found.stages]).toEqual(['2', ['previous']])
    const none = stubClient({
      accessSecretVersion: () => grpcError(9, disabledText),
      getSecret: () => named({ live: '3', 'live-pending': '4' }),
      listSecretVersions: () => ({ items: [version(4)], nextPageToken: '' }),
    })
    const error = await errorOf(storeOn(none, options).get('db', { stage: 'newest-enabled' }))
    expect(error.code).toBe('DISABLED')
  })

  it('a put that met another writer looks again, and moves from where that one left', async () => {
    const states = [named({ live: '3' }), named({ live: '3' }, '"e2"'), named({ live: '5' }, '"e3"')]
    const stub = stubClient({
      getSecret: (_, index) => states[index],
      addSecretVersion: () => version(6),
      updateSecret: (_, index) => (index === 0 ? stale() : secret()),
    })
    expect(await storeOn(stub, options).put('db', 'x')).toEqual({ version: '6' })
    expect(stub.seen.filter(({ method }) => method === 'updateSecret').map(({ request }) => request)).toEqual(
      [
        {
          secret: { name, etag: '"e2"', versionAliases: { live: '6', 'live-previous': '3' } },
          updateMask: { paths: ['version_aliases'] },
        },
        {
          secret: { name, etag: '"e3"', versionAliases: { live: '6', 'live-previous': '5' } },
          updateMask: { paths: ['version_aliases'] },
        },
      ],
    )
  })

  it.each([
    ['ifVersion', { ifVersion: '3' }, named({ live: '3' }), named({ live: '5' }), 'CONFLICT', '5'],
    ['ifAbsent', { ifAbsent: true }, named({}), named({ live: '5' }), 'ALREADY_EXISTS', '5'],
    [
      'ifAbsent of pending',
      { ifAbsent: true, stage: 'pending' },
      named({ live: '3' }),
      named({ live: '3', 'live-pending': '5' }),
      'ALREADY_EXISTS',
      '5',
    ],
  ] as const)(
    '%s that loses to another drops its version',
    async (_, fence, before, after, code, current) => {
      const stub = stubClient({
        getSecret: (_request, index) => (index === 0 ? before : after),
        getSecretVersion: ({ name: asked }) => (asked.endsWith('latest') ? notFound() : version(6)),
        addSecretVersion: () => version(6),
        destroySecretVersion: () => version(6, 'DESTROYED'),
      })
      const error = await errorOf(storeOn(stub, options).put('db', 'x', fence))
      expect(error).toMatchObject({ code, version: current, outcomeUnknown: false })
      expect(stub.seen.at(-1)).toMatchObject({
        method: 'destroySecretVersion',
        request: { name: `${name}/versions/6`, etag: '"v6"' },
      })
    },
  )

  it('says that it lost also where it cannot drop its version', async () => {
    const stub = stubClient({
      getSecret: (_, index) => named({ live: index === 0 ? '3' : '5' }),
      addSecretVersion: () => version(6),
      getSecretVersion: () => grpcError(7, 'no'),
    })
    const error = await errorOf(storeOn(stub, options).put('db', 'x', { ifVersion: '3' }))
    expect(error.code).toBe('CONFLICT')
  })

  it.each([
    ['ifVersion of another', { ifVersion: '2' }, named({ live: '3' }), 'CONFLICT'],
    ['ifVersion of nothing', { ifVersion: '2' }, notFound(), 'CONFLICT'],
    ['ifVersion for pending', { ifVersion: '2', stage: 'pending' }, named({ live: '3' }), 'CONFLICT'],
    ['ifAbsent', { ifAbsent: true }, named({ live: '3' }), 'ALREADY_EXISTS'],
    [
      'ifAbsent of pending',
      { ifAbsent: true, stage: 'pending' },
      named({ live: '3', 'live-pending': '4' }),
      'ALREADY_EXISTS',
    ],
  ] as const)('%s that does not hold adds nothing', async (_, fence, state, code) => {
    const stub = stubClient({ getSecret: () => state, addSecretVersion: () => version(9) })
    const error = await errorOf(storeOn(stub, options).put('db', 'x', fence))
    expect(error).toMatchObject({ code, outcomeUnknown: false })
    expect(stub.methods()).toEqual(['getSecret'])
  })

  it.each([
    ['none', notFound, true],
    ['a destroyed one', () => version(1, 'DESTROYED'), true],
    ['an enabled one', () => version(1), false],
    ['a disabled one', () => version(1, 'DISABLED'), false],
  ] as const)('ifAbsent in a secret whose newest version is %s', async (_, newest, isAbsent) => {
    const stub = stubClient({
      getSecret: () => named({}),
      getSecretVersion: newest,
      addSecretVersion: () => version(2),
      updateSecret: () => secret(),
    })
    const put = storeOn(stub, options).put('db', 'x', { ifAbsent: true })
    if (isAbsent) expect(await put).toEqual({ version: '2' })
    else expect(await errorOf(put)).toMatchObject({ code: 'ALREADY_EXISTS', version: '1' })
  })

  it('a put whose aliases did not move is in doubt', async () => {
    const stub = stubClient({
      getSecret: () => named({ live: '3' }),
      addSecretVersion: () => version(4),
      updateSecret: () => grpcError(7, 'no'),
    })
    const error = await errorOf(storeOn(stub, options).put('db', 'x'))
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', outcomeUnknown: true })
  })

  it('a put that cannot look has written nothing', async () => {
    const stub = stubClient({ getSecret: () => grpcError(14, 'down') })
    expect(await errorOf(storeOn(stub, options).put('db', 'x'))).toMatchObject({ outcomeUnknown: false })
  })

  it('creates what is missing, or adds to what another has created meanwhile', async () => {
    for (const createSecret of [() => secret(), () => grpcError(6, 'exists')]) {
      const stub = stubClient({
        getSecret: (_, index) => (index === 0 ? notFound() : named({})),
        createSecret,
        addSecretVersion: () => version(1),
        updateSecret: () => secret(),
      })
      expect(await storeOn(stub, options).put('db', 'x', { ifAbsent: true })).toEqual({ version: '1' })
      expect(stub.methods()).toEqual([
        'getSecret',
        'createSecret',
        'addSecretVersion',
        'getSecret',
        'updateSecret',
      ])
    }
  })

  it('promote of what is current sends no write, unless it is pending too', async () => {
    const getSecret = (): object => named({ live: '3', 'live-previous': '2' })
    const quiet = stubClient({ getSecret })
    expect(await storeOn(quiet, options).promote('db', '3', { ifCurrent: '1' })).toEqual({ version: '3' })
    const both = stubClient({
      getSecret: () => named({ live: '3', 'live-previous': '2', 'live-pending': '3' }),
      updateSecret: () => secret(),
    })
    expect(await storeOn(both, options).promote('db', '3')).toEqual({ version: '3' })
    expect(both.seen.at(-1)?.request.secret.versionAliases).toEqual({ live: '3', 'live-previous': '2' })
  })

  it('promote keeps another pending version', async () => {
    const stub = stubClient({
      getSecret: () => named({ live: '3', 'live-pending': '5' }),
      getSecretVersion: () => version(2),
      updateSecret: () => secret(),
    })
    expect(await storeOn(stub, options).promote('db', '2')).toEqual({ version: '2', previous: '3' })
    expect(stub.seen.at(-1)?.request.secret.versionAliases).toEqual({
      live: '2',
      'live-previous': '3',
      'live-pending': '5',
    })
  })

  it.each([
    ['destroyed', () => version(2, 'DESTROYED'), 'NOT_FOUND', 'version 2 is destroyed'],
    ['disabled', () => version(2, 'DISABLED'), 'DISABLED', 'version 2 is disabled'],
    ['missing', notFound, 'NOT_FOUND', 'no such'],
  ] as const)('promote of a %s version moves nothing', async (_, found, code, says) => {
    const stub = stubClient({ getSecret: () => named({ live: '3' }), getSecretVersion: found })
    const error = await errorOf(storeOn(stub, options).promote('db', '2'))
    expect(error).toMatchObject({ code, outcomeUnknown: false })
    expect(error.message).toContain(says)
  })

  it('discard of what is not pending sends no write', async () => {
    const stub = stubClient({ getSecret: () => named({ live: '3', 'live-pending': '5' }) })
    expect((await errorOf(storeOn(stub, options).discard('db', '4'))).code).toBe('CONFLICT')
    expect(stub.methods()).toEqual(['getSecret'])
  })

  it('discard takes the alias off, then destroys the version; a failure in between is in doubt', async () => {
    const stub = stubClient({
      getSecret: () => named({ live: '3', 'live-pending': '5' }),
      updateSecret: () => secret(),
      getSecretVersion: () => version(5),
      destroySecretVersion: () => grpcError(7, 'no'),
    })
    const error = await errorOf(storeOn(stub, options).discard('db', '5'))
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', outcomeUnknown: true })
    expect(stub.methods()).toEqual(['getSecret', 'updateSecret', 'getSecretVersion', 'destroySecretVersion'])
    expect(stub.seen[1]?.request.secret.versionAliases).toEqual({ live: '3' })
  })

  it('describe says what is pending, and one request less where nothing is current', async () => {
    const stub = stubClient({
      getSecret: (_, index) =>
        named(index === 0 ? { live: '3', 'live-pending': '5' } : { 'live-pending': '1' }),
      getSecretVersion: () => version(3),
    })
    const store = storeOn(stub, options)
    expect(await store.describe('db')).toMatchObject({
      current: { version: '3', stages: ['current'] },
      pending: '5',
    })
    const info = await store.describe('db')
    expect([info.current, info.pending]).toEqual([undefined, '1'])
    expect(stub.methods()).toEqual(['getSecret', 'getSecretVersion', 'getSecret'])
  })

  it('the history goes on where a page ended', async () => {
    const stub = stubClient({
      getSecret: () => named({ live: '1' }),
      listSecretVersions: ({ pageToken }) =>
        pageToken === ''
          ? { items: [version(2)], nextPageToken: 'p' }
          : { items: [version(1)], nextPageToken: '' },
    })
    const history = await collect(storeOn(stub, options).versions('db'))
    expect(history.map((info) => [info.version, ...info.stages])).toEqual([['2'], ['1', 'current']])
  })
})
