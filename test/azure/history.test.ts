import fc from 'fast-check'
import type { SecretStore } from 'strongroom'
import type { VersionInfo } from 'strongroom/provider'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  earlierThan,
  type History,
  historyOf,
  infoOf,
  type Version,
  versionFrom,
} from '../../providers/azure/history.js'
import { type Bench, collect, errorOf, foreignHand, openBench } from './kit.js'

const afterTag = 'strongroom-after'

/**
 * Versions in the order in which they were set. Ours name the one that their writer read, which may be an older one;
 * others carry no tag of ours, or the tags of a version that was there.
 */
const timeline = fc
  .array(
    fc.record({
      second: fc.nat(4),
      writer: fc.constantFrom('ours', 'plain', 'copy'),
      lag: fc.nat(2),
    }),
    { maxLength: 12 },
  )
  .map((steps) => {
    const seconds = steps.map(({ second }) => second).sort((left, right) => left - right)
    const versions: Version[] = []
    for (const [index, { writer, lag }] of steps.entries()) {
      const read = versions[index - 1 - lag]
      const written = {
        ours: read === undefined ? {} : { [afterTag]: read.version },
        plain: {},
        copy: read?.tags ?? {},
      }
      const createdOn = new Date((seconds[index] ?? 0) * 1000)
      versions.push({ name: 'a', version: `v${index}`, createdOn, tags: written[writer] })
    }
    return versions
  })

/** The same, and then a script writes the tags of one version onto another. */
const meddled = fc
  .tuple(timeline, fc.nat(), fc.nat())
  .map(([set, from, to]) =>
    set.map((version, index) =>
      index === to % set.length ? { ...version, tags: set[from % set.length]?.tags ?? {} } : version,
    ),
  )

const ids = (groups: readonly (readonly Version[])[]): string[][] =>
  groups.map((group) => group.map(({ version }) => version).sort())

/** Who stands alone stands where it was set, and a group holds what was set together. */
function expectTrue(history: History, set: readonly Version[]): void {
  const expected = [...set].reverse().map(({ version }) => version)
  let at = 0
  for (const group of ids(history)) {
    expect(group).toEqual(expected.slice(at, at + group.length).sort())
    at += group.length
  }
  expect(at).toBe(set.length)
}

