import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { base64, type Harness, numbered, project, startHarness, transports } from './harness.js'

describe.each(transports)('over %s', (transport) => {
  let h: Harness
  let name: string
  beforeEach(async () => {
    h = await startHarness(transport)
    name = await h.make('a', ['one'])
  })
  afterEach(() => h.close())

  const access = (version: string | number = 'latest'): Promise<{ payload: { data: string } }> =>
    h.call('AccessSecretVersion', { name: `${name}/versions/${version}` })
  const failing = (rule: object): Promise<{ code: number; message: string; details: object[] }> => {
    h.emulator.faults.add({ operation: 'AccessSecretVersion', times: 1, ...rule })
    return h.error('AccessSecretVersion', { name: `${name}/versions/latest` })
  }

  test.each([
    ['CANCELLED', 1],
    ['UNKNOWN', 2],
    ['INVALID_ARGUMENT', 3],
    ['DEADLINE_EXCEEDED', 4],
    ['NOT_FOUND', 5],
    ['ALREADY_EXISTS', 6],
    ['PERMISSION_DENIED', 7],
    ['RESOURCE_EXHAUSTED', 8],
    ['FAILED_PRECONDITION', 9],
    ['ABORTED', 10],
    ['OUT_OF_RANGE', 11],
    ['UNIMPLEMENTED', 12],
    ['INTERNAL', 13],
    ['UNAVAILABLE', 14],
    ['DATA_LOSS', 15],
    ['UNAUTHENTICATED', 16],
    ['SERVICE_DISABLED', 7],
    ['CREDENTIALS_MISSING', 16],
    ['RATE_LIMIT_EXCEEDED', 8],
    ['SOMETHING_NEW', 2],
    ['constructor', 2],
  ])('the fault %s has the code %d, once', async (error, code) => {
    const answer = await failing({ error })
    expect([answer.code, answer.message !== '']).toEqual([code, true])
    expect((await access()).payload.data).toBe(base64('one'))
  })

  test.each([
    [400, 3],
    [401, 16],
    [403, 7],
    [404, 5],
    [409, 6],
    [429, 8],
    [499, 1],
    [500, 13],
    [501, 12],
    [503, 14],
    [504, 4],
    [418, 13],
  ])('a status of %d alone is the code %d', async (status, code) => {
    expect((await failing({ status })).code).toBe(code)
  })

  test('the text of a rule wins', async () => {
    expect(await failing({ error: 'ABORTED', message: 'calm down' })).toMatchObject({
      code: 10,
      message: 'calm down',
    })
  })

  test('a reason can be read by a program', async () => {
    const reasons = []
    for (const error of ['PERMISSION_DENIED', 'SERVICE_DISABLED', 'RESOURCE_EXHAUSTED', 'UNAUTHENTICATED']) {
      const { details } = await failing({ error })
      reasons.push(details[0])
    }
    const resource = `${numbered}/secrets/a/versions/latest`
    const service = 'secretmanager.googleapis.com'
    expect(reasons).toMatchObject([
      {
        reason: 'IAM_PERMISSION_DENIED',
        domain: 'iam.googleapis.com',
        metadata: { permission: 'secretmanager.versions.access', resource },
      },
      { reason: 'SERVICE_DISABLED', metadata: { service, consumer: numbered } },
      { reason: 'RATE_LIMIT_EXCEEDED', metadata: { service, consumer: numbered } },
      { reason: 'ACCESS_TOKEN_TYPE_UNSUPPORTED', metadata: { service } },
    ])
    expect((await failing({ error: 'PERMISSION_DENIED' })).message).toBe(
      `Permission 'secretmanager.versions.access' denied for resource '${resource}' (or it may not exist).`,
    )
  })

  test('throttling may say how long to wait', async () => {
    const { details } = await failing({ error: 'RESOURCE_EXHAUSTED', retryAfterMs: 1_500 })
    expect(details[1]).toEqual({
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: expect.stringMatching(/^1\.50*s$/),
    })
  })

  test('a request that cannot be read can be denied all the same', async () => {
    h.emulator.faults.add({ operation: 'GetSecret', error: 'SERVICE_DISABLED', times: 1 })
    const { code, details } = await h.error('GetSecret', { name: 'projects/UPPER/secrets/a' })
    expect([code, details[0].metadata.consumer]).toEqual([7, numbered])
  })

  test('a write whose answer is lost has happened, one lost before has not', async () => {
    const add = (): Promise<unknown> =>
      h.call('AddSecretVersion', { parent: name, payload: { data: base64('two') } })
    h.emulator.faults.add({ operation: 'AddSecretVersion', drop: 'before', times: 1 })
    await expect(add()).rejects.toThrow()
    expect((await access()).payload.data).toBe(base64('one'))
    h.emulator.faults.add({ operation: 'AddSecretVersion', drop: 'after', times: 1 })
    await expect(add()).rejects.toThrow()
    expect((await access()).payload.data).toBe(base64('two'))
  })

  test('a listing may be empty and go on', async () => {
    h.emulator.faults.add({ operation: 'ListSecrets', emptyPage: true, times: 1 })
    const empty = await h.call('ListSecrets', { parent: project, pageSize: 1 })
    expect(empty).toEqual({ nextPageToken: expect.any(String), totalSize: 1 })
    await h.make('b')
    const { nextPageToken: pageToken } = empty
    const next = await h.call('ListSecrets', { parent: project, pageSize: 1, pageToken })
    expect(next.secrets[0].name).toBe(`${numbered}/secrets/b`)
    h.emulator.faults.add({ operation: 'ListSecrets', emptyPage: true, times: 1 })
    const again = await h.call('ListSecrets', { parent: project, pageToken: next.nextPageToken })
    expect(again).not.toHaveProperty('secrets')
    const last = await h.call('ListSecrets', { parent: project, pageToken: again.nextPageToken })
    expect(last.secrets[0].name).toBe(`${numbered}/secrets/a`)
  })

  test('a lagging read sees the past, but not by number', async () => {
    h.advance(10_000)
    await h.call('AddSecretVersion', { parent: name, payload: { data: base64('two') } })
    await h.make('b')
    h.emulator.faults.add({ operation: '*', lagMs: 5_000, times: 5 })
    expect((await access()).payload.data).toBe(base64('one'))
    expect((await access(2)).payload.data).toBe(base64('two'))
    expect((await h.call('ListSecrets', { parent: project })).secrets).toHaveLength(1)
    expect((await h.refusal('GetSecretVersion', { name: `${name}/versions/2` }))[0]).toBe('NOT_FOUND')
    expect((await h.refusal('GetSecret', { name: `${numbered}/secrets/b` }))[0]).toBe('NOT_FOUND')
    expect((await access()).payload.data).toBe(base64('two'))
  })

  test('a lagging read of what has expired since brings nothing back', async () => {
    const expiring = await h.make('b', ['x'], { ttl: '60s' })
    h.advance(61_000)
    h.emulator.faults.add({ operation: '*', lagMs: 5_000, times: 1 })
    expect(await h.call('GetSecret', { name: expiring })).toMatchObject({ name: expiring })
    expect((await h.refusal('GetSecret', { name: expiring }))[0]).toBe('NOT_FOUND')
  })

  describe('tokens', () => {
    const named = { name: `${project}/secrets/none` }
    const codeFor = async (options: object, headers: Record<string, string>): Promise<number> => {
      const other = await startHarness(transport, options)
      const { code } = await other.error('GetSecret', named, headers)
      await other.close()
      return code
    }
    const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

    test('are not needed, and any is taken', async () => {
      expect(await codeFor({}, {})).toBe(5)
      expect(await codeFor({}, bearer('anything'))).toBe(5)
    })

    test('are checked where there are rules', async () => {
      expect(await codeFor({ tokens: {} }, {})).toBe(16)
      expect(await codeFor({ tokens: {} }, { authorization: 'Basic x' })).toBe(16)
      expect(await codeFor({ tokens: {} }, bearer('anything'))).toBe(5)
      const accept = (token: string): boolean => token === 'right'
      expect(await codeFor({ tokens: { accept } }, bearer('wrong'))).toBe(16)
      expect(await codeFor({ tokens: { accept } }, bearer('right'))).toBe(5)
      expect(await codeFor({ tokens: { accept, required: false } }, {})).toBe(5)
    })

    test('and a refusal says what is wrong, and never which token', async () => {
      const other = await startHarness(transport, { tokens: { accept: () => false } })
      const missing = await other.error('GetSecret', named)
      const wrong = await other.error('GetSecret', named, bearer('ya29.secret'))
      await other.close()
      expect([missing.details[0].reason, wrong.details[0].reason]).toEqual([
        'CREDENTIALS_MISSING',
        'ACCESS_TOKEN_TYPE_UNSUPPORTED',
      ])
      expect(missing.details[0].metadata.method).toBe(
        'google.cloud.secretmanager.v1.SecretManagerService.GetSecret',
      )
      expect(JSON.stringify(wrong)).not.toContain('ya29')
    })
  })
})

