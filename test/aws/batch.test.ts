import type { AwsClient } from 'strongroom/aws'
import { describe, expect, test } from 'vitest'
import { bench, errorBody, failure, type StubRequest, storeOn, stub, stubStore } from './support.js'

const arnOf = (name: string): string => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-AbCdEf`
const nameOf = (id: string): string => id.replace(/^arn:.*:secret:(.*?)(-AbCdEf)?$/, '$1')

/** Answers a batch in reverse order; names that begin with `no` are errors of their own. */
function answer({ operation, body }: StubRequest): object {
  if (operation === 'GetSecretValue') return answerFor(body.SecretId)
  const ids = body.SecretIdList as string[]
  const missing = ids.filter((id) => nameOf(id).startsWith('no'))
  return {
    SecretValues: ids
      .filter((id) => !missing.includes(id))
      .map(answerFor)
      .reverse(),
    Errors: missing.map((SecretId) => ({
      SecretId,
      ErrorCode: SecretId === 'no-access' ? 'AccessDeniedException' : 'ResourceNotFoundException',
      Message: 'it is not for you',
    })),
  }
}

function answerFor(id: string): object {
  const name = nameOf(id)
  return { ARN: arnOf(name), Name: name, VersionId: 'v1', CreatedDate: 1, SecretString: `value of ${name}` }
}

describe('batch', () => {
  test('the reads of one tick are one request, and each gets its own value', async () => {
    const server = await stub((request) => ({ body: answer(request) }))
    const store = stubStore(server, { batch: true, prefix: 'prod' })
    const results = await store.getMany(['a', 'b', 'c'])
    expect(server.requests.map(({ operation, body }) => [operation, body])).toEqual([
      ['BatchGetSecretValue', { SecretIdList: ['prod/a', 'prod/b', 'prod/c'] }],
    ])
    for (const name of ['a', 'b', 'c'] as const) {
      expect(results.get(name)).toMatchObject({ status: 'fulfilled', value: { name } })
      expect((await store.get(name)).value).toBe(`value of prod/${name}`)
    }
  })

  test('20 at a time, each name once', async () => {
    const server = await stub((request) => ({ body: answer(request) }))
    const store = stubStore(server, { batch: true })
    const names = Array.from({ length: 45 }, (_, index) => `s${index}`)
    const secrets = await Promise.all([...names, ...names].map((name) => store.get(name)))
    expect(secrets.map(({ value }) => value)).toEqual([...names, ...names].map((name) => `value of ${name}`))
    expect(server.requests.map(({ body }) => body.SecretIdList.length)).toEqual([20, 20, 5])
  })

  test('a read that is alone, or not of the current version, is a plain one', async () => {
    const server = await stub((request) => ({ body: answer(request) }))
    const store = stubStore(server, { batch: true })
    await store.get('a')
    await Promise.all([store.get('a'), store.get('a')])
    await Promise.all([store.get('a', { version: 'v1' }), store.get('b', { stage: 'previous' })])
    expect(server.operations()).toEqual(Array.from({ length: 4 }, () => 'GetSecretValue'))
  })

  test('what one secret lacks is its own error', async () => {
    const server = await stub((request) => ({ body: answer(request) }))
    const results = await stubStore(server, { batch: true }).getMany(['a', 'no-access', 'nothing'])
    expect(results.get('a')?.status).toBe('fulfilled')
    expect(results.get('no-access')).toMatchObject({
      reason: { code: 'PERMISSION_DENIED', secret: 'no-access' },
    })
    expect(results.get('nothing')).toMatchObject({
      reason: { code: 'NOT_FOUND', providerCode: 'ResourceNotFoundException' },
    })
    expect(server.requests).toHaveLength(1)
  })

  test('by ARN, whole or without its suffix, and by name', async () => {
    const server = await stub((request) => ({ body: answer(request) }))
    const store = stubStore(server, { batch: true })
    const ids = [{ id: arnOf('a') }, { id: arnOf('b').slice(0, -7) }, 'c']
    const secrets = await Promise.all(ids.map((id) => store.get(id)))
    expect(secrets.map(({ value }) => value)).toEqual(['value of a', 'value of b', 'value of c'])
    const missing = await Promise.allSettled([store.get({ id: arnOf('nothing') }), store.get('a')])
    expect(missing.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  test('one that the answer leaves out is UNAVAILABLE, not missing', async () => {
    const server = await stub(() => ({ body: { SecretValues: [answerFor('a')] } }))
    const store = stubStore(server, { batch: true })
    const [a, b] = await Promise.allSettled([store.get('a'), store.get('b')])
    expect([a.status, b]).toMatchObject(['fulfilled', { reason: { code: 'UNAVAILABLE', retryable: true } }])
  })

  test('when the whole request fails, each read fails with its reason', async () => {
    const server = await stub(() => ({
      status: 400,
      body: errorBody(
        'AccessDeniedException',
        'not authorized to perform secretsmanager:BatchGetSecretValue',
      ),
    }))
    const store = stubStore(server, { batch: true })
    for (const call of [store.get('a'), store.get('b')].map((read) => failure(read))) {
      const error = await call
      expect(error.code).toBe('PERMISSION_DENIED')
      expect(error.message).toContain('BatchGetSecretValue')
    }
  })

  test('one reader that gives up does not spoil the others; when all have, the request ends', async () => {
    const pending: { signal: AbortSignal | undefined; answer: () => void }[] = []
    const client: AwsClient = {
      send: ({ input }: { input: { SecretIdList: string[] } }, options) =>
        new Promise((resolve, reject) => {
          const signal = options?.abortSignal
          const values = input.SecretIdList.map((id) => ({ ...answerFor(id), CreatedDate: new Date() }))
          signal?.addEventListener('abort', () => reject(signal.reason))
          pending.push({ signal, answer: () => resolve({ SecretValues: values }) })
        }),
    }
    const store = storeOn({ client, batch: true })
    const start = async (): Promise<{ controllers: AbortController[]; reads: Promise<unknown> }> => {
      const controllers = [new AbortController(), new AbortController()]
      const reads = controllers.map(({ signal }, index) => store.get(`s${index}`, { signal }))
      const settled = Promise.allSettled(reads)
      const sent = pending.length
      while (pending.length === sent) await new Promise(setImmediate)
      return { controllers, reads: settled }
    }

    const first = await start()
    first.controllers[0]?.abort()
    expect(pending[0]?.signal?.aborted).toBe(false)
    pending[0]?.answer()
    expect(await first.reads).toMatchObject([{ reason: { code: 'ABORTED' } }, { status: 'fulfilled' }])

    const second = await start()
    for (const controller of second.controllers) controller.abort()
    expect(pending[1]?.signal?.aborted).toBe(true)
    expect(await second.reads).toMatchObject([
      { reason: { code: 'ABORTED' } },
      { reason: { code: 'ABORTED' } },
    ])
  })

  test('a read that is aborted before its tick ends is not sent', async () => {
    const server = await stub((request) => ({ body: answer(request) }))
    const store = stubStore(server, { batch: true })
    const controller = new AbortController()
    const read = failure(store.get('a', { signal: controller.signal }))
    const other = store.get('b')
    controller.abort()
    expect([(await read).code, (await other).value]).toEqual(['ABORTED', 'value of b'])
    expect(server.operations()).toEqual(['GetSecretValue'])
  })

  test('on the emulator, with versions that no reader should see', async () => {
    const { store, open, counted } = await bench()
    await store.put('a', 'one')
    await store.put('b', new Uint8Array([0, 1]))
    await store.put('b', 'pending', { stage: 'pending' })
    await store.put('gone', 'x')
    await store.delete('gone')
    const batched = open({ batch: true })
    const calls = await counted(async () => {
      const results = await batched.getMany(['a', 'b', 'gone', 'nothing'])
      expect(results.get('a')).toMatchObject({ value: { kind: 'text', stages: ['current'] } })
      expect(results.get('b')).toMatchObject({ value: { kind: 'binary' } })
      expect(results.get('gone')).toMatchObject({ reason: { code: 'PENDING_DELETION' } })
      expect(results.get('nothing')).toMatchObject({ reason: { code: 'NOT_FOUND' } })
    })
    expect(calls).toEqual({ BatchGetSecretValue: 1 })
  })
})
