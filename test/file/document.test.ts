import fc from 'fast-check'
import { type Entry, SecretError, SecretValue, type Version } from 'strongroom/provider'
import { describe, expect, it } from 'vitest'
import { copyOf, type Document, decodeDocument, encodeDocument } from '../../providers/file/document.js'

const wellFormed = fc.string({ unit: 'binary' }).map((text) => text.toWellFormed())
const name = fc.oneof(wellFormed, fc.constantFrom('__proto__', 'constructor', '0', 'toString', '', ' '))
const time = fc.date({ noInvalidDate: true })
const value = fc.oneof(
  wellFormed.map(SecretValue.text),
  fc.json().map(SecretValue.jsonText),
  fc.uint8Array({ maxLength: 64 }).map(SecretValue.binary),
)
const version: fc.Arbitrary<Version> = fc
  .record({
    id: fc.uuid(),
    createdAt: time,
    expiresAt: fc.option(time, { nil: undefined }),
    state: fc.constantFrom('enabled' as const, 'disabled' as const, 'destroyed' as const),
    value,
    tags: fc.constant(undefined),
  })
  .map((made) => (made.state === 'destroyed' ? { ...made, value: undefined } : made))
const entry: fc.Arbitrary<Entry> = fc.record({
  versions: fc.array(version, { maxLength: 4 }),
  current: fc.option(fc.uuid(), { nil: undefined }),
  previous: fc.option(fc.uuid(), { nil: undefined }),
  pending: fc.option(fc.uuid(), { nil: undefined }),
  tags: fc.dictionary(name, fc.string({ unit: 'binary' }), { noNullPrototype: true }),
  changedAt: time,
  recoverableUntil: fc.option(time, { nil: undefined }),
})
const record = fc.record({ nonce: fc.uuid(), of: name, rotation: fc.constant({ phase: 'idle' }) })
const document: fc.Arbitrary<Document> = fc.record({
  id: fc.uuid(),
  generation: fc.nat(),
  recipients: fc.array(wellFormed, { maxLength: 3 }),
  count: fc.nat(),
  entries: fc.array(fc.tuple(name, entry), { maxLength: 5 }).map((entries) => new Map(entries)),
  records: fc
    .array(fc.tuple(name, fc.oneof(fc.record({ revision: name }), fc.record({ revision: name, record }))), {
      maxLength: 3,
    })
    .map((records) => new Map(records)),
})

/** As data that a comparer can see into. */
function plain({ entries, records, ...rest }: Document): object {
  const shown = ({ versions, ...fields }: Entry): object => ({
    ...fields,
    versions: versions.map((each) => ({
      ...each,
      value: each.value && [each.value.kind, [...each.value.bytes()]],
    })),
  })
  return {
    ...rest,
    entries: [...entries]
      .map(([at, each]) => [at, shown(each)] as const)
      .toSorted(([left], [right]) => (left < right ? -1 : 1)),
    records: [...records].toSorted(([left], [right]) => (left < right ? -1 : 1)),
  }
}

describe('the document', () => {
  it('comes back as it was, whatever the names and values', () => {
    fc.assert(
      fc.property(document, (original) => {
        expect(plain(decodeDocument('x.age', encodeDocument(original)))).toEqual(plain(original))
      }),
    )
  })

  it('is copied so that a change of the copy does not show', () => {
    fc.assert(
      fc.property(document, (original) => {
        const before = encodeDocument(original)
        const copy = copyOf(original)
        for (const each of copy.entries.values()) {
          each.current = 'another'
          for (const one of each.versions) one.state = 'disabled'
          each.versions.splice(0, 1)
        }
        copy.records.clear()
        copy.entries.clear()
        copy.count += 1
        expect(encodeDocument(original)).toBe(before)
      }),
    )
  })

  it('of another shape is an error of ours that says where, and never what', () => {
    const frame = {
      format: 'strongroom-file',
      version: 1,
      id: 'x',
      generation: 1,
      recipients: [],
      count: 0,
      secrets: {},
      records: {},
    }
    const marked = fc.constantFrom('hunter2hunter2', 7, null, [], {}, ['hunter2hunter2'], {
      hunter2: 'hunter2hunter2',
    })
    const strayed = fc.record(
      Object.fromEntries(
        ['id', 'generation', 'recipients', 'count', 'secrets', 'records'].map((field) => [field, marked]),
      ),
      { requiredKeys: [] },
    )
    const strayedEntry = fc.record(
      Object.fromEntries(
        ['versions', 'current', 'tags', 'changedAt', 'recoverableUntil'].map((field) => [field, marked]),
      ),
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          strayed,
          strayedEntry.map((each) => ({ secrets: { db: each } })),
          fc.anything(),
        ),
        (changes) => {
          const text = JSON.stringify(Object.assign({}, frame, changes), (_, each) =>
            typeof each === 'bigint' ? 1 : each,
          )
          try {
            decodeDocument('x.age', text)
          } catch (error) {
            expect(SecretError.is(error)).toBe(true)
            expect((error as SecretError).message).toMatch(/^x\.age opens, but|is of format version/)
            expect((error as SecretError).message.replaceAll(/\["[^"]*"\]/g, '')).not.toContain('hunter2')
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
