import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { denied, type Harness, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
  await h.raw('POST', 'secret/data/a', { data: { v: 1 } })
})
afterEach(() => h.close())

const readA = (token: string) => h.raw('GET', 'secret/data/a', undefined, { token })
const rules = { 'secret/data/*': ['read'] }
const renew = (token: string, body = {}) => h.raw('POST', 'auth/token/renew-self', body, { token })

describe('time', () => {
  test('a token ends at the end of its time, and one that was renewed later', async () => {
    const [short, renewed] = [await h.token(rules, { ttl: '10m' }), await h.token(rules, { ttl: '10m' })]
    h.advance(599_999)
    expect((await readA(short)).status).toBe(200)
    await renew(renewed)
    h.advance(1)
    expect((await readA(short)).status).toBe(403)
    expect((await readA(renewed)).status).toBe(200)
    h.advance(599_999)
    expect((await readA(renewed)).status).toBe(403)
  })

  test('no renewal passes the longest life: its lease shrinks to what is left', async () => {
    const token = await h.token(rules, { ttl: '10m', explicit_max_ttl: '15m' })
    h.advance(8 * 60_000)
    const { auth, warnings } = (await renew(token, { increment: '10m' })).body
    expect([auth.lease_duration, warnings]).toEqual([
      420,
      ['TTL of "10m" exceeded the effective max_ttl of "7m"; TTL value is capped accordingly'],
    ])
    h.advance(7 * 60_000)
    expect((await readA(token)).status).toBe(403)
  })

  test('a periodic token lives as long as it is renewed, whatever the increment', async () => {
    const token = await h.token(rules, { period: '24h' })
    for (let day = 0; day < 40; day += 1) {
      h.advance(86_399_000)
      const { auth } = (await renew(token, { increment: '300h' })).body
      expect(auth.lease_duration).toBe(86_400)
    }
  })

  test('the root token never ends; revoked, it is gone, and a reset brings it back', async () => {
    h.advance(1_000 * 86_400_000)
    expect((await readA('root')).status).toBe(200)
    await h.raw('POST', 'auth/token/revoke-self')
    expect(await h.refusal('GET', 'secret/data/a')).toEqual([403, 'permission denied'])
    h.emulator.reset()
    expect((await readA('root')).status).toBe(404)
  })
})

describe('families', () => {
  const maker = { ...rules, 'auth/token/create': ['create', 'update'] }
  const child = async (parent: string, body: object = {}) =>
    (await h.raw('POST', 'auth/token/create', body, { token: parent })).body.auth.client_token as string

  test('what a token made ends with it, down to the last', async () => {
    const parent = await h.token(maker, { ttl: '1h' })
    const first = await child(parent)
    const second = await child(first, { ttl: '20h' })
    expect((await readA(second)).status).toBe(200)
    h.advance(3_600_000)
    expect((await readA(second)).status).toBe(403)
  })

  test('a child of a token with a name of its own does not rise when the name is given again', async () => {
    await h.token(maker, { id: 'again', ttl: '1h' })
    const first = await child('again', { ttl: '20h' })
    h.advance(3_600_000)
    await h.token(maker, { id: 'again', ttl: '1h' })
    expect((await readA(first)).status).toBe(403)
  })

  test('revoked alone, a token leaves orphans', async () => {
    const parent = await h.token(maker)
    const first = await child(parent)
    await h.raw('POST', 'auth/token/revoke-orphan', { token: parent })
    expect((await readA(parent)).status).toBe(403)
    expect((await readA(first)).status).toBe(200)
  })

  test('a token of a few uses makes none, and neither does a batch token', async () => {
    const few = await h.token(maker, { num_uses: 3 })
    expect(await h.refusal('POST', 'auth/token/create', {}, { token: few })).toEqual([
      400,
      'restricted use token cannot generate child tokens',
    ])
    const batch = await h.token(maker, { type: 'batch' })
    expect(batch).toMatch(/^b\./)
    expect(await h.refusal('POST', 'auth/token/create', {}, { token: batch })).toEqual([
      400,
      'batch tokens cannot create more tokens',
    ])
  })
})

test('a use is spent by a request that is denied, too', async () => {
  const token = await h.token(rules, { num_uses: 2 })
  expect(await h.refusal('POST', 'secret/data/a', { data: {} }, { token })).toEqual(denied)
  expect((await readA(token)).status).toBe(200)
  expect(await h.refusal('GET', 'secret/data/a', undefined, { token })).toEqual([403, 'permission denied'])
})

test('a token works in either header, and an empty one is none', async () => {
  const bearer = (token: string) =>
    h.raw('GET', 'secret/data/a', undefined, { token: null, headers: { authorization: `Bearer ${token}` } })
  expect((await bearer('root')).status).toBe(200)
  expect((await bearer('rood')).status).toBe(403)
  expect((await h.raw('GET', 'secret/data/a', undefined, { token: '' })).status).toBe(403)
})

test('accessors find, renew and revoke without the token', async () => {
  const token = await h.token(rules, { ttl: '1h' })
  const { accessor } = (await h.raw('POST', 'auth/token/lookup', { token })).body.data
  expect((await h.raw('LIST', 'auth/token/accessors')).body.data.keys).toContain(accessor)
  const renewed = await h.raw('POST', 'auth/token/renew-accessor', { accessor, increment: '2h' })
  expect(renewed.body.auth.lease_duration).toBe(7_200)
  await h.raw('POST', 'auth/token/revoke-accessor', { accessor })
  expect((await readA(token)).status).toBe(403)
})

test('prefixes and texts of Vault, where they are asked for', async () => {
  await h.close()
  h = await startHarness({ facts: { tokenPrefix: 'hvs.', deniedText: 'plain' }, rootToken: 'hvs.root' })
  const { body } = await h.raw('POST', 'auth/token/create', { policies: ['default'] }, { token: 'hvs.root' })
  expect(body.auth.client_token).toMatch(/^hvs\./)
  const options = { token: body.auth.client_token }
  expect(await h.refusal('GET', 'secret/data/a', undefined, options)).toEqual([403, 'permission denied'])
})
