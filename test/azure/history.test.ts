import fc from 'fast-check'
import type { SecretStore } from 'strongroom'
import type { VersionInfo } from 'strongroom/provider'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { historyOf, type Version } from '../../providers/azure/history.js'
import { type Bench, collect, errorOf, foreignHand, openBench } from './kit.js'

const afterTag = 'strongroom-after'

/** Versions in the order in which they were set; ours name the one that their writer read, which may be an older one. */
const timeline = fc
  .array(fc.record({ second: fc.nat(4), ours: fc.boolean(), lag: fc.nat(2) }), { maxLength: 12 })
  .map((steps) => {
    const seconds = steps.map(({ second }) => second).sort((left, right) => left - right)
    return steps.map(({ ours, lag }, index): Version => {
      const read = index - 1 - lag
      return {
        name: 'a',
        version: `v${index}`,
        createdOn: new Date((seconds[index] ?? 0) * 1000),
        tags: ours && read >= 0 ? { [afterTag]: `v${read}` } : {},
      }
    })
  })

const ids = (groups: readonly (readonly Version[])[]): string[][] =>
  groups.map((group) => group.map(({ version }) => version).sort())

describe('the order of versions', () => {
  it('is never wrong: who stands alone stands where it was set, and a group holds what was set together', () => {
    fc.assert(
      fc.property(
        timeline.chain((set) =>
          fc.tuple(fc.constant(set), fc.shuffledSubarray(set, { minLength: set.length })),
        ),
        ([set, listed]) => {
          const groups = ids(historyOf(listed))
          const expected = [...set].reverse().map(({ version }) => version)
          let at = 0
          for (const group of groups) {
            expect(group).toEqual(expected.slice(at, at + group.length).sort())
            at += group.length
          }
          expect(at).toBe(set.length)
        },
      ),
    )
  })

  it('is total where all are ours, however many share a second', () => {
    fc.assert(
      fc.property(timeline, (set) => {
        const ours = set.map((version, index) =>
          index === 0 ? version : { ...version, tags: { [afterTag]: `v${index - 1}` } },
        )
        expect(historyOf(ours).map((group) => group.length)).toEqual(ours.map(() => 1))
      }),
    )
  })

  it('is none within a second where two follow the same one', () => {
    const at = (version: string, after?: string): Version => ({
      name: 'a',
      version,
      createdOn: new Date(0),
      tags: after === undefined ? {} : { [afterTag]: after },
    })
    expect(ids(historyOf([at('a'), at('b', 'a'), at('c', 'a')]))).toEqual([['a', 'b', 'c']])
    expect(ids(historyOf([at('a', 'b'), at('b', 'a')]))).toEqual([['a', 'b']])
  })
})

describe('a history on the wire', () => {
  let bench: Bench
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())

  it('of many versions of one second is in the order of the puts, over all pages', async () => {
    const versions: string[] = []
    for (let index = 0; index < 60; index += 1)
      versions.unshift((await bench.store.put('a', `${index}`)).version)
    let infos: VersionInfo[] = []
    const wire = await bench.wire(async () => {
      infos = await collect(bench.store.versions('a'))
    })
    expect(infos.map(({ version }) => version)).toEqual(versions)
    expect(infos.map(({ stages }) => stages).slice(0, 3)).toEqual([['current'], ['previous'], []])
    expect(new Set(infos.map(({ createdAt }) => createdAt.getTime())).size).toBe(1)
    expect(wire).toEqual({ GetSecretVersions: 3 })
  })

  it('shows what others have set in one second without inventing an order', async () => {
    const foreign = foreignHand(bench.emulator)
    for (const value of ['1', '2', '3']) await foreign.setSecret('a', value)
    const { properties } = await foreign.getSecret('a')
    const [first, ...rest] = await collect(bench.store.versions('a'))
    expect(first).toMatchObject({ version: properties.version, stages: ['current'] })
    expect(rest.map(({ stages }) => stages)).toEqual([[], []])
    expect((await bench.store.describe('a')).current?.version).toBe(properties.version)
  })

  it('cannot tell a disabled newest from another of its second: lists both, and refuses the rest', async () => {
    const foreign = foreignHand(bench.emulator)
    for (const value of ['1', '2']) await foreign.setSecret('a', value, { enabled: false })
    const infos = await collect(bench.store.versions('a'))
    expect(infos.map(({ stages, state }) => [stages, state])).toEqual([
      [[], 'disabled'],
      [[], 'disabled'],
    ])
    for (const call of [
      () => bench.store.describe('a'),
      () => bench.store.put('a', 'x'),
      () => bench.store.tag('a', { set: { b: 'c' } }),
      () => bench.store.get('a', { stage: 'previous' }),
    ]) {
      expect((await errorOf(call())).code).toBe('CONFLICT')
    }
  })

  it('tells a disabled newest from enabled ones of its second', async () => {
    const foreign = foreignHand(bench.emulator)
    await foreign.setSecret('a', '1')
    await foreign.setSecret('a', '2')
    const { properties } = await foreign.setSecret('a', '3', { enabled: false })
    expect((await bench.store.describe('a')).current).toMatchObject({
      version: properties.version,
      state: 'disabled',
    })
    expect((await errorOf(bench.store.get('a'))).code).toBe('DISABLED')
    expect((await errorOf(bench.store.get('a', { stage: 'newest-enabled' }))).code).toBe('CONFLICT')
  })
})

