import { createStore, type Layer, SecretError, type SecretStore } from 'strongroom'
import { nameCodec, SecretValue, systemStore } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { collect, failure, type StubOptions, stub } from './stub-provider.js'

describe('what a provider is given', () => {
  it('is the resolved name, and never the one of the user', async () => {
    const names = nameCodec({ allowed: 'A-Za-z0-9-', prefix: 'prod', foldsCase: true })
    const { store, calls } = stub({ names })
    await store.get('My db')
    await store.readRecord('My db')
    expect(calls).toEqual([
      { operation: 'get', input: { ref: 'prod-x2f-My-x20-db', canonical: 'prod-x2f-my-x20-db' } },
      {
        operation: 'readRecord',
        input: {
          ref: 'prod-x2f-My-x20-db',
          canonical: 'prod-x2f-my-x20-db',
          recordRef: 'strongroom-system-x2f-record-x2f-prod-x2d-x2f-my-x2d-x20-db',
        },
      },
    ])
  })

  it('is the identifier as it was passed, and the canonical name behind it', async () => {
    const names = nameCodec({ allowed: 'a-z', foldsCase: true, refOfId: (id) => id.replace('arn:', '') })
    const { store, calls } = stub({ names, limits: { namePattern: /^[a-z]+$/, maxNameLength: 3 } })
    await store.get({ id: 'arn:DB' })
    expect(calls[0]?.input).toEqual({ ref: 'arn:DB', canonical: 'db' })
  })

  it('is the beginning of the spellings that a prefix may have', async () => {
    const names = nameCodec({ allowed: 'A-Za-z0-9-', prefix: 'prod' })
    const { store, calls } = stub({ names })
    for (const prefix of ['', 'a/b', 'a-', 'a-x', 'a-x2f', 'a_', 'a_x2', 'a'])
      await collect(store.list({ prefix }))
    expect(calls.map(({ input }) => input['refPrefix'])).toEqual([
      'prod-x2f-',
      'prod-x2f-a-x2f-b',
      'prod-x2f-a',
      'prod-x2f-a',
      'prod-x2f-a',
      'prod-x2f-a',
      'prod-x2f-a',
      'prod-x2f-a',
    ])
  })
})

describe('what a layer makes of a call is looked at again', () => {
  const through = (change: object, options: StubOptions = {}): SecretStore => {
    const changing: Layer = {
      name: 'changing',
      wrap: (next) => (call) => next({ ...call, input: { ...call.input, ...change } }),
    }
    return createStore({ provider: stub(options).provider, layers: [changing] })
  }

  it.each<[object, string, (store: SecretStore) => Promise<unknown>]>([
    [{ value: 'text' }, 'value must be a string, bytes or JSON', (store) => store.put('db', 'x')],
    [{ cursor: 12 }, 'cursor must be what a page gave', (store) => collect(store.list())],
    [{ cursor: 12 }, 'cursor must be what a page gave', (store) => collect(store.versions('db'))],
  ])('%j: %s', async (change, message, run) => {
    await expect(run(through(change))).rejects.toThrow(new TypeError(message))
  })

  it('and a name without a namespace is the user’s', async () => {
    const error = await failure(through({ namespace: undefined }).get('strongroom-system/record/x'))
    expect(error.code).toBe('INVALID_NAME')
  })
})

describe('what a layer is told', () => {
  it('is how many requests were made, and an answer without keys that say nothing', async () => {
    const seen: unknown[] = []
    const spy: Layer = {
      name: 'spy',
      wrap: (next) => async (call) => {
        const output = await next(call)
        seen.push(call.context.trail.attempts, Object.keys(output ?? {}))
        return output
      },
    }
    const store = createStore({ provider: stub().provider, layers: [spy] })
    await collect(store.list())
    expect(seen).toEqual([1, ['items']])
  })
})

describe('the context of a provider', () => {
  it('sleeps on the timers of the store, and wakes up when the call is aborted', async () => {
    const { provider } = stub()
    const waits: number[] = []
    const get: typeof provider.operations.get = async (input, context) => {
      await context.sleep(5)
      return provider.operations.get(input, context)
    }
    const slow = { ...provider, operations: { ...provider.operations, get } }
    const after = (delayMs: number, run: () => void): (() => void) => {
      waits.push(delayMs)
      if (waits.length === 1) run()
      return () => {}
    }
    const store = createStore({ provider: slow, layers: [], after })
    expect((await store.get('db')).value).toBe('a value')
    const controller = new AbortController()
    const waiting = failure(store.get('db', { signal: controller.signal }))
    controller.abort()
    expect((await waiting).code).toBe('ABORTED')
    expect(waits).toEqual([5, 5])
  })
})

