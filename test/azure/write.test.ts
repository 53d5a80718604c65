import { createStore, retry, type SecretStore } from 'strongroom'
import { azure } from 'strongroom/azure'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, collect, errorOf, foreignHand, httpUrlOf, openBench } from './kit.js'

let bench: Bench
let store: SecretStore
beforeEach(async () => {
  bench = await openBench()
  store = bench.store
})
afterEach(() => bench.close())

const range = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, 'x']))

describe('put', () => {
  it('is one read and one write, new or not', async () => {
    expect(await bench.wire(() => store.put('a', '1'))).toEqual({ GetSecret: 1, SetSecret: 1 })
    expect(await bench.wire(() => store.put('a', '2'))).toEqual({ GetSecret: 1, SetSecret: 1 })
    const current = (await store.get('a')).version
    expect(await bench.wire(() => store.put('a', '3', { ifVersion: current }))).toEqual({
      GetSecret: 1,
      SetSecret: 1,
    })
    const lost = () => errorOf(store.put('a', '4', { ifVersion: current }))
    expect(await bench.wire(lost)).toEqual({ GetSecret: 1 })
    expect(await bench.wire(() => errorOf(store.put('a', '4', { ifAbsent: true })))).toEqual({ GetSecret: 1 })
  })

  it('names the version that is there when it must be absent', async () => {
    const { version } = await store.put('a', '1')
    expect(await errorOf(store.put('a', '2', { ifAbsent: true }))).toMatchObject({
      code: 'ALREADY_EXISTS',
      version,
    })
  })

  it('on a disabled newest keeps its tags, and reads again', async () => {
    const { version } = await store.put('a', '1', { tags: { team: 'red' } })
    await store.setVersionState('a', version, 'disabled')
    const wire = await bench.wire(() => store.put('a', '2', { ifVersion: version }))
    expect(wire).toEqual({ GetSecret: 1, GetSecretVersions: 1, SetSecret: 1 })
    expect((await store.get('a')).tags).toEqual({ team: 'red' })
  })

  it('stamps each version with the one before it, out of sight', async () => {
    const first = await store.put('a', '1', { tags: { team: 'red' } })
    await store.put('a', '2')
    const { properties } = await foreignHand(bench.emulator).getSecret('a')
    expect(properties.tags).toEqual({ team: 'red', 'strongroom-after': first.version })
    for (const { tags } of [
      await store.get('a'),
      await store.describe('a'),
      ...(await collect(store.list())),
    ]) {
      expect(tags).toEqual({ team: 'red' })
    }
  })

  it.each(['strongroom-after', 'Strongroom-After'])('refuses the tag %s before the wire', async (key) => {
    const wire = await bench.wire(async () => {
      expect((await errorOf(store.put('a', '1', { tags: { [key]: 'x' } }))).code).toBe('INVALID_VALUE')
    })
    expect(wire).toEqual({})
  })

  it('leaves its own tag off where others have filled every place', async () => {
    await foreignHand(bench.emulator).setSecret('a', '1', { tags: range(15) })
    await store.put('a', '2')
    expect((await foreignHand(bench.emulator).getSecret('a')).properties.tags).toEqual(range(15))
  })

  it('of a new secret adds the tags of the factory, and those given win', async () => {
    const house = bench.open({ create: { tags: { owner: 'platform', team: 'none' } } })
    await house.put('a', '1', { tags: { team: 'red' } })
    expect((await house.get('a')).tags).toEqual({ owner: 'platform', team: 'red' })
    await house.put('a', '2', { tags: { tier: '1' } })
    expect((await house.get('a')).tags).toEqual({ tier: '1' })
  })

  it('of a new secret with too many tags of both is refused before it is written', async () => {
    const house = bench.open({ create: { tags: range(10) } })
    const tags = { a: 'x', b: 'x', c: 'x', d: 'x', e: 'x' }
    const wire = await bench.wire(async () => {
      expect((await errorOf(house.put('a', '1', { tags }))).code).toBe('INVALID_VALUE')
    })
    expect(wire).toEqual({ GetSecret: 1 })
  })
})

