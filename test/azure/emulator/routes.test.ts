import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, startHarness } from './harness.js'

let h: Harness
beforeEach(async () => {
  h = await startHarness()
})
afterEach(() => h.close())

describe('api-version', () => {
  test('is mandatory', async () => {
    expect(await h.refusal('GET', '/secrets', undefined, { apiVersion: null })).toEqual([
      400,
      'BadParameter',
      undefined,
      'api-version must be specified',
    ])
  })

  test.each(['API-Version=7.6', 'api%2dversion=7.6'])('may be called %s', async (query) => {
    expect((await h.raw('GET', '/secrets', undefined, { apiVersion: null, query })).status).toBe(200)
  })

  test('may have its name escaped', async () => {
    const answer = await h.raw('GET', '/secrets', undefined, {
      apiVersion: null,
      query: 'api%2Dversion=7.6',
    })
    expect(answer.status).toBe(200)
  })

  test.each(['2016-10-01', '7.0', '7.4', '7.6-preview.2', '2025-06-01-preview', '2025-07-01', '2026-04-01'])(
    '%s is known',
    async (apiVersion) => {
      expect((await h.raw('GET', '/secrets', undefined, { apiVersion })).status).toBe(200)
    },
  )

  test.each(['1.0', '7.9', 'latest'])('%s is not', async (apiVersion) => {
    expect(await h.refusal('GET', '/secrets', undefined, { apiVersion })).toEqual([
      400,
      'BadParameter',
      undefined,
      `The specified version (${apiVersion}) is not recognized. Consider using the latest supported version (2026-04-01).`,
    ])
  })
})

describe('routes', () => {
  test.each([
    ['PUT', '/secrets/'],
    ['PUT', '/secrets'],
    ['DELETE', '/secrets/a/0123456789abcdef0123456789abcdef'],
    ['PUT', '/secrets/a/0123456789abcdef0123456789abcdef'],
    ['GET', '/secrets/a/backup'],
    ['PATCH', '/secrets/a/versions'],
    ['POST', '/secrets/a'],
    ['OPTIONS', '/secrets'],
    ['PUT', '/secrets/a/backup'],
    ['POST', '/deletedsecrets/a'],
    ['GET', '/deletedsecrets/a/recover'],
  ])('%s %s is a method that is not allowed', async (method, path) => {
    expect(await h.refusal(method, path)).toEqual([
      405,
      'MethodNotAllowed',
      undefined,
      `HTTP ${method} not allowed`,
    ])
  })

  test.each(['/keys', '/', '/secrets/a/b/c', '/deletedsecrets/a/b'])('%s is not there', async (path) => {
    expect((await h.refusal('GET', path)).slice(0, 2)).toEqual([404, 'NotFound'])
  })

  test('a secret may be called like a literal route', async () => {
    for (const name of ['restore', 'versions', 'backup']) {
      await h.set(name, name)
      expect((await h.raw('GET', `/secrets/${name}/`)).body.value).toBe(name)
    }
  })

  test('are the same in any case', async () => {
    await h.set('a')
    expect((await h.raw('GET', '/Secrets/a')).body.value).toBe('v')
    expect((await h.raw('DELETE', '/secrets/A')).status).toBe(200)
    h.advance(1_000)
    expect((await h.raw('DELETE', '/deletedSecrets/a')).status).toBe(204)
  })

  test('are found behind the URL of a vault that ends in a slash', async () => {
    await h.set('a')
    expect((await h.raw('GET', '//secrets/a')).body.value).toBe('v')
    expect((await h.raw('GET', '/secrets//')).status).toBe(404)
  })

  test('what is no operation is not counted', async () => {
    await h.raw('POST', '/secrets/a')
    await h.raw('OPTIONS', '/secrets')
    await h.raw('GET', '/keys')
    expect(h.emulator.calls).toEqual({})
  })
})

describe('names', () => {
  test.each(['under_score', 'dot.ted', 'a%20b', '%E4', 'a%2Fb', 'x'.repeat(128)])(
    '%s is none',
    async (name) => {
      const answer = await h.refusal('PUT', `/secrets/${name}`, { value: 'v' })
      expect(answer.slice(0, 2)).toEqual([400, 'BadParameter'])
    },
  )

  test('an invalid one is quoted', async () => {
    const text = 'The request URI contains an invalid name: under_score'
    for (const [method, path] of [
      ['GET', '/secrets/under_score'],
      ['PATCH', '/secrets/under_score/'],
      ['DELETE', '/secrets/under_score'],
      ['GET', '/secrets/under_score/versions'],
      ['GET', '/deletedsecrets/under_score'],
      ['DELETE', '/deletedsecrets/under_score'],
      ['POST', '/deletedsecrets/under_score/recover'],
    ] as const) {
      expect((await h.refusal(method, path, method === 'PATCH' ? {} : undefined))[3]).toBe(text)
    }
  })

  test('127 characters are allowed, or as many as asked for', async () => {
    expect(await h.set('x'.repeat(127))).toMatch(/^[0-9a-f]{32}$/)
    const other = await startHarness({ facts: { maxNameLength: 10 } })
    const answer = await other.raw('PUT', `/secrets/${'x'.repeat(11)}`, { value: 'v' })
    await other.close()
    expect(answer.status).toBe(400)
  })

  test('case makes no difference, and the first one stays', async () => {
    const first = await h.set('Db-Password', 'one')
    const second = await h.set('DB-PASSWORD', 'two')
    const { body } = await h.raw('GET', '/secrets/db-password')
    expect(body.value).toBe('two')
    expect(body.id).toMatch(new RegExp(`/secrets/Db-Password/${second}$`))
    expect((await h.raw('GET', `/secrets/db-PASSWORD/${first}`)).body.value).toBe('one')
    expect((await h.raw('GET', '/secrets')).body.value).toHaveLength(1)
  })
})

describe('headers', () => {
  test('are those of the service', async () => {
    const { headers } = await h.raw('GET', '/secrets', undefined, {
      headers: { 'x-ms-client-request-id': 'mine' },
    })
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-cache',
      pragma: 'no-cache',
      expires: '-1',
      'content-type': 'application/json; charset=utf-8',
      'strict-transport-security': 'max-age=31536000;includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-ms-client-request-id': 'mine',
      'x-ms-keyvault-region': 'westeurope',
      'x-ms-keyvault-service-version': expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/),
      'x-ms-keyvault-network-info': expect.stringContaining('addr=127.0.0.1'),
      'x-ms-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  test('no client request id is made up, and every request has an id of its own', async () => {
    const answers = await Promise.all([h.raw('GET', '/secrets'), h.raw('GET', '/secrets')])
    expect(answers.map(({ headers }) => headers.get('x-ms-client-request-id'))).toEqual([null, null])
    expect(new Set(answers.map(({ headers }) => headers.get('x-ms-request-id'))).size).toBe(2)
  })
})
