import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, jwt, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

const kid = 'https://emulator.vault.azure.net/keys/cert/0123'

describe('a secret behind a certificate', () => {
  beforeEach(async () => {
    await h.set('cert', 'pfx', { contentType: 'application/x-pkcs12' })
    const dump = structuredClone(h.emulator.state.dump())
    for (const [, version] of dump.collections['versions'] ?? []) Object.assign(version, { kid })
    h.emulator.state.load(dump)
  })

  test('is told by its key, in lists too', async () => {
    const marks = { kid, managed: true }
    expect((await h.raw('GET', '/secrets/cert')).body).toMatchObject({ value: 'pfx', ...marks })
    expect((await h.raw('GET', '/secrets')).body.value[0]).toMatchObject(marks)
    expect((await h.raw('GET', '/secrets/cert/versions')).body.value[0]).toMatchObject(marks)
    const { properties } = await h.client().getSecret('cert')
    expect([properties.certificateKeyId, properties.managed]).toEqual([kid, true])
  })

  test.each([
    ['PUT', '/secrets/cert', 'set', { value: 'v' }],
    ['PATCH', '/secrets/cert/', 'update', { tags: {} }],
    ['DELETE', '/secrets/cert', 'delete', undefined],
    ['POST', '/secrets/cert/backup', 'backup', undefined],
  ])('%s %s is refused', async (method, path, operation, body) => {
    expect(await h.refusal(method, path, body)).toEqual([
      403,
      'Forbidden',
      'SecretManagedByKeyVault',
      `Operation "${operation}" is not allowed as this object's lifetime is managed by Key Vault.`,
    ])
    expect((await h.raw('GET', '/secrets/cert')).body.value).toBe('pfx')
  })
})

describe('permissions', () => {
  const permissions = { reader: ['get', 'list'], 'object-1': ['set'], opaque: [], '*': ['list'] } as const
  const allowed = async (token: string) => {
    const statuses = []
    for (const [method, path, body] of [
      ['GET', '/secrets/a', undefined],
      ['GET', '/secrets', undefined],
      ['PUT', '/secrets/a', { value: 'v' }],
      ['DELETE', '/secrets/a', undefined],
      ['DELETE', '/deletedsecrets/a', undefined],
      ['POST', '/deletedsecrets/a/recover', undefined],
      ['POST', '/secrets/a/backup', undefined],
      ['POST', '/secrets/restore', { value: 'AAAA' }],
    ] as const) {
      const [status, , innerCode] = await h.refusal(method, path, body, { token })
      statuses.push(innerCode === 'ForbiddenByRbac' ? 'denied' : status)
    }
    return statuses
  }
  beforeEach(async () => {
    await h.close()
    h = await startHarness({ permissions })
    h.emulator.seed({ a: 'v' })
  })

  test.each([
    ['a client id', jwt({ appid: 'reader' }), [200, 200, ...Array(6).fill('denied')]],
    [
      'an object id',
      jwt({ appid: 'other', oid: 'object-1' }),
      ['denied', 'denied', 200, ...Array(5).fill('denied')],
    ],
    ['the text of a token', 'opaque', Array(8).fill('denied')],
    ['everybody else', 'unknown', ['denied', 200, ...Array(6).fill('denied')]],
    ['a name of every object', jwt({ appid: 'constructor' }), ['denied', 200, ...Array(6).fill('denied')]],
  ])('by %s', async (_what, token, expected) => {
    expect(await allowed(token)).toEqual(expected)
  })

  test('nobody has any in an empty table', async () => {
    await h.close()
    h = await startHarness({ permissions: {} })
    expect(await allowed('any')).toEqual(Array(8).fill('denied'))
  })

  test('are for this vault, and a bad name is told before them', async () => {
    const [status, , , text] = await h.refusal('GET', '/secrets/a', undefined, { token: 'opaque' })
    expect([status, text]).toEqual([
      403,
      expect.stringContaining("'Microsoft.KeyVault/vaults/secrets/getSecret/action'"),
    ])
    expect((await h.refusal('GET', '/secrets/_', undefined, { token: 'opaque' }))[0]).toBe(400)
  })
})

describe('a quota', () => {
  const statusOf = async (method: string, path: string, body?: object) =>
    (await h.raw(method, path, body)).status

  test('of operations ends with its ten seconds', async () => {
    await h.close()
    h = await startHarness({ quota: { operations: 2 } })
    h.advance(4_000)
    expect([await statusOf('GET', '/secrets'), await statusOf('GET', '/secrets')]).toEqual([200, 200])
    const { status, headers, body } = await h.raw('GET', '/secrets')
    expect([status, body.error.code, headers.get('retry-after')]).toEqual([429, 'Throttled', '6'])
    h.advance(5_999)
    expect(await statusOf('GET', '/secrets')).toBe(429)
    h.advance(1)
    expect(await statusOf('GET', '/secrets')).toBe(200)
  })

  test('of new versions leaves reads alone', async () => {
    await h.close()
    h = await startHarness({ quota: { sets: 1 } })
    expect(await statusOf('PUT', '/secrets/a', { value: 'v' })).toBe(200)
    expect(await statusOf('PUT', '/secrets/a', { value: 'w' })).toBe(429)
    expect((await h.raw('GET', '/secrets/a')).body.value).toBe('v')
    expect(await statusOf('PATCH', '/secrets/a', {})).toBe(200)
  })

  test('of the service lets 300 through', async () => {
    await h.close()
    h = await startHarness({ quota: {} })
    const answers = []
    for (let index = 0; index < 301; index += 1)
      answers.push(await statusOf('PUT', '/secrets/a', { value: 'v' }))
    expect([answers.filter((status) => status === 200).length, answers.at(-1)]).toEqual([300, 429])
  })

  test('there is none by default', async () => {
    for (let index = 0; index < 301; index += 1) await h.set('a')
    expect((await h.raw('GET', '/secrets/a')).status).toBe(200)
  })
})
