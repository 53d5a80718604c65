import { createStore, deadline, type Layer, type SecretStore } from 'strongroom'
import { memory } from 'strongroom/memory'
import { systemStore } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { collect, failure, stub } from './stub-provider.js'

const open = (seed: Record<string, string> = {}): SecretStore =>
  createStore({ provider: memory({ seed }), layers: [] })

describe('what a store passes on', () => {
  it.each<[string, (store: SecretStore) => Promise<unknown>, object]>([
    ['get', (store) => store.get('db'), {}],
    ['get', (store) => store.get('db', { version: 'v1', stage: undefined }), { version: 'v1' }],
    ['get', (store) => store.get('db', { stage: 'previous' }), { stage: 'previous' }],
    ['promote', (store) => store.promote('db', 'v1'), { version: 'v1' }],
    [
      'promote',
      (store) => store.promote('db', 'v1', { ifCurrent: 'v0' }),
      { version: 'v1', ifCurrent: 'v0' },
    ],
    ['discard', (store) => store.discard('db', 'v1'), { version: 'v1' }],
    ['describe', (store) => store.describe('db'), {}],
    [
      'setVersionState',
      (store) => store.setVersionState('db', 'v1', 'disabled'),
      { version: 'v1', state: 'disabled' },
    ],
    ['tag', (store) => store.tag('db', {}), { set: {}, remove: [] }],
    [
      'tag',
      (store) => store.tag('db', { set: { a: 'b' }, remove: ['c'] }),
      { set: { a: 'b' }, remove: ['c'] },
    ],
    ['delete', (store) => store.delete('db'), { purge: false }],
    ['delete', (store) => store.delete('db', { purge: true }), { purge: true }],
    ['restore', (store) => store.restore('db'), {}],
    ['readRecord', (store) => store.readRecord('db'), { recordRef: 'strongroom-system/record/db' }],
    [
      'swapRecord',
      (store) => store.swapRecord('db', null, { ifRevision: 'r' }),
      { record: null, ifRevision: 'r', recordRef: 'strongroom-system/record/db' },
    ],
  ])('%s: %#', async (operation, run, input) => {
    const { store, calls } = stub()
    await run(store)
    expect(calls).toEqual([{ operation, input: { ref: 'db', canonical: 'db', ...input } }])
  })

  it('of a put are its options, with what they are by default', async () => {
    const { store, calls } = stub()
    const expiresAt = new Date(0)
    await store.put('db', 'x', { ifVersion: undefined, signal: undefined, deadlineMs: 5 })
    await store.put('db', 'x', {
      ifAbsent: true,
      stage: 'pending',
      tags: { a: 'b' },
      expiresAt,
      idempotencyKey: 'k',
      onDeleted: 'restore',
      rotationToken: 't',
    })
    const name = { ref: 'db', canonical: 'db', value: expect.anything() }
    expect(calls.map(({ input }) => input)).toEqual([
      { ...name, stage: 'current', onDeleted: 'fail' },
      {
        ...name,
        ifAbsent: true,
        stage: 'pending',
        tags: { a: 'b' },
        expiresAt,
        idempotencyKey: 'k',
        onDeleted: 'restore',
        rotationToken: 't',
      },
    ])
  })

  it('of a listing is every page until there is no cursor', async () => {
    const asked: unknown[] = []
    const pages = [
      { items: [], cursor: 'one' },
      { items: [{ ref: 'a', id: 'i' }], cursor: 'two' },
      { items: [] },
    ]
    const { provider } = stub()
    const listPage = async (input: { cursor?: string }): Promise<unknown> => {
      asked.push(input)
      return pages[asked.length - 1]
    }
    const operations = { ...provider.operations, listPage } as typeof provider.operations
    const store = createStore({ provider: { ...provider, operations }, layers: [] })
    expect(await collect(store.list({ prefix: 'a', tags: { t: 'v' } }))).toMatchObject([{ name: 'a' }])
    const filter = { refPrefix: 'a', tags: { t: 'v' } }
    expect(asked).toEqual([filter, { ...filter, cursor: 'one' }, { ...filter, cursor: 'two' }])
  })
})

