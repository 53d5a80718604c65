import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { base64, type Harness, numbered, project, startHarness } from './harness.js'

let h: Harness
let secret: string
beforeEach(async () => {
  h = await startHarness('rest')
  await h.make('a', ['one'])
  secret = `/v1/${project}/secrets/a`
})
afterEach(() => h.close())

const message = (body: { error: { message: string } }): string => body.error.message

test('an answer is indented JSON, and an error has a status', async () => {
  const { status, headers, text, body } = await h.raw('GET', secret)
  expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=UTF-8'])
  expect(text).toMatch(/^\{\n {2}"name": "projects\/123456789012\/secrets\/a",\n/)
  expect(Object.keys(body).sort()).toEqual(['createTime', 'etag', 'name', 'replication'])
  expect((await h.raw('GET', `/v1/${project}/secrets/none`)).body).toEqual({
    error: { code: 404, message: `Secret [${numbered}/secrets/none] not found.`, status: 'NOT_FOUND' },
  })
})

test('enums are words, or numbers where that is asked for', async () => {
  const state = async (query: string): Promise<unknown> =>
    (await h.raw('GET', `${secret}/versions/1${query}`)).body.state
  expect(await state('')).toBe('ENABLED')
  expect(await state('?alt=json')).toBe('ENABLED')
  expect(await state('?$alt=json%3Benum-encoding=int')).toBe(1)
  expect(await state('?%24alt=json;enum-encoding=int&prettyPrint=false&key=x')).toBe(1)
})

test.each([
  ['GET', '/'],
  ['GET', '/v1/projects/p1/secrets/a/b'],
  ['GET', '/v1/projects/p1/secrets/'],
  ['GET', '/v1/projects/p1/secrets/a:nothing'],
  ['GET', '/v1/projects//secrets'],
  ['GET', '/v2/projects/p1/secrets'],
  ['POST', '/v1/projects/p1/secrets/a'],
  ['PUT', '/v1/projects/p1/secrets/a'],
  ['POST', '/v1/projects/p1/secrets/a/versions/1:access'],
  ['GET', '/v1/projects/p1/<script>'],
])('%s %s is a page of HTML, as the front end answers it', async (method, path) => {
  const { status, headers, text } = await h.raw(method, path, method === 'GET' ? undefined : {})
  expect([status, headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8'])
  expect(text).toContain('was not found on this server')
  expect(text).not.toContain('<script>')
  expect(h.emulator.calls).toEqual({ CreateSecret: 1, AddSecretVersion: 1 })
})

test('segments of a path are decoded', async () => {
  expect((await h.raw('GET', `/v1/${project}/secrets/%61`)).status).toBe(200)
  expect((await h.raw('GET', `/v1/${project}/secrets/a%2Fb`)).body.error.status).toBe('INVALID_ARGUMENT')
  expect((await h.raw('GET', `/v1/${project}/secrets/a%`)).body.error.status).toBe('INVALID_ARGUMENT')
})

describe('a body', () => {
  const create = (body: unknown, query = 'secretId=b'): Promise<[number, string]> =>
    h
      .raw('POST', `/v1/${project}/secrets?${query}`, body)
      .then(({ status, body: answer }) => [status, status === 200 ? '' : message(answer)])

  test('has names in either spelling, and null for what is not set', async () => {
    const body = {
      replication: {
        user_managed: { replicas: [{ location: 'us-east1', customer_managed_encryption: null }] },
      },
      version_destroy_ttl: '86400.5s',
      labels: null,
    }
    expect(await create(body)).toEqual([200, ''])
    const { body: read } = await h.raw('GET', `/v1/${project}/secrets/b`)
    expect(read.replication.userManaged.replicas).toEqual([{ location: 'us-east1' }])
    expect(read.versionDestroyTtl).toBe('86400.500s')
  })

  test.each([
    [{ nothing: 1 }, `Invalid JSON payload received. Unknown name "nothing" at 'secret': Cannot find field.`],
    [
      { constructor: 1 },
      `Invalid JSON payload received. Unknown name "constructor" at 'secret': Cannot find field.`,
    ],
    [
      { replication: { automatic: { key: 1 } } },
      `Invalid JSON payload received. Unknown name "key" at 'secret.replication.automatic': Cannot find field.`,
    ],
    [{ labels: { a: 1 } }, `Invalid value at 'secret.labels[0].value' (TYPE_STRING), "1"`],
    [{ labels: [] }, `Invalid value at 'secret.labels' (Map), an object`],
    [{ topics: {} }, `Invalid value at 'secret.topics' (List), an object`],
    [{ replication: 'x' }, `Invalid value at 'secret.replication' (Map), "x"`],
    [{ ttl: 60 }, /'secret\.ttl' .*duration must end with 's'/],
    [{ ttl: '60' }, /'secret\.ttl' .*duration must end with 's'/],
    [{ expireTime: 'tomorrow' }, /'secret\.expireTime' .*Invalid time format/],
    [{ expireTime: '2026-99-01T00:00:00Z' }, /'secret\.expireTime' .*Invalid time format/],
    [{ versionAliases: { a: 'x' } }, `Invalid value at 'secret.versionAliases[0].value' (TYPE_INT64), "x"`],
    [{ versionAliases: { a: 1.5 } }, /TYPE_INT64/],
    [{ versionAliases: { a: String(2n ** 63n) } }, /TYPE_INT64/],
    [{ secretType: 'NOTHING' }, /TYPE_ENUM/],
    [{ secretType: 2 ** 40 }, /TYPE_ENUM/],
    [{ replication: { automatic: {}, userManaged: {} } }, /oneof field 'replication' is already set/],
    [{ expireTime: '2027-01-01T00:00:00Z', ttl: '60s' }, /oneof field 'expiration' is already set/],
    [{ versionAliases: {}, version_aliases: {} }, /already set/],
    ['[]', `Invalid value at 'secret' (Map), an object`],
    ['1', `Invalid value at 'secret' (Map), "1"`],
    ['{"a":sk_live_1', 'Invalid JSON payload received. Unable to parse the request as JSON.'],
    ['{"labels":{"a":"b"},}', 'Invalid JSON payload received. Unable to parse the request as JSON.'],
  ])('%j is refused as the front end words it', async (body, text) => {
    const [status, given] = await create(body)
    expect(status).toBe(400)
    expect(given).toEqual(typeof text === 'string' ? text : expect.stringMatching(text))
    expect((await h.raw('GET', `/v1/${project}/secrets/b`)).status).toBe(404)
  })

  test('of an error names the field in its details', async () => {
    const { body } = await h.raw('POST', `/v1/${project}/secrets?secretId=b`, { nothing: 1 })
    const description = `Invalid JSON payload received. Unknown name "nothing" at 'secret': Cannot find field.`
    expect(body.error).toEqual({
      code: 400,
      message: description,
      status: 'INVALID_ARGUMENT',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: [{ field: 'secret', description }],
        },
      ],
    })
  })

  test('may be empty', async () => {
    const { status, body } = await h.raw('POST', `${secret}/versions/1:disable`)
    expect([status, body.state]).toEqual([200, 'DISABLED'])
    expect((await h.raw('POST', `${secret}:addVersion`)).body.error.message).toBe(
      'Secret Payload cannot be empty.',
    )
  })

  test.each([
    ['-_-_', Buffer.from('-_-_', 'base64')],
    ['+/+/', Buffer.from('+/+/', 'base64')],
    ['eA', Buffer.from('x')],
    ['eA==', Buffer.from('x')],
  ])('has bytes as base64 of either alphabet: %s', async (data, bytes) => {
    expect((await h.raw('POST', `${secret}:addVersion`, { payload: { data } })).status).toBe(200)
    const { body } = await h.raw('GET', `${secret}/versions/latest:access`)
    expect(body.payload.data).toBe(bytes.toString('base64'))
  })

  test.each(['e', 'e!A=', 7, {}])('has no bytes in %j, which the error does not repeat', async (data) => {
    const { status, body } = await h.raw('POST', `${secret}:addVersion`, { payload: { data } })
    expect([status, message(body)]).toEqual([
      400,
      "Invalid value at 'payload.data' (TYPE_BYTES), Base64 decoding failed",
    ])
  })

  test('beyond 10 MiB is 413', async () => {
    const answer = await h
      .raw('POST', `${secret}:addVersion`, 'x'.repeat(11 * 1024 * 1024))
      .catch((error: unknown) => error)
    if (answer instanceof Error) expect(answer).toBeInstanceOf(TypeError)
    else expect(answer).toMatchObject({ status: 413 })
    expect((await h.raw('GET', secret)).status).toBe(200)
  })
})

describe('a query', () => {
  test('has names in either spelling', async () => {
    for (const query of ['pageSize=1', 'page_size=1', 'pageSize=1&pageToken=&filter=']) {
      expect((await h.raw('GET', `/v1/${project}/secrets?${query}`)).body.secrets).toHaveLength(1)
    }
    const body = { labels: { a: 'b' } }
    expect((await h.raw('PATCH', `${secret}?update_mask=labels`, body)).body.labels).toEqual({ a: 'b' })
    const policy = await h.raw('GET', `${secret}:getIamPolicy?options.requestedPolicyVersion=3`)
    expect(policy.body).toEqual({ etag: 'ACAB' })
  })

  test.each([
    ['nothing=1', /Unknown name "nothing": Cannot bind query parameter/],
    ['constructor=1', /Unknown name "constructor": Cannot bind query parameter/],
    ['pageSize=x', /'pageSize' \(TYPE_INT32\), "x"/],
    ['pageSize=99999999999', /TYPE_INT32/],
    ['pageSize.x=1', /Cannot bind query parameter/],
  ])('%s is refused', async (query, text) => {
    const { status, body } = await h.raw('GET', `/v1/${project}/secrets?${query}`)
    expect([status, message(body)]).toEqual([400, expect.stringMatching(text)])
  })

  test('cannot set a message', async () => {
    const { body } = await h.raw('GET', `${secret}:getIamPolicy?options=3`)
    expect(message(body)).toContain('Cannot bind query parameter')
  })
})

test('an etag goes through a query with its quotation marks', async () => {
  const { body } = await h.raw('GET', secret)
  const remove = (etag: string): Promise<number> =>
    h.raw('DELETE', `${secret}?etag=${encodeURIComponent(etag)}`).then(({ status }) => status)
  expect(await remove('"x"')).toBe(400)
  expect(await remove(body.etag)).toBe(200)
})

test('numbers of 64 bits are texts, and times have the fraction that they need', async () => {
  h.advance(250)
  const added = await h.raw('POST', `${secret}:addVersion`, {
    payload: { data: base64('two'), dataCrc32c: 3_405_691_582 },
  })
  expect(added.status).toBe(400)
  const { body } = await h.raw('POST', `${secret}:addVersion`, { payload: { data: base64('two') } })
  expect(body.createTime).toBe('2026-01-01T00:00:00.250Z')
  const read = await h.raw('GET', `${secret}/versions/2:access`)
  expect(typeof read.body.payload.dataCrc32c).toBe('string')
  const expireTime = '2027-01-01T01:00:00.000123+01:00'
  const patched = await h.raw('PATCH', `${secret}?updateMask=expireTime`, { expireTime })
  expect(patched.body.expireTime).toBe('2027-01-01T00:00:00.000123Z')
})
