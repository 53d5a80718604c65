import { createStore, type SecretStore } from 'strongroom'
import { azure } from 'strongroom/azure'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, errorOf, foreignHand, openBench } from './kit.js'
import { bundle, failure, openStub } from './stub.js'

let bench: Bench
let store: SecretStore
beforeEach(async () => {
  bench = await openBench()
  store = bench.store
})
afterEach(() => bench.close())

const last = new Date('2038-01-19T03:14:07Z')

describe('an expiry', () => {
  it.each(['2030-01-01T00:00:00Z', '2038-01-19T03:14:08Z', '2040-02-29T12:00:00Z', '9999-12-31T23:59:59Z'])(
    'of %s is stored as it is, for every reader',
    async (text) => {
      const expiresAt = new Date(text)
      const { version } = await store.put('a', '1', { expiresAt })
      expect((await store.get('a')).expiresAt).toEqual(expiresAt)
      expect((await store.describe('a')).current).toMatchObject({ version, expiresAt })
      expect((await foreignHand(bench.emulator).getSecret('a')).properties.expiresOn).toEqual(expiresAt)
    },
  )

  it('past 2038 changes nothing else of the request', async () => {
    const sent: string[] = []
    const stub = await openStub(({ method, body }) => {
      if (method === 'GET') return { status: 404, body: failure('SecretNotFound') }
      sent.push(body)
      return { status: 200, body: bundle('x') }
    })
    const own = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    const value = '","attributes":{"exp":1},"exp":-1 \\ \ud83d\udd11 "'
    await own.put('a', value, { tags: { exp: '7' }, expiresAt: new Date('2040-01-01T00:00:00.999Z') })
    await own.put('a', value, { tags: { exp: '7' } })
    await stub.close()
    expect(sent.map((body) => JSON.parse(body))).toEqual([
      { value, tags: { exp: '7' }, attributes: { exp: 2_208_988_800 } },
      { value, tags: { exp: '7' }, attributes: {} },
    ])
  })

  it('of each of many puts at once is its own', async () => {
    const years = Array.from({ length: 20 }, (_, index) => 2030 + index)
    const dateOf = (year: number): Date => new Date(Date.UTC(year, 0, 1))
    await Promise.all(years.map((year) => store.put(`s${year}`, 'x', { expiresAt: dateOf(year) })))
    for (const year of years) expect((await store.get(`s${year}`)).expiresAt).toEqual(dateOf(year))
  })

  it('is never inherited', async () => {
    await store.put('a', '1', { expiresAt: last })
    await store.put('a', '2')
    expect((await store.get('a')).expiresAt).toBeUndefined()
  })

  it('stays when the version is tagged, disabled and enabled', async () => {
    const expiresAt = new Date('2040-01-01T00:00:00Z')
    const { version } = await store.put('a', '1', { expiresAt })
    await store.tag('a', { set: { team: 'red' } })
    await store.setVersionState('a', version, 'disabled')
    await store.setVersionState('a', version, 'enabled')
    expect((await store.get('a')).expiresAt).toEqual(expiresAt)
  })

  it('past 2038 is refused by a ready-made client before the wire, since it would be sent as one before 1970', async () => {
    const ready = bench.open({ client: foreignHand(bench.emulator) })
    await ready.put('a', '1', { expiresAt: last })
    expect((await ready.get('a')).expiresAt).toEqual(last)
    const wire = await bench.wire(async () => {
      const error = await errorOf(ready.put('a', '1', { expiresAt: new Date(last.getTime() + 1000) }))
      expect(error.code).toBe('INVALID_VALUE')
      expect(error.message).toMatch(/2038-01-19T03:14:07.*give azure\(\) the address/)
    })
    expect(wire).toEqual({})
  })
})

describe('times that others have set', () => {
  it('block no reader: neither a not-before in the future nor an expiry in the past', async () => {
    await foreignHand(bench.emulator).setSecret('a', 'x', {
      notBefore: new Date('2030-01-01T00:00:00Z'),
      expiresOn: new Date('2020-01-01T00:00:00Z'),
    })
    expect(await store.get('a')).toMatchObject({
      value: 'x',
      state: 'enabled',
      expiresAt: new Date('2020-01-01T00:00:00Z'),
    })
  })

  it.each([
    [32_503_680_000, new Date('3000-01-01T00:00:00Z')],
    [-2_085_978_496, new Date('1903-11-25T17:31:44Z')],
    [0, new Date(0)],
    [8_640_000_000_000, new Date(8.64e15)],
    [8_640_000_000_001, undefined],
    [1e300, undefined],
    [null, undefined],
  ])('are read as they are: exp %s is %s', async (exp, expiresAt) => {
    const attributes = { enabled: true, created: 1_700_000_000, updated: 1_700_000_000, exp }
    const stub = await openStub(() => ({ status: 200, body: bundle('x', { attributes }) }))
    const own = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    const secret = await own.get('a')
    expect(secret.value).toBe('x')
    expect(secret.expiresAt).toEqual(expiresAt)
    await stub.close()
  })
})