describe('a write under the retry layer', () => {
  const retried = (): SecretStore =>
    createStore({
      provider: azure({ endpoint: httpUrlOf(bench.emulator) }),
      layers: [retry({ baseDelayMs: 0 })],
    })

  it('of which the answer is lost is sent once, and says so; a read tells what came of it', async () => {
    await store.put('a', '1', { tags: { team: 'red' } })
    bench.emulator.faults.add({ operation: 'SetSecret', drop: 'after' })
    for (const [value, isFenced] of [
      ['2', false],
      ['3', true],
    ] as const) {
      const before = await collect(store.versions('a'))
      const fence = isFenced ? { ifVersion: before[0]?.version ?? '' } : {}
      const error = await errorOf(retried().put('a', value, fence))
      expect(error).toMatchObject({
        code: 'UNAVAILABLE',
        outcomeUnknown: true,
        retryable: false,
        attempts: 1,
      })
      expect(await collect(store.versions('a'))).toHaveLength(before.length + 1)
      expect(await store.get('a')).toMatchObject({ value, tags: { team: 'red' } })
    }
  })

  it('is repeated where the read before it failed', async () => {
    bench.emulator.faults.add({ operation: 'GetSecret', status: 503, times: 2 })
    const wire = await bench.wire(() => retried().put('a', '1'))
    expect(wire).toEqual({ GetSecret: 3, SetSecret: 1 })
  })

  it('is repeated where the vault has refused it for its quota', async () => {
    bench.emulator.faults.add({ operation: 'SetSecret', error: 'Throttled', times: 1 })
    await retried().put('a', '1')
    expect(await collect(store.versions('a'))).toHaveLength(1)
  })
})

describe('tag', () => {
  it('changes the current version in one read and one write, and makes no version', async () => {
    const { version } = await store.put('a', '1', { tags: { team: 'red', tier: '1' } })
    const wire = await bench.wire(() => store.tag('a', { set: { team: 'blue' }, remove: ['tier', 'absent'] }))
    expect(wire).toEqual({ GetSecret: 1, UpdateSecret: 1 })
    expect(await store.get('a')).toMatchObject({ version, tags: { team: 'blue' } })
  })

  it('keeps its own tag, the content type and the expiry', async () => {
    const expiresAt = new Date('2030-01-01T00:00:00Z')
    const first = await store.put('a', '1')
    await store.put('a', { a: 1 }, { expiresAt })
    await store.tag('a', { set: { team: 'red' } })
    expect(await store.get('a')).toMatchObject({ kind: 'json', tags: { team: 'red' } })
    expect((await store.get('a')).expiresAt).toEqual(expiresAt)
    const { properties } = await foreignHand(bench.emulator).getSecret('a')
    expect(properties.tags?.['strongroom-after']).toBe(first.version)
  })

  it('works on a disabled version', async () => {
    const { version } = await store.put('a', '1')
    await store.setVersionState('a', version, 'disabled')
    await store.tag('a', { set: { team: 'red' } })
    expect((await store.describe('a')).tags).toEqual({ team: 'red' })
  })

  it('refuses more than a version holds, and lets the tags of others stand', async () => {
    await store.put('a', '1', { tags: range(14) })
    expect((await errorOf(store.tag('a', { set: { more: 'x' } }))).code).toBe('INVALID_VALUE')
    await foreignHand(bench.emulator).setSecret('b', '1', { tags: range(15) })
    await store.tag('b', { set: { t0: 'y' } })
    expect((await store.get('b')).tags).toEqual({ ...range(15), t0: 'y' })
  })

  it('of what is not there is NOT_FOUND', async () => {
    expect((await errorOf(store.tag('a', { set: { team: 'red' } }))).code).toBe('NOT_FOUND')
  })
})

describe('setVersionState', () => {
  it('switches one version off and on, in one request each, and keeps its tags', async () => {
    const { version } = await store.put('a', '1', { tags: { team: 'red' } })
    expect(await bench.wire(() => store.setVersionState('a', version, 'disabled'))).toEqual({
      UpdateSecret: 1,
    })
    expect((await errorOf(store.get('a', { version }))).code).toBe('DISABLED')
    await store.setVersionState('a', version, 'enabled')
    expect((await store.get('a', { version })).tags).toEqual({ team: 'red' })
  })

  it('of an older version does not move what is current', async () => {
    const { version } = await store.put('a', '1')
    const current = await store.put('a', '2')
    await store.setVersionState('a', version, 'disabled')
    await store.setVersionState('a', version, 'enabled')
    expect((await store.get('a')).version).toBe(current.version)
  })

  it.each(['versions', 'backup', '..', 'v1', '0'.repeat(31)])(
    '%s is no version: NOT_FOUND, before the wire',
    async (version) => {
      await store.put('a', '1')
      const wire = await bench.wire(async () => {
        expect((await errorOf(store.setVersionState('a', version, 'disabled'))).code).toBe('NOT_FOUND')
        expect((await errorOf(store.get('a', { version }))).code).toBe('NOT_FOUND')
      })
      expect(wire).toEqual({})
    },
  )
})
