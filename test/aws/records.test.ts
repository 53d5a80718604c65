import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { bench, collect, errorBody, failure, raw, stub, stubStore } from './support.js'

const record = (nonce: string): { nonce: string; of: string; rotation: { phase: string } } => ({
  nonce,
  of: 'prod/db',
  rotation: { phase: nonce },
})
const sibling = 'strongroom-system/record/prod/db'
const arn = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${sibling}-AbCdEf`

describe('records', () => {
  test('none is an answer; what is swapped in comes back', async () => {
    const { store } = await bench({ prefix: 'prod' })
    await store.put('db', 'x')
    const none = await store.readRecord('db')
    expect(none.record).toBeUndefined()
    const first = await store.swapRecord('db', record('1'), { ifRevision: none.revision })
    expect(await store.readRecord('db')).toEqual({ record: record('1'), revision: first.revision })
    const second = await store.swapRecord('db', record('2'), { ifRevision: first.revision })
    expect(await store.readRecord('db')).toEqual({ record: record('2'), revision: second.revision })
  })

  test('null empties it without deleting the sibling', async () => {
    const { store, emulator } = await bench({ prefix: 'prod' })
    await store.put('db', 'x')
    const { revision } = await store.swapRecord('db', record('1'), { ifRevision: 'none' })
    const emptied = await store.swapRecord('db', null, { ifRevision: revision })
    expect(await store.readRecord('db')).toEqual({ revision: emptied.revision })
    expect(emulator.calls['DeleteSecret']).toBeUndefined()
    await store.swapRecord('db', record('2'), { ifRevision: emptied.revision })
    expect((await store.readRecord('db')).record).toEqual(record('2'))
  })

  test('of many writers on one revision exactly one wins, emptying ones too', async () => {
    const { store, open } = await bench({ prefix: 'prod' })
    await store.put('db', 'x')
    let ifRevision = (await store.readRecord('db')).revision
    for (const round of [1, 2, 3]) {
      const settled = await Promise.allSettled(
        Array.from({ length: 10 }, (_, index) =>
          open().swapRecord('db', index % 2 === 0 ? record(`${round}.${index}`) : null, { ifRevision }),
        ),
      )
      const won = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value.revision] : []))
      const lost = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
      expect([won.length, new Set(lost)]).toEqual([1, new Set(['CONFLICT'])])
      expect((await store.readRecord('db')).revision).toBe(won[0])
      ifRevision = won[0] ?? ''
    }
  })

  test('a revision that has moved on is CONFLICT, however old', async () => {
    const { store } = await bench({ prefix: 'prod' })
    await store.put('db', 'x')
    const revisions = ['none']
    for (const nonce of ['1', '2', '3']) {
      const swapped = await store.swapRecord('db', record(nonce), { ifRevision: revisions.at(-1) ?? '' })
      revisions.push(swapped.revision)
    }
    for (const ifRevision of [...revisions.slice(0, -1), 'rubbish', '', `${arn}#v1`, `${arn}`]) {
      expect(await failure(store.swapRecord('db', record('late'), { ifRevision }))).toMatchObject({
        code: 'CONFLICT',
      })
    }
  })

  test('may be repeated when the answer was lost', async () => {
    const { store, emulator } = await bench({ prefix: 'prod' })
    await store.put('db', 'x')
    for (const operation of ['CreateSecret', 'PutSecretValue']) {
      const { revision: ifRevision } = await store.readRecord('db')
      emulator.faults.add({ operation, drop: 'after', times: 1 })
      const swap = (): Promise<unknown> => store.swapRecord('db', record(operation), { ifRevision })
      expect(await failure(swap())).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: true })
      await swap()
      expect((await store.readRecord('db')).record?.nonce).toBe(operation)
    }
  })

  test('a sibling that was purged and created again is another one', async () => {
    const { store, emulator } = await bench({ prefix: 'prod' })
    await store.put('db', 'x')
    const old = await store.swapRecord('db', record('1'), { ifRevision: 'none' })
    await raw(emulator.url, 'DeleteSecret', { SecretId: sibling, ForceDeleteWithoutRecovery: true })
    const created = await store.swapRecord('db', record('1'), { ifRevision: 'none' })
    expect(created.revision).not.toBe(old.revision)
    expect(await failure(store.swapRecord('db', record('2'), { ifRevision: old.revision }))).toMatchObject({
      code: 'CONFLICT',
    })
    await store.swapRecord('db', record('2'), { ifRevision: created.revision })
  })

  test('one in the trash is not taken for none', async () => {
    const { store, emulator } = await bench({ prefix: 'prod' })
    await store.put('db', 'x')
    const { revision } = await store.swapRecord('db', record('1'), { ifRevision: 'none' })
    await raw(emulator.url, 'DeleteSecret', { SecretId: sibling })
    for (const call of [
      () => store.readRecord('db'),
      () => store.swapRecord('db', record('2'), { ifRevision: 'none' }),
      () => store.swapRecord('db', record('2'), { ifRevision: revision }),
    ]) {
      expect(await failure(call)).toMatchObject({ code: 'PENDING_DELETION' })
    }
  })

  test('created with the key and the tags of its parent, without the tags of AWS', async () => {
    const server = await stub(({ operation }) => {
      if (operation === 'CreateSecret') return { body: { ARN: arn, VersionId: 'v1' } }
      return {
        body: { ARN: 'arn', KmsKeyId: 'k', Tags: ['team', 'aws:x'].map((Key) => ({ Key, Value: '1' })) },
      }
    })
    const store = stubStore(server, { prefix: 'prod', create: { kmsKeyId: 'other', tags: { other: '2' } } })
    const { revision } = await store.swapRecord('db', record('1'), { ifRevision: 'none' })
    expect(server.requests.map(({ operation, body }) => [operation, body])).toEqual([
      ['DescribeSecret', { SecretId: 'prod/db' }],
      [
        'CreateSecret',
        {
          Name: sibling,
          ClientRequestToken: createHash('sha256').update('none').digest('hex'),
          SecretString: JSON.stringify(record('1')),
          KmsKeyId: 'k',
          Tags: [{ Key: 'team', Value: '1' }],
        },
      ],
    ])
    expect(revision).toBe(`${arn}#v1`)
  })

  test('before there is a parent, with the settings of the factory; never for an ARN that leads nowhere', async () => {
    const { store, emulator } = await bench({ create: { tags: { team: 'a' } } })
    await store.swapRecord('soon', record('1'), { ifRevision: 'none' })
    const made = await raw(emulator.url, 'DescribeSecret', { SecretId: 'strongroom-system/record/soon' })
    expect(made.Tags).toEqual([{ Key: 'team', Value: 'a' }])
    const id = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-secret'
    expect(await failure(store.swapRecord({ id }, record('1'), { ifRevision: 'none' }))).toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await collect(store.list())).toEqual([])
  })

  test('a swap goes to the ARN of the revision, with a token hashed from both', async () => {
    const server = await stub(({ body }) => ({ body: { ARN: arn, VersionId: body.ClientRequestToken } }))
    const { revision } = await stubStore(server).swapRecord('db', record('2'), { ifRevision: `${arn}#v1` })
    const token = createHash('sha256').update(`${arn}#v1`).digest('hex')
    expect(server.requests.map(({ operation, body }) => [operation, body])).toEqual([
      [
        'PutSecretValue',
        { SecretId: arn, ClientRequestToken: token, SecretString: JSON.stringify(record('2')) },
      ],
    ])
    expect(revision).toBe(`${arn}#${token}`)
  })

  test('a sibling that holds something else is no record, and its text is not shown', async () => {
    for (const SecretString of ['sk_live_not_json', '"sk_live_text"', '{"nonce":1}', 'null']) {
      const server = await stub(() => ({ body: { ARN: arn, VersionId: 'v1', SecretString } }))
      const error = await failure(stubStore(server).readRecord('db'))
      expect(error).toMatchObject({ code: 'UNAVAILABLE' })
      expect(error.message).not.toContain('sk_live')
    }
  })

  test('a denied read is not "no record"', async () => {
    const server = await stub(() => ({ status: 400, body: errorBody('AccessDeniedException', 'no') }))
    expect(await failure(stubStore(server).readRecord('db'))).toMatchObject({ code: 'PERMISSION_DENIED' })
  })
})