describe('names', () => {
  it.each<[string, string]>([
    ['strongroom-system/record/x', 'belong to workflows'],
    ['a'.repeat(21), 'takes 21 characters on stub, prefix and escapes included; the limit is 20'],
    ['UPPER', 'stub cannot hold "UPPER": names must match ^[a-z/-]+$'],
  ])('%s is refused: %s', async (name, rule) => {
    const { store, calls } = stub({
      names: nameCodec({ allowed: 'A-Za-z/-' }),
      limits: { maxNameLength: 20, namePattern: /^[a-z/-]+$/ },
    })
    const patient = name.startsWith('strongroom')
      ? stub({ names: nameCodec({ allowed: 'A-Za-z/-' }) })
      : undefined
    const error = await failure((patient?.store ?? store).get(name))
    expect(error).toMatchObject({ code: 'INVALID_NAME', secret: name, provider: 'stub', operation: 'get' })
    expect(error.message).toContain(`stub: get ${JSON.stringify(name)}: `)
    expect(error.message).toContain(rule)
    expect(calls).toEqual([])
  })

  it('of exactly the limit is taken', async () => {
    const { store, calls } = stub({ limits: { maxNameLength: 20 } })
    await store.get('a'.repeat(20))
    expect(calls).toHaveLength(1)
  })

  it('under the system root are free to the system store', async () => {
    const { store, calls } = stub()
    await systemStore(store).get('pending/db')
    expect(calls[0]?.input).toMatchObject({ ref: 'strongroom-system/pending/db' })
    const system = await failure(store.get({ id: 'strongroom-system/pending/db' }))
    expect(system.code).toBe('INVALID_NAME')
  })

  it.each([{ id: '' }, { id: 'a\nb' }])('%j is no identifier', async (name) => {
    const error = await failure(stub().store.get(name))
    expect(error).toMatchObject({ code: 'INVALID_NAME', secret: name.id })
    expect(error.message).toContain('not empty, without control characters')
  })

  it.each([12, null, undefined, {}, { id: 1 }])('%j is a TypeError', async (name) => {
    await expect(stub().store.get(name as unknown as string)).rejects.toThrow(
      'name must be a string or { id: string }',
    )
  })
})

describe('a listing', () => {
  const refs = ['prod/a', 'prod/B', 'other/c', 'strongroom-system/record/x', 'prod/-x2f-']
  const items = refs.map((ref) => ({ ref, id: `id of ${ref}`, tags: {} }))

  it('shows names without the prefix, and neither system names nor those of others', async () => {
    const names = nameCodec({ allowed: 'A-Za-z0-9/-', prefix: 'prod' })
    const { store } = stub({ names, answers: { listPage: { items } } })
    expect(await collect(store.list())).toEqual([
      { name: 'a', canonical: 'prod/a', id: 'id of prod/a', tags: {} },
      { name: 'B', canonical: 'prod/B', id: 'id of prod/B', tags: {} },
      { name: '-x2f-', canonical: 'prod/-x2f-', id: 'id of prod/-x2f-', tags: {} },
    ])
  })

  it('folds where the backend folds: the prefix, the canonical name, the system root', async () => {
    const names = nameCodec({ allowed: 'A-Za-z0-9/-', foldsCase: true })
    const loud = [
      { ref: 'Prod/B', id: 'i' },
      { ref: 'STRONGROOM-SYSTEM/record/x', id: 'i' },
    ]
    const { store } = stub({ names, answers: { listPage: { items: loud } } })
    expect(await collect(store.list({ prefix: 'pROD' }))).toEqual([
      { name: 'Prod/B', canonical: 'prod/b', id: 'i' },
    ])
    expect(await collect(systemStore(store).list())).toMatchObject([{ name: 'record/x' }])
  })

  it('shows a spelling that the codec could not have made as it is', async () => {
    const names = nameCodec({
      allowed: 'a-z',
      names: { encode: (name) => name.toLowerCase(), decode: (ref) => ref },
    })
    const { store } = stub({ names, answers: { listPage: { items: [{ ref: 'ABC', id: 'i' }] } } })
    expect(await collect(store.list())).toMatchObject([{ name: 'ABC' }])
  })
})

describe('a signal', () => {
  it('that is aborted before keeps everything from the wire', async () => {
    const { store, calls } = stub()
    const error = await failure(store.get('db', { signal: AbortSignal.abort() }))
    expect(error).toMatchObject({ code: 'ABORTED', outcomeUnknown: false, secret: 'db' })
    expect(error.message).toBe('stub: get "db": the caller aborted it')
    expect(calls).toEqual([])
  })

  it('that is aborted meanwhile is what the call ends with, whatever the provider makes of it', async () => {
    const controller = new AbortController()
    const { store, calls } = stub({
      meanwhile: () => controller.abort(),
      throws: new Error('the socket is closed'),
      classify: () => ({ code: 'DISABLED' }),
    })
    const error = await failure(store.put('db', 'x', { signal: controller.signal }))
    expect(error).toMatchObject({ code: 'ABORTED', outcomeUnknown: true })
    expect(calls).toHaveLength(1)
  })

  it('with a reason of ours ends with that reason', async () => {
    const reason = new SecretError({ code: 'TIMEOUT', message: 'too late' })
    const error = await failure(stub().store.get('db', { signal: AbortSignal.abort(reason) }))
    expect(error).toMatchObject({ code: 'TIMEOUT', message: 'stub: get "db": too late' })
  })
})

describe('a value in a call', () => {
  it('is the one that was put, as an object that does not print', async () => {
    const { store, calls } = stub()
    await store.put('db', 'a value of some length')
    expect(SecretValue.is(calls[0]?.input['value'])).toBe(true)
    expect(JSON.stringify(calls)).not.toContain('length"')
  })
})
