import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, notFound, start, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

const second = start / 1000

describe('set', () => {
  test('answers the bundle with its value', async () => {
    const { status, body } = await h.raw('PUT', '/secrets/a', {
      value: 'v',
      contentType: 'text/plain',
      tags: { team: 'x' },
      attributes: { nbf: second, exp: 32503680000 },
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      value: 'v',
      contentType: 'text/plain',
      id: expect.stringMatching(`^${h.emulator.httpUrl}/secrets/a/[0-9a-f]{32}$`),
      attributes: {
        enabled: true,
        nbf: second,
        exp: 32503680000,
        created: second,
        updated: second,
        recoveryLevel: 'Recoverable+Purgeable',
        recoverableDays: 90,
      },
      tags: { team: 'x' },
    })
  })

  test('answers the value of a disabled version too', async () => {
    const { body } = await h.raw('PUT', '/secrets/a', { value: 'v', attributes: { enabled: false } })
    expect([body.value, body.attributes.enabled]).toEqual(['v', false])
  })

  test('times are whole seconds, and ids are of the host that the client called', async () => {
    h.advance(1_999)
    const { body } = await h.raw('PUT', '/secrets/a', { value: 'v' })
    expect([body.attributes.created, body.attributes.updated]).toEqual([second + 1, second + 1])
    const https = h.emulator.httpUrl?.replace('127.0.0.1', 'localhost') ?? ''
    expect((await h.raw('GET', '/secrets/a', undefined, { base: https })).body.id).toContain(
      `${https}/secrets/a/`,
    )
  })

  test('inherits nothing from the version before', async () => {
    await h.set('a', 'v', { tags: { k: 'v' }, contentType: 't', attributes: { enabled: false, exp: second } })
    await h.set('a', 'w')
    const { body } = await h.raw('GET', '/secrets/a')
    expect([body.tags, body.contentType, body.attributes.exp, body.attributes.enabled]).toEqual([
      undefined,
      undefined,
      undefined,
      true,
    ])
  })

  test.each([
    ['an empty value', { value: '' }],
    ['25,600 bytes', { value: 'é'.repeat(12_800) }],
    ['255 characters of content type', { value: 'v', contentType: 'é'.repeat(255) }],
    ['15 tags', { value: 'v', tags: tagsOf(15) }],
    ['a tag of 256 and 256', { value: 'v', tags: { ['k'.repeat(256)]: 'v'.repeat(256) } }],
    ['a date that a client cut to 32 bits', { value: 'v', attributes: { exp: -2085978496 } }],
    ['nulls', { value: 'v', tags: null, contentType: null, attributes: null }],
  ])('takes %s', async (_what, body) => {
    expect((await h.raw('PUT', '/secrets/a', body)).status).toBe(200)
  })

  test.each([
    ['no body', undefined],
    ['an empty body', ''],
    ['no JSON', '{"value":'],
    ['no object', [1]],
    ['no value', { tags: {} }],
    ['a value that is no text', { value: 1 }],
    ['25,601 bytes', { value: `${'é'.repeat(12_800)}x` }],
    ['256 characters of content type', { value: 'v', contentType: 'x'.repeat(256) }],
    ['16 tags', { value: 'v', tags: tagsOf(16) }],
    ['a tag key of 257', { value: 'v', tags: { ['k'.repeat(257)]: 'v' } }],
    ['a tag value of 257', { value: 'v', tags: { k: 'v'.repeat(257) } }],
    ['a tag that is no text', { value: 'v', tags: { k: 1 } }],
    ['tags that are no map', { value: 'v', tags: ['k'] }],
    ['enabled as text', { value: 'v', attributes: { enabled: 'false' } }],
    ['exp with a fraction', { value: 'v', attributes: { exp: 1.5 } }],
    ['nbf as text', { value: 'v', attributes: { nbf: '1' } }],
    ['attributes that are none', { value: 'v', attributes: 1 }],
  ])('refuses %s, and stores nothing', async (_what, body) => {
    expect(await h.refusal('PUT', '/secrets/a', body)).toEqual([
      400,
      'BadParameter',
      undefined,
      'Property  has invalid value\r\n',
    ])
    expect((await h.raw('GET', '/secrets/a')).status).toBe(404)
  })

  test('makes ids from the random source', async () => {
    const other = await startHarness({ randomBytes: (size) => new Uint8Array(size).fill(0xab) })
    expect(await other.set('a')).toBe('ab'.repeat(16))
    await other.close()
  })
})

