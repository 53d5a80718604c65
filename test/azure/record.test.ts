import fc from 'fast-check'
import type { SecretStore } from 'strongroom'
import type { JsonObject } from 'strongroom/provider'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, collect, errorOf, foreignHand, openBench } from './kit.js'

let bench: Bench
let store: SecretStore
beforeEach(async () => {
  bench = await openBench()
  store = bench.store
})
afterEach(() => bench.close())

describe('a record', () => {
  it('is the tags of a sibling without a value; changing it makes no version', async () => {
    const swaps = await bench.wire(async () => {
      let { revision } = await store.readRecord('db')
      for (const nonce of ['n1', 'n2', 'n3']) {
        revision = (await store.swapRecord('db', { nonce, of: 'db' }, { ifRevision: revision })).revision
        expect(revision).toBe(nonce)
      }
    })
    expect(swaps).toEqual({ GetSecret: 4, SetSecret: 1, UpdateSecret: 2 })
    const { value, properties } = await foreignHand(bench.emulator).getSecret(
      'strongroom-system-x2f-record-x2f-db',
    )
    expect(value).toBe('')
    expect(properties.tags).toEqual({ revision: 'n3', 'record-00': '{"nonce":"n3","of":"db"}' })
  })

  it('comes back whole, however long and in whatever script', async () => {
    let { revision } = await store.readRecord('db')
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.uuid(), async (text, nonce) => {
        const record = { nonce, of: 'db', rotation: { text } satisfies JsonObject }
        fc.pre(Buffer.byteLength(JSON.stringify(record)) <= 2048)
        revision = (await store.swapRecord('db', record, { ifRevision: revision })).revision
        expect(await store.readRecord('db')).toEqual({ record, revision })
      }),
      { numRuns: 40 },
    )
  })

  it('of the largest size fits', async () => {
    const bare = Buffer.byteLength(JSON.stringify({ nonce: 'n', of: 'db', hold: { text: '' } }))
    const record = { nonce: 'n', of: 'db', hold: { text: 'x'.repeat(2048 - bare) } }
    const { revision } = await store.readRecord('db')
    await store.swapRecord('db', record, { ifRevision: revision })
    expect((await store.readRecord('db')).record).toEqual(record)
  })

  it('that was emptied has a revision of its own, which a stale swap does not meet', async () => {
    const none = (await store.readRecord('db')).revision
    await store.swapRecord('db', { nonce: 'n1', of: 'db' }, { ifRevision: none })
    const { revision } = await store.swapRecord('db', null, { ifRevision: 'n1' })
    expect(await store.readRecord('db')).toEqual({ revision })
    expect(new Set([none, 'n1', revision]).size).toBe(3)
    for (const stale of [none, 'n1']) {
      const wire = await bench.wire(async () => {
        const error = await errorOf(store.swapRecord('db', { nonce: 'n2', of: 'db' }, { ifRevision: stale }))
        expect(error.code).toBe('CONFLICT')
      })
      expect(wire).toEqual({ GetSecret: 1 })
    }
  })

  it('is shared by spellings that differ in case, and not by other names', async () => {
    const { revision } = await store.readRecord('Db')
    await store.swapRecord('Db', { nonce: 'n1', of: 'db' }, { ifRevision: revision })
    expect((await store.readRecord('dB')).revision).toBe('n1')
    expect((await store.readRecord('db2')).record).toBeUndefined()
    expect(await collect(store.list())).toEqual([])
  })

  it('in the trash is not overwritten', async () => {
    const { revision } = await store.readRecord('db')
    await store.swapRecord('db', { nonce: 'n1', of: 'db' }, { ifRevision: revision })
    await foreignHand(bench.emulator).beginDeleteSecret('strongroom-system-x2f-record-x2f-db')
    bench.emulator.clock.advance(5_000)
    const error = await errorOf(store.swapRecord('db', { nonce: 'n2', of: 'db' }, { ifRevision: revision }))
    expect(error.code).toBe('PENDING_DELETION')
  })

  it('whose sibling somebody has disabled is read and changed all the same', async () => {
    await store.swapRecord(
      'db',
      { nonce: 'n1', of: 'db' },
      { ifRevision: (await store.readRecord('db')).revision },
    )
    const sibling = 'strongroom-system-x2f-record-x2f-db'
    const { properties } = await foreignHand(bench.emulator).getSecret(sibling)
    await foreignHand(bench.emulator).updateSecretProperties(sibling, properties.version ?? '', {
      enabled: false,
    })
    expect((await store.readRecord('db')).revision).toBe('n1')
    await store.swapRecord('db', { nonce: 'n2', of: 'db' }, { ifRevision: 'n1' })
    expect((await store.readRecord('db')).record).toEqual({ nonce: 'n2', of: 'db' })
  })

  it('that somebody has torn is no answer, and its text is in no error', async () => {
    await store.swapRecord(
      'db',
      { nonce: 'n1', of: 'db' },
      { ifRevision: (await store.readRecord('db')).revision },
    )
    const sibling = 'strongroom-system-x2f-record-x2f-db'
    const { properties } = await foreignHand(bench.emulator).getSecret(sibling)
    const tags = { revision: 'n1', 'record-00': '{"nonce":"torn-torn-torn' }
    await foreignHand(bench.emulator).updateSecretProperties(sibling, properties.version ?? '', { tags })
    const error = await errorOf(store.readRecord('db'))
    expect(error.code).toBe('UNAVAILABLE')
    expect(error.message).not.toContain('torn-torn')
  })

  it('of which the answer is lost is in doubt, and told by its nonce', async () => {
    const { revision } = await store.readRecord('db')
    bench.emulator.faults.add({ operation: 'SetSecret', drop: 'after' })
    const error = await errorOf(store.swapRecord('db', { nonce: 'n1', of: 'db' }, { ifRevision: revision }))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: true })
    expect((await store.readRecord('db')).record?.nonce).toBe('n1')
  })
})