describe('the context of a call', () => {
  it('has the signal, the deadline by the clock of the store, the age, and a fresh trail', async () => {
    const contexts: unknown[] = []
    const spy: Layer = {
      name: 'spy',
      wrap: (next) => (call) => {
        contexts.push({ ...call.context, trail: { ...call.context.trail } })
        return next(call)
      },
    }
    const { provider } = stub()
    const store = createStore({ provider, layers: [spy, deadline()], now: () => 1_000 })
    const { signal } = new AbortController()
    await store.get('db', { signal, deadlineMs: 500, maxAgeMs: 0 })
    await store.describe('db')
    const trail = { source: 'provider', attempts: 0 }
    expect(contexts).toEqual([{ signal, deadlineAt: 1_500, maxAgeMs: 0, trail }, { trail }])
  })

  it('bounds a call that asks for it, and only that, in a store without a deadline layer', async () => {
    const timers: { readonly delayMs: number; readonly run: () => void }[] = []
    const after = (delayMs: number, run: () => void) => {
      timers.push({ delayMs, run })
      return () => undefined
    }
    const hanging: Layer = { name: 'hanging', wrap: () => () => new Promise(() => undefined) }
    const store = createStore({ provider: stub().provider, layers: [hanging], after })
    void store.get('db')
    const call = failure(store.get('db', { deadlineMs: 500 }))
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([500])
    for (const { run } of [...timers]) run()
    for (const { run } of timers.slice(1)) run()
    expect(await call).toMatchObject({ code: 'TIMEOUT', secret: 'db' })
  })

  it.each([-1, Number.NaN, '5', null])('takes no %s for milliseconds', async (wrong) => {
    const { store, calls } = stub()
    const ms = wrong as number
    await expect(store.get('db', { deadlineMs: ms })).rejects.toThrow(
      'deadlineMs must be a number of milliseconds, 0 or more',
    )
    await expect(store.get('db', { maxAgeMs: ms })).rejects.toThrow(
      'maxAgeMs must be a number of milliseconds, 0 or more',
    )
    expect(calls).toEqual([])
  })
})

describe('reads', () => {
  it('of what is missing are undefined for find, and an error for get', async () => {
    const store = open()
    expect(await store.find('db')).toBeUndefined()
    expect((await failure(store.get('db'))).code).toBe('NOT_FOUND')
  })

  it('that fail otherwise fail for find too', async () => {
    const { store } = stub({ throws: new Error('x'), classify: () => ({ code: 'PERMISSION_DENIED' }) })
    expect((await failure(store.find('db'))).code).toBe('PERMISSION_DENIED')
  })

  it('share one secret of one record', async () => {
    const record = {
      name: 'db',
      ...((await stub().provider.operations.get({} as never, {} as never)) as object),
    }
    const { store } = stub({ answers: { get: record } })
    const hold: Layer = { name: 'hold', wrap: () => async () => record as never }
    const held = createStore({ provider: stub().provider, layers: [hold] })
    expect(await held.get('db')).toBe(await held.get('db'))
    expect(await store.get('db')).not.toBe(await store.get('db'))
  })

  it('from a cache that is past its time say so', async () => {
    const stale: Layer = {
      name: 'stale',
      wrap: (next) => (call) => {
        call.context.trail.source = 'stale'
        return next(call)
      },
    }
    const store = createStore({ provider: memory({ seed: { db: 'x' } }), layers: [stale] })
    expect((await store.get('db')).stale).toBe(true)
    expect((await open({ db: 'x' }).get('db')).stale).toBe(false)
  })

  it('of a field name the secret in their errors', async () => {
    const error = await failure(open({ db: '{"a":1}' }).get('db', { field: 'b' }))
    expect(error).toMatchObject({ code: 'INVALID_VALUE', secret: 'db', operation: 'get', provider: 'memory' })
    expect(error.message).toBe('memory: get "db": the value has no field "b"')
  })
})

describe('many reads', () => {
  it('settle each name once, and never more at once than they may', async () => {
    let running = 0
    let most = 0
    const slow: Layer = {
      name: 'slow',
      wrap: (next) => async (call) => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setImmediate(resolve))
        running -= 1
        return next(call)
      },
    }
    const names = Array.from({ length: 25 }, (_, index) => `n${index}`)
    const seed = Object.fromEntries(names.map((name) => [name, name]))
    const store = createStore({ provider: memory({ seed }), layers: [slow] })
    const results = await store.getMany([...names, 'n0', 'missing'], { concurrency: 4 })
    expect([...results.values()].filter(({ status }) => status === 'fulfilled')).toHaveLength(25)
    expect(results.get('missing')).toMatchObject({ status: 'rejected', reason: { code: 'NOT_FOUND' } })
    expect([...results.keys()]).toEqual([...names, 'missing'])
    expect(most).toBe(4)
    most = 0
    await store.getMany(names)
    expect(most).toBe(20)
  })

  it.each([0, -1, 1.5, Number.NaN])('of %s at once are none', async (concurrency) => {
    await expect(open().getMany(['db'], { concurrency })).rejects.toThrow(
      'concurrency must be a whole number, 1 or more',
    )
  })

  it('ahead of time name every required name that is missing, in one error', async () => {
    const store = open({ a: '1' })
    expect(await store.prefetch(['a'])).toBeUndefined()
    const error = await failure(store.prefetch(['a', 'b', 'c']))
    expect(error.message).toBe('prefetch: missing "b", "c"; create them, or pass required: false')
    expect([error.code, error.secret]).toEqual(['NOT_FOUND', undefined])
    expect((await failure(store.prefetch(['b']))).secret).toBe('b')
    await store.prefetch(['b', 'c'], { required: false })
    const denied = stub({ throws: new Error('x'), classify: () => ({ code: 'PERMISSION_DENIED' }) })
    expect((await failure(denied.store.prefetch(['a'], { required: false }))).code).toBe('PERMISSION_DENIED')
  })
})

