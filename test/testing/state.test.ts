import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openState, type State } from '../../src/testing/state.js'

let dataDir: string
let now = 0
const open = (service = 'toy') => openState({ service, now: () => now, dataDir })
const journal = () => join(dataDir, 'toy', 'journal.jsonl')
const put = (state: State, key: string, value: unknown) =>
  state.transact((t) => t.collection('notes').set(key, { value }))
const keys = (state: State) =>
  state.transact((t) =>
    t
      .collection('notes')
      .entries()
      .map(([key]) => key),
  )

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'strongroom-state-'))
  now = 0
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

describe('a transaction', () => {
  test('sees its own changes; others do not before it ends', () => {
    const state = open()
    state.transact((t) => {
      const notes = t.collection('notes')
      notes.set('a', { value: 1 })
      notes.set('b', { value: 2 })
      notes.delete('a')
      expect([notes.get('a'), notes.get('b'), notes.entries().length]).toEqual([undefined, { value: 2 }, 1])
      expect(keys(state)).toEqual([])
    })
    expect(keys(state)).toEqual(['b'])
    state.close()
  })

  test('that throws leaves nothing, in memory and on disk', () => {
    const state = open()
    const before = readFileSync(journal(), 'utf8')
    expect(() =>
      state.transact((t) => {
        t.collection('notes').set('a', { value: 1 })
        throw new Error('stop')
      }),
    ).toThrow('stop')
    expect(keys(state)).toEqual([])
    expect(readFileSync(journal(), 'utf8')).toBe(before)
    state.close()
  })

  test('is one line of the journal, and only reading writes none', () => {
    const state = open()
    const lines = () => readFileSync(journal(), 'utf8').split('\n').length
    const before = lines()
    state.transact((t) => {
      t.collection('notes').set('a', { value: 1 })
      t.collection('other').set('b', { value: 'two\nlines' })
    })
    keys(state)
    expect(lines()).toBe(before + 1)
    state.close()
  })

  test('freezes what it stores', () => {
    const state = openState({ service: 'toy', now: () => 0 })
    const document = { list: [{ deep: 1 }] }
    state.transact((t) => t.collection('notes').set('a', document))
    expect(() => document.list.push({ deep: 2 })).toThrow(TypeError)
    expect(Object.isFrozen(document.list[0])).toBe(true)
  })
})

describe('the journal', () => {
  test('brings everything back in the same order, with keys that a plain object would mix up', () => {
    const state = open()
    for (const key of ['z', '10', '__proto__', '2', 'a']) put(state, key, key)
    state.transact((t) => t.collection('notes').delete('z'))
    const dump = state.dump()
    state.close()
    const again = open()
    expect(keys(again)).toEqual(['10', '__proto__', '2', 'a'])
    expect(again.dump()).toEqual(dump)
    again.close()
  })

  test('cut at any byte of its last line, keeps every line before it', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ unit: 'grapheme' }), (cut, value) => {
        rmSync(dataDir, { recursive: true, force: true })
        const state = open()
        put(state, 'kept', value)
        const whole = statSync(journal()).size
        put(state, 'torn', value)
        const last = statSync(journal()).size - whole
        state.close()
        truncateSync(journal(), whole + (cut % last))
        const again = open()
        expect(keys(again)).toEqual(['kept'])
        put(again, 'next', value)
        again.close()
        const third = open()
        expect(keys(third)).toEqual(['kept', 'next'])
        third.close()
      }),
      { numRuns: 40 },
    )
  })

  test('damaged elsewhere, or of another emulator, is refused by line and never quoted', () => {
    const state = open()
    put(state, 'a', 'sk_live_1')
    put(state, 'b', 'x')
    state.close()
    const text = readFileSync(journal(), 'utf8')
    writeFileSync(journal(), text.replace('sk_live_1"', 'sk_live_1'))
    expect(() => open()).toThrow(/line 2 is damaged/)
    expect(() => open()).not.toThrow(/sk_live/)
    writeFileSync(journal(), text.replace('toy', 'aws'))
    expect(() => open()).toThrow(/no journal of this emulator/)
  })

  test('is for the owner only, also over a file that was not', () => {
    const state = open()
    put(state, 'a', 1)
    state.close()
    chmodSync(journal(), 0o644)
    const again = open()
    expect(statSync(journal()).mode & 0o777).toBe(0o600)
    expect(statSync(join(dataDir, 'toy')).mode & 0o777).toBe(0o700)
    again.close()
  })

  test('is compacted at the start and when it has grown', () => {
    const state = open()
    for (let i = 0; i < 400; i += 1) put(state, 'same', 'x'.repeat(65_536))
    expect(statSync(journal()).size).toBeLessThan(2 * 1024 * 1024)
    state.close()
    const again = open()
    expect(statSync(journal()).size).toBeLessThan(70_000)
    expect(keys(again)).toEqual(['same'])
    expect(existsSync(`${journal()}.tmp`)).toBe(false)
    again.close()
  })

  test('forgets at reset and takes a load, for good', () => {
    const state = open()
    put(state, 'a', 1)
    const dump = state.dump()
    state.reset()
    state.close()
    const empty = open()
    expect(keys(empty)).toEqual([])
    empty.load(dump)
    put(empty, 'b', 2)
    empty.close()
    const loaded = open()
    expect(keys(loaded)).toEqual(['a', 'b'])
    loaded.close()
  })
})

describe('the lock', () => {
  test('refuses a second user of the folder, and another service is no second user', () => {
    const state = open()
    expect(() => open()).toThrow(`in use by process ${process.pid}`)
    open('other').close()
    state.close()
    open().close()
  })

  test.each([
    ['a process that runs', '1', true],
    ['a process that died', '2147483646', false],
    ['an earlier process of the same id', String(process.pid), false],
    ['a torn lock', '', false],
  ])('of %s', (_title, holder, refuses) => {
    open().close()
    writeFileSync(join(dataDir, 'toy', 'lock'), holder)
    if (refuses) expect(() => open()).toThrow('in use by process 1')
    else open().close()
  })
})

describe('the past', () => {
  test('is what a read with a lag sees, as far as the history goes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), gone: fc.boolean() }), { maxLength: 30 }),
        (steps) => {
          now = 0
          const state = openState({ service: 'toy', now: () => now })
          const seen: [string, unknown][][] = [[]]
          for (const [index, { key, gone }] of steps.entries()) {
            now = index + 1
            state.transact((t) =>
              gone ? t.collection('n').delete(key) : t.collection('n').set(key, { index }),
            )
            seen.push(state.transact((t) => [...t.collection('n').entries()]) as [string, unknown][])
          }
          for (const [time, expected] of seen.entries()) {
            if (time === now) continue
            const past = state.transact((t) => t.collection('n').entries(), { lagMs: now - time })
            expect(new Map(past)).toEqual(new Map(expected))
          }
        },
      ),
    )
  })

  test('does not hold back a write', () => {
    const state = openState({ service: 'toy', now: () => now })
    put(state, 'a', 1)
    now = 10
    state.transact((t) => t.collection('notes').set('b', { value: 2 }), { lagMs: 100 })
    expect(keys(state)).toEqual(['a', 'b'])
  })
})