describe('the order of versions', () => {
  it.each([
    ['copy our tag', timeline],
    ['copy it onto a version that is there', meddled],
  ])('is never wrong, whoever writes, also when others %s', (_, histories) => {
    fc.assert(
      fc.property(
        histories.chain((set) =>
          fc.tuple(fc.constant(set), fc.shuffledSubarray([...set], { minLength: set.length })),
        ),
        ([set, listed]) => {
          const history = historyOf(listed)
          expectTrue(history, set)
          const newest = set.at(-1)
          if (newest !== undefined) expectTrue(earlierThan(history, newest.version), set.slice(0, -1))
        },
      ),
      { numRuns: 1_000 },
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

  const at = (version: string, after?: string, second = 0): Version => ({
    name: 'a',
    version,
    createdOn: new Date(second * 1000),
    tags: after === undefined ? {} : { [afterTag]: after },
  })

  it.each<[string, Version[], string[][]]>([
    ['two follow the same one', [at('a'), at('b', 'a'), at('c', 'a')], [['a', 'b', 'c']]],
    ['they follow each other', [at('a', 'b'), at('b', 'a')], [['a', 'b']]],
    ['one follows itself', [at('a', 'a'), at('b', 'a')], [['a', 'b']]],
    ['one alone follows itself', [at('a', 'a')], [['a']]],
    ['there is none', [], []],
    ['one says nothing', [at('a'), at('b', 'a'), at('c')], [['a', 'b', 'c']]],
    ['one points nowhere', [at('a'), at('b', 'gone')], [['a', 'b']]],
    ['a part of them is a ring', [at('a'), at('b', 'c'), at('c', 'b')], [['a', 'b', 'c']]],
    [
      'a later version holds the same link: one of the two is a copy',
      [at('a', 'b'), at('b'), at('c', 'b', 1)],
      [['c'], ['a', 'b']],
    ],
  ])('is none within a second where %s', (_, versions, expected) => {
    for (const listed of [versions, [...versions].reverse()]) expect(ids(historyOf(listed))).toEqual(expected)
  })

  it.each<[string, Version[]]>([
    ['points nowhere', [at('a'), at('b', 'gone', 1), at('c', 'b', 2)]],
    ['points to a later version', [at('a', 'c'), at('b', 'a', 1), at('c', 'b', 2)]],
    ['points past the one before', [at('a'), at('b', 'a', 1), at('c', 'a', 2)]],
  ])('of different seconds is that of the seconds, also where a link %s', (_, versions) => {
    expect(ids(historyOf(versions))).toEqual([['c'], ['b'], ['a']])
  })

  it('goes by the links within a second, by the seconds between them', () => {
    const versions = [at('d', 'c', 1), at('a', 'z'), at('c', 'b', 1), at('b', 'a')]
    expect(ids(historyOf(versions))).toEqual([['d'], ['c'], ['b'], ['a']])
  })

  it('forgets no link when the newest is taken off: its copy may be what is left', () => {
    const history = historyOf([at('a', 'b'), at('b'), at('c', 'b', 1)])
    expect(ids(earlierThan(history, 'c'))).toEqual([['a', 'b']])
  })
})

describe('a version', () => {
  it.each([{ name: 'a' }, { name: 'a', version: 'v1' }, { name: 'a', createdOn: new Date(0) }])(
    'is not made of %j',
    (properties) => {
      expect(() => versionFrom(properties)).toThrow('names no version, or no time of its creation')
    },
  )

  it('carries an expiry only where it has one', () => {
    const version = { name: 'a', version: 'v1', createdOn: new Date(0) }
    const info = { version: 'v1', createdAt: new Date(0), state: 'enabled', stages: [] }
    expect(infoOf(versionFrom(version), [])).toStrictEqual(info)
    const expiresOn = new Date(1)
    expect(infoOf({ ...version, expiresOn, enabled: false }, ['current'])).toStrictEqual({
      ...info,
      state: 'disabled',
      stages: ['current'],
      expiresAt: expiresOn,
    })
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
      const error = await errorOf(call())
      expect(error.code).toBe('CONFLICT')
      expect(error.message).toMatch(/2 versions of the same second may be current|cannot be told/)
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
    const none = await errorOf(bench.store.get('a', { stage: 'previous' }))
    expect([none.code, none.message]).toEqual([
      'NOT_FOUND',
      expect.stringContaining('no version is previous'),
    ])
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

describe('who cannot be trusted with our tag', () => {
  let bench: Bench
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())
  const older = (): SecretStore =>
    bench.open({ client: foreignHand(bench.emulator, { serviceVersion: '7.5' }) })

  it('a script that reads, changes and sets, tags and all: previous is still the one before', async () => {
    const foreign = foreignHand(bench.emulator)
    for (const value of ['1', '2']) await bench.store.put('a', value)
    const { properties } = await foreign.getSecret('a')
    await foreign.setSecret('a', '3', { tags: properties.tags ?? {} })
    expect((await errorOf(older().get('a', { stage: 'previous' }))).code).toBe('CONFLICT')
    bench.emulator.clock.advance(1_000)
    await foreign.setSecret('a', '4', { tags: properties.tags ?? {} })
    bench.emulator.clock.advance(1_000)
    await foreign.setSecret('a', '5', { tags: properties.tags ?? {} })
    expect((await older().get('a', { stage: 'previous' })).value).toBe('4')
  })

  it('a script that copies the tags of the current version onto older ones', async () => {
    const foreign = foreignHand(bench.emulator)
    const one = await foreign.setSecret('a', '1')
    await foreign.setSecret('a', '2')
    bench.emulator.clock.advance(1_000)
    const { version } = await bench.store.put('a', '3')
    const { properties } = await foreign.getSecret('a')
    await foreign.updateSecretProperties('a', one.properties.version ?? '', { tags: properties.tags ?? {} })
    const error = await errorOf(older().get('a', { stage: 'previous' }))
    expect(error.code).toBe('CONFLICT')
    const infos = await collect(bench.store.versions('a'))
    expect(infos.map(({ stages }) => stages)).toEqual([['current'], [], []])
    expect((await bench.store.describe('a')).current?.version).toBe(version)
  })
})