describe('a secret that is never valid', () => {
  const attributes = { nbf: second, exp: second }

  test('is taken', async () => {
    expect(await h.set('a', 'v', { attributes })).toMatch(/^[0-9a-f]{32}$/)
  })

  test('is refused where asked for, in an update too', async () => {
    const other = await startHarness({ facts: { refusesNeverValid: true } })
    const answers = [
      await other.raw('PUT', '/secrets/a', { value: 'v', attributes }),
      await other.raw('PUT', '/secrets/a', { value: 'v', attributes: { nbf: second - 1, exp: second } }),
      await other.raw('PATCH', '/secrets/a', { attributes: { nbf: second } }),
      await other.raw('PATCH', '/secrets/a', { attributes: { exp: second + 1 } }),
    ]
    await other.close()
    expect(answers.map(({ status }) => status)).toEqual([400, 200, 400, 200])
  })
})

describe('get', () => {
  test.each(['/secrets/a', '/secrets/a/'])('%s is the latest set', async (path) => {
    await h.set('a', 'one')
    await h.set('a', 'two')
    expect((await h.raw('GET', path)).body.value).toBe('two')
  })

  test('a version by its id, whatever asks for another form of it', async () => {
    const first = await h.set('a', 'one')
    await h.set('a', 'two')
    const query = '&outContentType=x'
    expect((await h.raw('GET', `/secrets/a/${first}`, undefined, { query })).body.value).toBe('one')
  })

  test.each([
    ['/secrets/none', 'none'],
    ['/secrets/a/0123456789abcdef0123456789abcdef', 'a/0123456789abcdef0123456789abcdef'],
    ['/deletedsecrets/none', 'none'],
  ])('%s is not found', async (path, name) => {
    await h.set('a')
    expect(await h.refusal('GET', path)).toEqual([404, 'SecretNotFound', undefined, notFound(name)])
  })

  test('the other text, where asked for', async () => {
    const other = await startHarness({ facts: { notFoundText: 'short' } })
    await other.set('a')
    const paths = ['/secrets/x', '/secrets/a/b', '/deletedsecrets/x']
    const texts = await Promise.all(paths.map(async (path) => (await other.refusal('GET', path))[3]))
    await other.close()
    expect(texts).toEqual(['Secret not found: x', 'Secret not found: a', 'Deleted Secret not found: x'])
  })

  test('a disabled latest version is refused, and no other stands in', async () => {
    const first = await h.set('a', 'one')
    const latest = await h.set('a', 'two', { attributes: { enabled: false } })
    const refused = [403, 'Forbidden', 'SecretDisabled', 'Operation get is not allowed on a disabled secret.']
    expect(await h.refusal('GET', '/secrets/a')).toEqual(refused)
    expect(await h.refusal('GET', `/secrets/a/${latest}`)).toEqual(refused)
    expect((await h.raw('GET', `/secrets/a/${first}`)).status).toBe(200)
  })

  test('expired and not yet valid ones are answered', async () => {
    await h.set('old', 'v', { attributes: { exp: second - 10 } })
    await h.set('new', 'v', { attributes: { nbf: second + 10 } })
    expect((await h.raw('GET', '/secrets/old')).body.value).toBe('v')
    expect((await h.raw('GET', '/secrets/new')).body.value).toBe('v')
  })
})

describe('previousVersion', () => {
  beforeEach(async () => {
    await h.close()
    h = await startHarness({ facts: { namesPreviousVersion: true } })
  })

  const previous = async (apiVersion: string) =>
    (await h.raw('GET', '/secrets/a', undefined, { apiVersion })).body.previousVersion

  test.each([
    ['7.6', false],
    ['2016-10-01', false],
    ['2025-06-01-preview', true],
    ['2025-07-01', true],
    ['2026-04-01', true],
  ])('under %s: %s', async (apiVersion, isThere) => {
    const first = await h.set('a')
    expect(await previous(apiVersion)).toBeUndefined()
    await h.set('a')
    expect(await previous(apiVersion)).toBe(isThere ? first : undefined)
  })

  test('is absent where it was not asked for', async () => {
    await h.close()
    h = await startHarness()
    await h.set('a')
    await h.set('a')
    expect(await previous('2026-04-01')).toBeUndefined()
  })

  test('is absent on versions made before it existed, and in lists', async () => {
    h.emulator.clock.set(Date.UTC(2025, 4, 31))
    await h.set('a')
    await h.set('a')
    expect(await previous('2026-04-01')).toBeUndefined()
    h.emulator.clock.set(start)
    await h.set('a')
    const { body } = await h.raw('GET', '/secrets/a/versions')
    expect(JSON.stringify(body)).not.toContain('previousVersion')
  })
})

