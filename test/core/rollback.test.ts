import { createStore, type Layer, type SecretStore } from 'strongroom'
import { memory } from 'strongroom/memory'
import type { Capabilities } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { failure, type StubOptions, stub } from './stub-provider.js'

async function history(capabilities: Partial<Capabilities> = {}): Promise<[SecretStore, string[]]> {
  let now = Date.UTC(2026, 0, 1)
  const store = createStore({ provider: memory({ capabilities }), layers: [], now: () => now })
  const versions: string[] = []
  for (const value of ['one', 'two', 'three']) {
    versions.push((await store.put('db', value)).version)
    now += 2_000
  }
  return [store, versions]
}

describe('a rollback', () => {
  it('where pending is native promotes, and makes no version', async () => {
    const [store, [, two]] = await history()
    expect(await store.rollback('db')).toEqual({ version: two })
    expect((await store.get('db')).value).toBe('two')
  })

  it('elsewhere stores the old value anew, under a fence where there is one', async () => {
    const fences: unknown[] = []
    for (const putIfVersion of ['atomic', 'none'] as const) {
      const provider = memory({ capabilities: { pending: 'none', putIfVersion } })
      const put: typeof provider.operations.put = (input, context) => {
        fences.push(input.ifVersion)
        return provider.operations.put(input, context)
      }
      const store = createStore({
        provider: { ...provider, operations: { ...provider.operations, put } },
        layers: [],
      })
      await store.put('db', 'one')
      await store.put('db', 'two')
      expect(await store.rollback('db')).toEqual({ version: '3' })
      expect((await store.get('db')).value).toBe('one')
    }
    expect(fences).toEqual([undefined, undefined, '2', undefined, undefined, undefined])
  })

  it('goes back from the version that the caller saw, not from the one that is current', async () => {
    const [store, [one, two, three]] = await history()
    await store.promote('db', two ?? '')
    expect(await store.rollback('db', { ifCurrent: three })).toEqual({ version: two })
    const error = await failure(
      store
        .rollback('db', { ifCurrent: two, to: one })
        .then(() => store.rollback('db', { ifCurrent: three })),
    )
    expect(error).toMatchObject({ code: 'CONFLICT', operation: 'promote' })
    expect(error.message).toBe(`rollback: ${one} is current, not ${three}; read again and decide`)
  })

  it.each<[string, Partial<Capabilities>]>([
    ['promotion', {}],
    ['a copy', { pending: 'none' }],
  ])('by %s is done once, however often it is asked for with ifCurrent', async (_, capabilities) => {
    const [store, versions] = await history(capabilities)
    const first = await store.rollback('db', { ifCurrent: versions[2] })
    expect(await store.rollback('db', { ifCurrent: versions[2] })).toEqual(first)
    expect((await store.get('db')).value).toBe('two')
  })

  it('to what is current does nothing', async () => {
    const [store, [, , three]] = await history()
    expect(await store.rollback('db', { to: three, ifCurrent: 'whatever' })).toEqual({ version: three })
  })

  it('without a copy to make needs no fence: the same value is current already', async () => {
    const [store] = await history({ pending: 'none' })
    await store.put('db', 'two')
    expect(await store.rollback('db', { to: '2', ifCurrent: '3' })).toEqual({ version: '4' })
  })

  it('of a copy is CONFLICT when something else is current', async () => {
    const [store] = await history({ pending: 'none' })
    const error = await failure(store.rollback('db', { to: '1', ifCurrent: '2' }))
    expect(error.message).toContain('3 is current, not 2')
    expect((await store.get('db')).value).toBe('three')
  })

  it('reads each of the two values once, and looks for the one before only where it is not told', async () => {
    const provider = memory({ capabilities: { pending: 'none' } })
    const seeded = createStore({ provider, layers: [] })
    for (const value of ['one', 'two', 'three']) await seeded.put('db', value)
    for (const [options, expected] of [
      [{}, ['describe', 'get previous', 'get 3', 'put']],
      [{ ifCurrent: '4' }, ['describe', 'get previous', 'get 4', 'put']],
      [{ to: '1' }, ['describe', 'get 5', 'get 1', 'put']],
    ] as const) {
      const calls: string[] = []
      const watch: Layer = {
        name: 'watch',
        wrap: (next) => (call) => {
          const { version, stage } = call.input as { version?: string; stage?: string }
          calls.push([call.operation, ...(call.operation === 'get' ? [version ?? stage] : [])].join(' '))
          return next(call)
        },
      }
      const store = createStore({ provider, layers: [watch] })
      await store.rollback('db', options)
      expect(calls).toEqual(expected)
    }
  })

  it('goes back from a version that is disabled, which cannot be compared', async () => {
    const [store, [, , three]] = await history({ pending: 'none' })
    await store.setVersionState('db', three ?? '', 'disabled')
    expect((await failure(store.rollback('db', { to: '2', ifCurrent: '1' }))).code).toBe('CONFLICT')
    expect(await store.rollback('db', { to: '2', ifCurrent: three })).toEqual({ version: '4' })
    expect((await store.get('db')).value).toBe('two')
  })

  it('passes over versions that are not enabled', async () => {
    const [store, versions] = await history({ pending: 'none' })
    await store.put('db', 'four')
    await store.setVersionState('db', versions[1] ?? '', 'disabled')
    await store.rollback('db', { ifCurrent: '4', to: '1' })
    expect(await store.rollback('db', { ifCurrent: '3' })).toEqual({ version: '5' })
  })

  it.each<[string, StubOptions, object, string, string]>([
    [
      'nothing is current',
      { answers: { describe: { id: 'i', tags: {}, state: 'active' } } },
      {},
      'NOT_FOUND',
      'rollback: nothing is current, so there is nothing to roll back',
    ],
    [
      'the history does not hold it',
      {},
      { ifCurrent: 'v9' },
      'NOT_FOUND',
      'rollback: the history does not hold v9; name a version with "to"',
    ],
    [
      'nothing stands before it',
      { answers: { versionsPage: { items: [info('v9', 1), info('v0', 0, 'disabled')] } } },
      { ifCurrent: 'v9' },
      'NOT_FOUND',
      'rollback: nothing stands before v9; name a version with "to"',
    ],
    [
      'two are as old as the one before',
      {
        answers: { versionsPage: { items: [info('v9', 1), info('a', 0), info('b', 0)] } },
        capabilities: { versionOrder: 'partial' },
      },
      { ifCurrent: 'v9' },
      'CONFLICT',
      'rollback: 2 versions are as old as the one before; name one with "to"',
    ],
  ])('refuses when %s', async (_, options, rollback, code, message) => {
    const error = await failure(stub(options).store.rollback('db', rollback))
    expect([error.code, error.message]).toEqual([code, message])
  })

  it('takes the first of two that are as old where the history is ordered', async () => {
    const answers = { versionsPage: { items: [info('v9', 1), info('a', 0), info('b', 0)] } }
    const { store, calls } = stub({ answers })
    const error = await failure(store.rollback('db', { ifCurrent: 'v9' }))
    expect(error.message).toContain('v1 is current, not v9')
    expect(calls.map(({ operation }) => operation)).toEqual(['describe', 'versionsPage'])
  })

  it('passes the signal on', async () => {
    const [store] = await history()
    expect((await failure(store.rollback('db', { signal: AbortSignal.abort() }))).code).toBe('ABORTED')
  })
})

function info(version: string, at: number, state = 'enabled'): object {
  return { version, createdAt: new Date(at), state, stages: [] }
}
