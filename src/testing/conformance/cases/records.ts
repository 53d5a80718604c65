import type { WorkflowRecord } from '../../../operations.js'
import type { ConformanceCase } from '../case.js'
import { check, collect, holds, mistakes, race, refused, refusedAs, rejects, same } from '../expect.js'
import { sampleRecord } from '../samples.js'

const onRecords = {
  needs: { writable: true, recordSwap: ['atomic', 'checked'] },
  otherwise: refused((h) => h.store.swapRecord(h.name(), sampleRecord('case'), { ifRevision: '0' })),
} as const

const racers = 30

export const recordCases: readonly ConformanceCase[] = [
  {
    id: 'records/none',
    title: 'a name without a record answers a revision and no record, and that is no error',
    ...onRecords,
    otherwise: refused((h) =>
      h.capabilities.recordSwap === 'none'
        ? h.store.readRecord(h.name())
        : h.store.swapRecord(h.name(), null, { ifRevision: '0' }),
    ),
    async run(h) {
      const { name } = await h.given()
      const { record, revision } = await h.store.readRecord(name)
      same([record, typeof revision], [undefined, 'string'], 'the answer')
    },
  },
  {
    id: 'records/first',
    title: 'the first record is stored on the revision of none, and comes back as it was given',
    ...onRecords,
    async run(h) {
      const { name } = await h.given()
      const { canonical } = await h.store.describe(name)
      const record: WorkflowRecord = {
        ...sampleRecord(canonical, { phase: 'claimed', lineage: ['v1', 'ü"\\'], n: 1.5, none: null }),
        hold: { by: 'migration', until: '2030-01-01T00:00:00Z' },
      }
      const { revision } = await h.store.readRecord(name)
      const swapped = await h.store.swapRecord(name, record, { ifRevision: revision })
      check(swapped.revision !== revision, 'the revision is still that of no record')
      same(await h.store.readRecord(name), { record, revision: swapped.revision }, 'the record')
    },
  },
  {
    id: 'records/swap',
    title: 'a swap on the revision that is there replaces the record and gives a new revision',
    ...onRecords,
    async run(h) {
      const { name } = await h.given()
      let { revision } = await h.store.readRecord(name)
      const seen = new Set([revision])
      for (let turn = 0; turn < 4; turn += 1) {
        const record = sampleRecord(name, { phase: `turn-${turn}` })
        revision = (await h.store.swapRecord(name, record, { ifRevision: revision })).revision
        check(!seen.has(revision), 'a revision came back')
        seen.add(revision)
        same((await h.store.readRecord(name)).record, record, 'the record')
      }
    },
  },
  {
    id: 'records/stale',
    title: 'a swap on an older revision is CONFLICT, and the record stays',
    ...onRecords,
    async run(h) {
      const { name } = await h.given()
      const none = await h.store.readRecord(name)
      const first = await h.store.swapRecord(name, sampleRecord(name), { ifRevision: none.revision })
      const record = sampleRecord(name, { phase: 'kept' })
      const second = await h.store.swapRecord(name, record, { ifRevision: first.revision })
      for (const { revision } of [none, first]) {
        const late = () => h.store.swapRecord(name, sampleRecord(name), { ifRevision: revision })
        await rejects(late, 'CONFLICT')
      }
      same(await h.store.readRecord(name), { record, revision: second.revision }, 'the record')
    },
  },
  {
    id: 'records/tombstone',
    title: 'null empties the record and moves the revision on: what held the old one is in CONFLICT',
    ...onRecords,
    async run(h) {
      const { name } = await h.given()
      const none = await h.store.readRecord(name)
      const first = await h.store.swapRecord(name, sampleRecord(name), { ifRevision: none.revision })
      const empty = await h.store.swapRecord(name, null, { ifRevision: first.revision })
      same(await h.store.readRecord(name), { revision: empty.revision }, 'the emptied record')
      for (const { revision } of [none, first]) {
        const late = () => h.store.swapRecord(name, sampleRecord(name), { ifRevision: revision })
        await rejects(late, 'CONFLICT')
      }
      const record = sampleRecord(name)
      await h.store.swapRecord(name, record, { ifRevision: empty.revision })
      same((await h.store.readRecord(name)).record, record, 'the record after the tombstone')
    },
  },
  {
    id: 'records/race',
    title: `of ${racers} swaps on the same revision one wins where it is atomic; the others get CONFLICT`,
    ...onRecords,
    async run(h) {
      const { name } = await h.given()
      const { revision } = await h.store.readRecord(name)
      const records = Array.from({ length: racers }, () => sampleRecord(name))
      const swaps = records.map((record) => h.store.swapRecord(name, record, { ifRevision: revision }))
      const { won, lost } = await race(swaps)
      const allowed = h.capabilities.recordSwap === 'atomic' ? won.length === 1 : won.length >= 1
      check(allowed, `${won.length} of ${racers} swaps won; the others got ${[...new Set(lost)].join(', ')}`)
      same([...new Set(lost), 'CONFLICT'].length <= 2, true, 'only CONFLICT for losers')
      const { record } = await h.store.readRecord(name)
      const nonces = won.map((index) => records[index]?.nonce)
      check(nonces.includes(record?.nonce), 'the record is no winner’s')
    },
  },
  {
    id: 'records/apart',
    title: 'a record is seen by no plain reader: not in the value, the tags, the history or the listing',
    ...onRecords,
    async run(h) {
      const value = h.value()
      const { name, version } = await h.given(value)
      const before = await h.store.describe(name)
      const { revision } = await h.store.readRecord(name)
      await h.store.swapRecord(name, sampleRecord(name), { ifRevision: revision })
      holds(await h.store.get(name), value)
      same((await h.store.describe(name)).tags, before.tags, 'the tags')
      same(
        (await collect(h.store.versions(name))).map((info) => info.version),
        [version],
        'the versions',
      )
      if (!h.capabilities.list) return
      const names = (await collect(h.store.list())).map((summary) => summary.name)
      const strangers = names.filter((each) => each.includes('strongroom-system'))
      same(strangers, [], 'the system names in the listing')
      same(
        names.filter((each) => each.includes(name)),
        [name],
        'the names that hold this one',
      )
    },
  },
  {
    id: 'records/per-name',
    title: 'each name has a record of its own, and a second store on the backend reads the same',
    ...onRecords,
    async run(h) {
      const [one, other] = [await h.given(), await h.given()]
      const record = sampleRecord(one.name)
      const { revision } = await h.store.readRecord(one.name)
      await h.store.swapRecord(one.name, record, { ifRevision: revision })
      same((await h.store.readRecord(other.name)).record, undefined, 'the record of the other name')
      same((await h.open().readRecord(one.name)).record, record, 'the record in another store')
    },
  },
  {
    id: 'records/survive-put',
    title: 'a record stays when the value changes',
    ...onRecords,
    async run(h) {
      const { name } = await h.given()
      const record = sampleRecord(name)
      const { revision } = await h.store.readRecord(name)
      const swapped = await h.store.swapRecord(name, record, { ifRevision: revision })
      await h.store.put(name, h.value())
      same(await h.store.readRecord(name), { record, revision: swapped.revision }, 'the record')
    },
  },
  {
    id: 'records/folded-names',
    title: 'names that are the same secret have the same record, names that are two have two',
    ...onRecords,
    async run(h) {
      const name = h.name()
      for (const ending of ['Db', 'db']) await h.store.put(`${name}/${ending}`, h.value())
      const record = sampleRecord(name)
      const { revision } = await h.store.readRecord(`${name}/Db`)
      await h.store.swapRecord(`${name}/Db`, record, { ifRevision: revision })
      const expected = h.capabilities.caseSensitiveNames ? undefined : record
      same((await h.store.readRecord(`${name}/db`)).record, expected, 'the record of the other spelling')
    },
  },
  {
    id: 'records/long-name',
    title: 'the longest name has a record too, and not that of another long name',
    ...onRecords,
    async run(h) {
      const name = h.name()
      const [one, other] = ['a', 'b'].map((end) => name.padEnd(h.limits.maxNameLength - 1, 'x') + end) as [
        string,
        string,
      ]
      for (const long of [one, other]) await h.store.put(long, h.value())
      const record = sampleRecord(name)
      const { revision } = await h.store.readRecord(one)
      await h.store.swapRecord(one, record, { ifRevision: revision })
      same((await h.store.readRecord(one)).record, record, 'the record')
      same((await h.store.readRecord(other)).record, undefined, 'the record of the other name')
    },
  },
  {
    id: 'records/too-large',
    title: 'a record over 2 KiB is TOO_LARGE before the wire; one of 2 KiB is held',
    ...onRecords,
    async run(h) {
      const { name } = await h.given()
      const { revision } = await h.store.readRecord(name)
      const sized = (bytes: number): WorkflowRecord => {
        const record = sampleRecord(name, { fill: '' })
        return { ...record, rotation: { fill: 'x'.repeat(bytes - JSON.stringify(record).length) } }
      }
      const over = () => h.store.swapRecord(name, sized(2_049), { ifRevision: revision })
      await refusedAs(h, 'TOO_LARGE', over)
      const record = sized(2_048)
      await h.store.swapRecord(name, record, { ifRevision: revision })
      same((await h.store.readRecord(name)).record, record, 'the record')
    },
  },
  {
    id: 'records/wrong-options',
    title:
      'a record without nonce or owner, and a revision that is no string, are TypeErrors that name the field',
    ...onRecords,
    async run(h) {
      const swap =
        (record: unknown, ifRevision: unknown = '0') =>
        () =>
          h.store.swapRecord('case', record as WorkflowRecord, { ifRevision: ifRevision as string })
      await mistakes(swap({ of: 'case' }), 'record')
      await mistakes(swap({ nonce: '', of: 'case' }), 'record')
      await mistakes(swap({ nonce: 'n' }), 'record')
      await mistakes(swap(undefined), 'record')
      await mistakes(swap(null, 12), 'ifRevision')
    },
  },
]