describe('update', () => {
  test('answers no value, keeps what is left out, and moves only the time of the update', async () => {
    await h.set('a', 'v', { contentType: 't', tags: { k: 'v' }, attributes: { exp: second } })
    h.advance(5_000)
    const { status, body } = await h.raw('PATCH', '/secrets/a/', { attributes: { enabled: false } })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      contentType: 't',
      tags: { k: 'v' },
      attributes: { enabled: false, exp: second, created: second, updated: second + 5 },
    })
    expect(body).not.toHaveProperty('value')
  })

  test('cannot change a value', async () => {
    await h.set('a', 'v')
    await h.raw('PATCH', '/secrets/a/', { value: 'w' })
    expect((await h.raw('GET', '/secrets/a')).body.value).toBe('v')
  })

  test('replaces the whole map of tags, or merges where asked for', async () => {
    const other = await startHarness({ facts: { tagUpdate: 'merge' } })
    const tags = []
    for (const harness of [h, other]) {
      await harness.set('a', 'v', { tags: { a: '1', b: '2' } })
      tags.push((await harness.raw('PATCH', '/secrets/a', { tags: { b: '3' } })).body.tags)
    }
    await other.close()
    expect(tags).toEqual([{ b: '3' }, { a: '1', b: '3' }])
  })

  test('works on a disabled version and on an old one, which does not become the latest', async () => {
    const first = await h.set('a', 'one', { attributes: { enabled: false } })
    await h.set('a', 'two')
    expect((await h.raw('PATCH', `/secrets/a/${first}`, { attributes: { exp: 32503680000 } })).status).toBe(
      200,
    )
    await h.raw('PATCH', `/secrets/a/${first}`, { attributes: { enabled: true } })
    expect((await h.raw('GET', '/secrets/a')).body.value).toBe('two')
    expect((await h.raw('GET', `/secrets/a/${first}`)).body.value).toBe('one')
  })

  test('makes its version the latest where asked for', async () => {
    const other = await startHarness({ facts: { updateMakesLatest: true } })
    const first = await other.set('a', 'one')
    await other.set('a', 'two')
    await other.raw('PATCH', `/secrets/a/${first}`, {})
    const { body } = await other.raw('GET', '/secrets/a')
    await other.close()
    expect(body.value).toBe('one')
  })

  test.each([
    ['/secrets/none', {}, [404, 'SecretNotFound', undefined, notFound('none')]],
    ['/secrets/a/0123', {}, [404, 'SecretNotFound', undefined, notFound('a/0123')]],
    [
      '/secrets/a',
      { attributes: { exp: 'x' } },
      [400, 'BadParameter', undefined, 'Property  has invalid value\r\n'],
    ],
    ['/secrets/a', undefined, [400, 'BadParameter', undefined, 'Property  has invalid value\r\n']],
  ])('%s with %j is refused', async (path, body, refused) => {
    await h.set('a')
    expect(await h.refusal('PATCH', path, body)).toEqual(refused)
  })
})

describe('recovery level', () => {
  test.each([
    [{ retentionDays: 7 }, 'CustomizedRecoverable+Purgeable', 7],
    [{ retentionDays: 89, purgeProtection: true }, 'CustomizedRecoverable', 89],
    [{ purgeProtection: true }, 'Recoverable', 90],
  ])('of %j is %s', async (options, recoveryLevel, recoverableDays) => {
    const other = await startHarness(options)
    const { body } = await other.raw('PUT', '/secrets/a', { value: 'v' })
    await other.close()
    expect(body.attributes).toMatchObject({ recoveryLevel, recoverableDays })
  })

  test.each([6, 91, 7.5])('no vault keeps deleted secrets for %d days', async (retentionDays) => {
    await expect(startHarness({ retentionDays })).rejects.toThrow(
      'retentionDays must be a whole number from 7 to 90',
    )
  })
})

function tagsOf(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))
}