describe('in REST', () => {
  let h: Harness
  beforeEach(async () => {
    h = await startHarness('rest')
  })
  afterEach(() => h.close())
  const path = `/v1/${project}/secrets`

  test('a rule may have a status of its own, and a wait its header', async () => {
    h.emulator.faults.add({
      operation: '*',
      error: 'RESOURCE_EXHAUSTED',
      status: 503,
      retryAfterMs: 1_200,
      times: 1,
    })
    const { status, headers, body } = await h.raw('GET', path)
    expect([status, headers.get('retry-after'), body.error.code]).toEqual([503, '2', 503])
    expect(body.error.status).toBe('RESOURCE_EXHAUSTED')
  })

  test('a refused token is told where tokens come from', async () => {
    h.emulator.faults.add({ operation: '*', error: 'UNAUTHENTICATED', times: 1 })
    const { status, headers } = await h.raw('GET', path)
    expect([status, headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="https://accounts.google.com/"',
    ])
  })

  test('a token may be in the query', async () => {
    const other = await startHarness('rest', { tokens: {} })
    const statuses = [
      (await other.raw('GET', path)).status,
      (await other.raw('GET', `${path}?access_token=x`)).status,
    ]
    await other.close()
    expect(statuses).toEqual([401, 200])
  })

  test('control is for tests in other languages', async () => {
    await h.make('a')
    expect((await h.raw('GET', '/_emulator/calls')).body).toEqual({ CreateSecret: 1 })
    await h.raw('POST', '/_emulator/faults', { operation: 'GetSecret', error: 'UNAVAILABLE' })
    expect((await h.raw('GET', `${path}/a`)).status).toBe(503)
    await h.raw('POST', '/_emulator/reset')
    expect((await h.raw('GET', `${path}/a`)).status).toBe(404)
  })
})
