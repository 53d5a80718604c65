import { createStore, firstOf, type Layer, on, SecretError, type SecretStore } from 'strongroom'
import { memory } from 'strongroom/memory'
import { describe, expect, it } from 'vitest'
import { type FakeTiming, fakeTiming } from '../support/fake-timing.js'
import { failure } from './stub-provider.js'

interface Rig {
  readonly store: SecretStore
  readonly timing: FakeTiming
  readonly values: (overlapMs: number) => Promise<string[]>
}

async function rotated(): Promise<Rig> {
  const timing = fakeTiming()
  const store = createStore({ provider: memory(), layers: [], ...timingOf(timing) })
  await store.put('token', 'old')
  await timing.advance(3_600_000)
  await store.put('token', 'new')
  const values = async (overlapMs: number): Promise<string[]> =>
    (await store.accepted('token', { overlapMs })).map(({ value }) => value)
  return { store, timing, values }
}

function timingOf({ now, random, after }: FakeTiming): Pick<FakeTiming, 'now' | 'random' | 'after'> {
  return { now, random, after }
}

describe('accepted', () => {
  it('gives the previous value beside the current one for as long as the overlap', async () => {
    const { timing, values } = await rotated()
    expect(await values(60_000)).toEqual(['new', 'old'])
    await timing.advance(59_999)
    expect(await values(60_000)).toEqual(['new', 'old'])
    await timing.advance(1)
    expect(await values(60_000)).toEqual(['new'])
    expect(await values(0)).toEqual(['new'])
  })

  it('gives one value where there was never another', async () => {
    const store = createStore({ provider: memory({ seed: { token: 'only' } }), layers: [] })
    const all = await store.accepted('token', { overlapMs: Number.POSITIVE_INFINITY })
    expect(all.map(({ value }) => value)).toEqual(['only'])
  })

  it('leaves out a previous value that was switched off', async () => {
    const { store, values } = await rotated()
    const { version } = await store.get('token', { stage: 'previous' })
    await store.setVersionState('token', version, 'disabled')
    expect(await values(60_000)).toEqual(['new'])
  })

  it('takes a previous value that cannot be read for an error, never for none', async () => {
    const { store } = await rotated()
    const denied: Layer = {
      name: 'previous is denied',
      wrap: (next) =>
        on(
          'get',
          async (call) => {
            if (call.input.stage !== 'previous') return next(call)
            throw new SecretError({ code: 'PERMISSION_DENIED', message: 'not this one' })
          },
          next,
        ),
    }
    const guarded = createStore({ provider: memory({ seed: { token: 'only' } }), layers: [denied] })
    const error = await failure(guarded.accepted('token', { overlapMs: Number.POSITIVE_INFINITY }))
    expect(error.code).toBe('PERMISSION_DENIED')
    expect((await failure(store.accepted('none', { overlapMs: 1 }))).code).toBe('NOT_FOUND')
  })

  it('needs to know the overlap', async () => {
    const { store } = await rotated()
    const accepted = (options: unknown): Promise<unknown> => store.accepted('token', options as never)
    await expect(accepted({})).rejects.toThrow('overlapMs must be a number of milliseconds, 0 or more')
    await expect(accepted({ overlapMs: -1 })).rejects.toThrow('overlapMs')
    await expect(accepted({ overlapMs: Number.NaN })).rejects.toThrow('overlapMs')
    await expect(accepted({ overlapMs: 1, overlap: 1 })).rejects.toThrow('there is no option "overlap"')
  })

  it('is answered whole by the first of several that has the name', async () => {
    const { store } = await rotated()
    const empty = createStore({ provider: memory(), layers: [] })
    const all = await firstOf(empty, store).accepted('token', { overlapMs: Number.POSITIVE_INFINITY })
    expect(all.map(({ value }) => value)).toEqual(['new', 'old'])
  })
})

describe('where reads do not say when a version was made', () => {
  /** As on Google. */
  const undated: Layer = {
    name: 'undated',
    wrap: (next) =>
      on(
        'get',
        async (call) => {
          const { createdAt: _, ...record } = await next(call)
          return record
        },
        next,
      ),
  }

  it('asks for it', async () => {
    const timing = fakeTiming()
    const store = createStore({ provider: memory(), layers: [undated], ...timingOf(timing) })
    const values = async (): Promise<string[]> =>
      (await store.accepted('token', { overlapMs: 60_000 })).map(({ value }) => value)
    await store.put('token', 'old')
    await store.put('token', 'new')
    expect(await values()).toEqual(['new', 'old'])
    await timing.advance(60_000)
    expect(await values()).toEqual(['new'])
  })

  it('takes a version that was replaced meanwhile for a young one', async () => {
    const timing = fakeTiming()
    const provider = memory()
    const late: Layer = {
      name: 'late',
      wrap: (next) =>
        on(
          'describe',
          async (call) => {
            const info = await next(call)
            return { ...info, ...(info.current && { current: { ...info.current, version: 'a newer one' } }) }
          },
          next,
        ),
    }
    const store = createStore({ provider, layers: [late, undated], ...timingOf(timing) })
    await store.put('token', 'old')
    await store.put('token', 'new')
    await timing.advance(3_600_000)
    expect((await store.accepted('token', { overlapMs: 1 })).map(({ value }) => value)).toEqual([
      'new',
      'old',
    ])
  })
})