describe('the previous version', () => {
  let bench: Bench
  beforeEach(async () => {
    bench = await openBench({ facts: { namesPreviousVersion: true } })
  })
  afterEach(() => bench.close())

  const set = async (...values: string[]): Promise<void> => {
    for (const value of values) await foreignHand(bench.emulator).setSecret('a', value)
  }
  /** An interface of the service that says nothing of previous versions. */
  const older = (): SecretStore =>
    bench.open({ client: foreignHand(bench.emulator, { serviceVersion: '7.5' }) })

  it('is what the service says, in two requests', async () => {
    await set('1', '2', '3')
    const wire = await bench.wire(async () => {
      expect((await bench.store.get('a', { stage: 'previous' })).value).toBe('2')
    })
    expect(wire).toEqual({ GetSecret: 2 })
  })

  it('is found in the history where the service does not say it', async () => {
    for (const value of ['1', '2', '3']) await bench.store.put('a', value)
    const wire = await bench.wire(async () => {
      expect((await older().get('a', { stage: 'previous' })).value).toBe('2')
    })
    expect(wire).toEqual({ GetSecret: 2, GetSecretVersions: 1 })
  })

  it('of two that others set in one second is the one that is not current', async () => {
    await set('1', '2')
    expect((await older().get('a', { stage: 'previous' })).value).toBe('1')
  })

  it('of three that others set in one second cannot be told: CONFLICT, never a guess', async () => {
    await set('1', '2', '3')
    const error = await errorOf(older().get('a', { stage: 'previous' }))
    expect(error.code).toBe('CONFLICT')
    expect(error.message).toContain('2 versions')
  })

  it('is told by the second where the seconds differ', async () => {
    await set('1')
    bench.emulator.clock.advance(1_000)
    await set('2')
    bench.emulator.clock.advance(1_000)
    await set('3')
    expect((await older().get('a', { stage: 'previous' })).value).toBe('2')
  })

  it('of a disabled newest is found too', async () => {
    await bench.store.put('a', '1')
    const { version } = await bench.store.put('a', '2')
    await bench.store.setVersionState('a', version, 'disabled')
    expect((await bench.store.get('a', { stage: 'previous' })).value).toBe('1')
    expect((await bench.store.get('a', { stage: 'newest-enabled' })).stages).toEqual(['previous'])
  })

  it('is DISABLED when it is, and NOT_FOUND when there is none', async () => {
    const { version } = await bench.store.put('a', '1')
    expect((await errorOf(bench.store.get('a', { stage: 'previous' }))).code).toBe('NOT_FOUND')
    await bench.store.put('a', '2')
    await bench.store.setVersionState('a', version, 'disabled')
    expect((await errorOf(bench.store.get('a', { stage: 'previous' }))).code).toBe('DISABLED')
  })

  it('is the one before the last where every version is disabled: newest-enabled is DISABLED', async () => {
    const { version } = await bench.store.put('a', '1')
    await bench.store.setVersionState('a', version, 'disabled')
    expect((await errorOf(bench.store.get('a', { stage: 'newest-enabled' }))).code).toBe('DISABLED')
  })
})