describe('peek', () => {
  it('knows nothing without a layer that remembers', async () => {
    const store = open({ db: 'x' })
    await store.get('db')
    expect(store.peek('db')).toBeUndefined()
  })

  it('shows the secret that was read before, and none that was not, nor after the end', async () => {
    const { provider } = stub()
    const held = (await provider.operations.get({} as never, {} as never)) as object
    const record = { name: 'db', canonical: 'db', kind: 'text', ...held }
    const remembering: Layer = {
      name: 'remembering',
      wrap: (_, env) => {
        env.offerHits(({ name }) =>
          name === 'db'
            ? { record: record as never, grant: () => 1, count: () => {}, onEnd: () => {} }
            : undefined,
        )
        return async () => record as never
      },
    }
    const store = createStore({ provider, layers: [remembering] })
    expect(store.peek('db')).toBeUndefined()
    const read = await store.get('db')
    expect(store.peek('db')).toBe(read)
    expect(store.peek('other')).toBeUndefined()
    await store.close()
    expect(store.peek('db')).toBeUndefined()
  })
})

describe('the end of a store', () => {
  it('ends the provider and the layers once, and refuses every call after it', async () => {
    const ended: string[] = []
    const { provider } = stub()
    const closing: Layer = {
      name: 'closing',
      wrap: (next, env) => {
        env.onClose(() => ended.push('layer'))
        return next
      },
    }
    const close = async (): Promise<void> => {
      ended.push('provider')
    }
    const store = createStore({ provider: { ...provider, close }, layers: [closing] })
    await Promise.all([store.close(), store.close(), store[Symbol.asyncDispose]()])
    expect(ended.sort()).toEqual(['layer', 'provider'])
    const error = await failure(store.get('db'))
    expect(error).toMatchObject({ code: 'CLOSED', operation: 'get' })
    expect(error.message).toContain('the store is closed; open a new one')
    await expect(collect(store.list())).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('tells of an end that failed', async () => {
    const close = (): Promise<void> => Promise.reject(new Error('the socket stays'))
    const store = createStore({ provider: { ...stub().provider, close }, layers: [] })
    await expect(store.close()).rejects.toThrow('the socket stays')
  })
})

describe('a store', () => {
  it('cannot be changed', () => {
    expect(Object.isFrozen(open())).toBe(true)
    expect(open().capabilities.pending).toBe('native')
  })

  it('of the system is made only of a store', async () => {
    const store = open()
    await systemStore(store).put('pending/db', 'x')
    expect((await systemStore(store).get('pending/db')).value).toBe('x')
    expect(await store.find('pending/db')).toBeUndefined()
    const other = { ...store }
    expect(() => systemStore(other)).toThrow('systemStore takes a store made by createStore or openStore')
  })

  it('refuses layers in an unsafe order', () => {
    const layer = (name: string): Layer => ({ name, wrap: (next) => next })
    const make =
      (...names: string[]) =>
      () =>
        createStore({ provider: memory(), layers: names.map(layer) })
    expect(make('timeout', 'retry')).toThrow(/retry must stand before timeout/)
    expect(make('cache', 'own', 'policy')).toThrow(/policy must stand before cache/)
    expect(make('cache', 'cache')).toThrow('cache is given twice')
    expect(make('own', 'own', 'policy', 'cache', 'own', 'retry', 'timeout')).not.toThrow()
  })

  it('takes its clock, its chance and its timers', async () => {
    const now = (): number => 42
    const random = (): number => 0.5
    const after = (): (() => void) => () => {}
    const seen: unknown[] = []
    const spy: Layer = {
      name: 'spy',
      wrap: (next, env) => {
        seen.push(env.now(), env.random(), env.after, env.provider, env.limits.maxTags)
        return next
      },
    }
    createStore({ provider: memory(), layers: [spy], now, random, after })
    expect(seen).toEqual([42, 0.5, after, 'memory', 64])
  })
})
