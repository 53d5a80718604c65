import { createStore, type SecretStore } from 'strongroom'
import { type AzureOptions, azure } from 'strongroom/azure'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { errorOf } from './kit.js'
import { bundle, challenge, failure, openStub, type Stub, type StubAnswer, type StubRequest } from './stub.js'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

interface Keeper {
  readonly stub: Stub
  readonly store: SecretStore
  /** What was put under each name. */
  readonly kept: Map<string, string>
  readonly challenges: () => number
}

type Told = (request: StubRequest, index: number) => StubAnswer | undefined

/** A vault that keeps what it is given, and answers otherwise where it is told; the first challenge comes late. */
async function keeper(told: Told = () => undefined, options: AzureOptions = {}): Promise<Keeper> {
  const kept = new Map<string, string>()
  let challenges = 0
  const answer = (request: StubRequest, index: number): StubAnswer => told(request, index) ?? usual(request)
  const usual = ({ method, target, headers, body }: StubRequest): StubAnswer => {
    if (headers.authorization === undefined) {
      challenges += 1
      return { ...challenge, delayMs: challenges === 1 ? 30 : 0 }
    }
    if (method !== 'PUT') return { status: 404, body: failure('SecretNotFound') }
    const { value } = JSON.parse(body) as { value: string }
    kept.set(target.split(/[/?]/)[2] ?? '', value)
    return { status: 200, body: bundle(value) }
  }
  const stub = await openStub(answer, { challenged: false })
  closers.push(stub.close)
  const store = createStore({ provider: azure({ endpoint: stub.url, ...options }), layers: [] })
  return { stub, store, kept, challenges: () => challenges }
}

const first =
  (answer: StubAnswer): Told =>
  (_, index) =>
    index === 0 ? answer : undefined

const fifty = Array.from({ length: 50 }, (_, index) => `s${index}`)
const putAll = (store: SecretStore): Promise<unknown> =>
  Promise.all(fifty.map((name) => store.put(name, `value of ${name}`)))
const expected = new Map(fifty.map((name) => [name, `value of ${name}`]))

describe('the first call', () => {
  it('goes alone, so that no body is lost to the challenge', async () => {
    const bodies: string[] = []
    let challenges = 0
    const stub = await openStub(
      ({ headers, body, method }) => {
        if (headers.authorization === undefined) {
          challenges += 1
          return {
            status: 401,
            headers: {
              'www-authenticate': 'Bearer authorization="https://l/t", resource="https://vault.azure.net"',
            },
            body: failure('Unauthorized'),
            delayMs: challenges === 1 ? 30 : 0,
          }
        }
        if (method === 'PATCH') bodies.push(body)
        return { status: 200, body: bundle('x') }
      },
      { challenged: false },
    )
    closers.push(stub.close)
    const store = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    const versions = ['1', '2', '3'].map((digit) => digit.repeat(32))
    await Promise.all(versions.map((version) => store.setVersionState('a', version, 'disabled')))
    expect(bodies.map((body) => body.length > 0)).toEqual([true, true, true])
    expect(challenges).toBe(1)
  })

  it('may fail: the next one takes its place, and one that waits can be aborted', async () => {
    let count = 0
    const stub = await openStub(
      ({ headers }) => {
        count += 1
        if (count === 1) return 'hang'
        if (headers.authorization === undefined) {
          return {
            status: 401,
            headers: {
              'www-authenticate': 'Bearer authorization="https://l/t", resource="https://vault.azure.net"',
            },
          }
        }
        return { status: 200, body: bundle('x') }
      },
      { challenged: false },
    )
    closers.push(stub.close)
    const store = createStore({ provider: azure({ endpoint: stub.url }), layers: [] })
    const [first, second] = [new AbortController(), new AbortController()]
    const hanging = errorOf(store.get('a', { signal: first.signal }))
    const waiting = errorOf(store.get('a', { signal: second.signal }))
    const patient = store.get('a')
    while (stub.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    second.abort()
    expect((await waiting).code).toBe('ABORTED')
    first.abort()
    expect((await hanging).code).toBe('ABORTED')
    expect((await patient).value).toBe('x')
  })

  it('of fifty puts at once is challenged, and no value is lost or swapped', async () => {
    const { store, kept, challenges } = await keeper()
    await putAll(store)
    expect(kept).toEqual(expected)
    expect(challenges()).toBe(1)
  })

  it.each<[string, StubAnswer]>([
    ['a lost connection', 'drop'],
    ['a vault that is not available', { status: 503, body: failure('ServiceUnavailable') }],
    ['throttling', { status: 429, body: failure('Throttled') }],
    ['a firewall', { status: 403, body: failure('Forbidden', 'ForbiddenByFirewall') }],
  ])('may fail for %s: fifty puts after it, and at once, lose nothing', async (_, answer) => {
    const { store, kept } = await keeper(first(answer))
    expect(await errorOf(store.put('first', 'lost'))).toMatchObject({ outcomeUnknown: false })
    await putAll(store)
    expect(kept).toEqual(expected)
  })

  it('may be ended by its caller while others wait, and they lose nothing', async () => {
    const { stub, store, kept } = await keeper(first('hang'))
    const controller = new AbortController()
    const ended = errorOf(store.put('first', 'lost', { signal: controller.signal }))
    const rest = putAll(store)
    await vi.waitFor(() => expect(stub.requests).toHaveLength(1))
    controller.abort()
    expect((await ended).code).toBe('ABORTED')
    await rest
    expect(kept).toEqual(expected)
  })

  it('without a token fails for all who wait for one, who ask no more', async () => {
    const getToken = vi.fn(async (): Promise<null> => null)
    const { store, kept } = await keeper(undefined, { credential: { getToken } })
    const errors = await Promise.all(fifty.map((name) => errorOf(store.put(name, 'x'))))
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['UNAUTHENTICATED']))
    expect(getToken).toHaveBeenCalledTimes(1)
    getToken.mockResolvedValue({ token: 't', expiresOnTimestamp: Number.MAX_SAFE_INTEGER } as unknown as null)
    await putAll(store)
    expect(kept).toEqual(expected)
  })

  it('that is answered without a challenge is not from a vault: no value is sent there, and none believed', async () => {
    const { stub, store } = await keeper(first({ status: 200, body: bundle('x') }))
    const error = await errorOf(store.put('a', 'a value'))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: true })
    expect(error.message).toContain('without asking for a token')
    expect(stub.requests.map(({ method, body }) => [method, body])).toEqual([['GET', '']])
  })

  it('is followed by a challenge for more claims in the midst of fifty puts, which lose nothing', async () => {
    const claims: StubAnswer = {
      status: 401,
      headers: {
        'www-authenticate':
          'Bearer realm="", authorization_uri="https://l/t", error="insufficient_claims", claims="e30="',
      },
      body: failure('Unauthorized'),
    }
    let count = 0
    const getToken = vi.fn(async () => {
      count += 1
      return { token: `t${count}`, expiresOnTimestamp: Date.now() + 3_600_000 }
    })
    const isRefused: Told = ({ method, headers }) =>
      method === 'PUT' && headers.authorization === 'Bearer t1' ? claims : undefined
    const { store, kept, challenges } = await keeper(isRefused, { credential: { getToken } })
    await putAll(store)
    expect(kept).toEqual(expected)
    expect(challenges()).toBe(1)
    expect(getToken.mock.lastCall).toMatchObject([{}, { claims: '{}' }])
  })
})
