import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore, type SecretStore } from 'strongroom'
import { leaksIn } from 'strongroom/testing'
import { type VaultAuth, type VaultOptions, vault } from 'strongroom/vault'
import { afterEach, describe, expect, it } from 'vitest'
import { errorOf, grant, isData, ok, openStub, refused, type Stub, type StubAnswer, secret } from './stub.js'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const appRole: VaultAuth = { method: 'approle', roleId: 'role', secretId: 's' }
const start = Date.UTC(2026, 0, 1)

/** A server that grants tokens, lets them end by the clock of the bench, and refuses those that have. */
interface Bench {
  readonly stub: Stub
  readonly store: SecretStore
  now: number
  leaseS: number
  renewS: number
  renewable: boolean
  /** Answers the next renewals and logins instead. */
  instead: StubAnswer | undefined
  readonly count: (ending: string) => number
  readonly revoke: () => void
}

async function openBench(options: VaultOptions = { auth: appRole }): Promise<Bench> {
  const ends = new Map<string, number>()
  let issued = 0
  const issue = (): StubAnswer => {
    issued += 1
    ends.set(`token-${issued}`, bench.now + bench.leaseS * 1000)
    return grant(`token-${issued}`, bench.leaseS, bench.renewable)
  }
  const stub = await openStub((request) => {
    const token = String(request.headers['x-vault-token'])
    if (request.target.endsWith('/login')) return bench.instead ?? issue()
    if ((ends.get(token) ?? 0) <= bench.now) return refused(403, 'permission denied')
    if (request.target.endsWith('renew-self')) {
      if (bench.instead !== undefined) return bench.instead
      ends.set(token, bench.now + bench.renewS * 1000)
      return grant(token, bench.renewS, bench.renewable)
    }
    if (request.target.endsWith('lookup-self')) {
      return ok({ ttl: ((ends.get(token) ?? 0) - bench.now) / 1000, renewable: bench.renewable })
    }
    return isData(request) ? secret({ value: 'x' }) : undefined
  })
  const provider = vault({ address: stub.url, ...options })
  const bench: Bench = {
    stub,
    store: createStore({ provider, layers: [], now: () => bench.now }),
    now: start,
    leaseS: 60,
    renewS: 60,
    renewable: true,
    instead: undefined,
    count: (ending) => stub.requests.filter(({ target }) => target.endsWith(ending)).length,
    revoke: () => ends.clear(),
  }
  if (options.token !== undefined) ends.set(options.token, start + 60_000)
  closers.push(() => bench.store.close(), stub.close)
  return bench
}

/** Reads, and waits until what goes on beside the read has come to an end. */
async function read(bench: Bench): Promise<void> {
  expect((await bench.store.get('a')).value).toBe('x')
  let seen = -1
  while (seen !== bench.stub.requests.length) {
    seen = bench.stub.requests.length
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
}

describe('tokens of a login', () => {
  it('one login serves many readers', async () => {
    const bench = await openBench()
    await Promise.all(Array.from({ length: 50 }, () => bench.store.get('a')))
    expect(bench.count('/login')).toBe(1)
    expect(bench.count('renew-self')).toBe(0)
  })

  it('is renewed after two thirds of the lease, give or take a tenth, and not before', async () => {
    const bench = await openBench()
    await read(bench)
    bench.now = start + 35_000
    await read(bench)
    expect(bench.count('renew-self')).toBe(0)
    bench.now = start + 45_000
    await read(bench)
    expect([bench.count('renew-self'), bench.count('/login')]).toEqual([1, 1])
    bench.now = start + 75_000
    await read(bench)
    expect(bench.count('renew-self')).toBe(1)
    bench.now = start + 91_000
    await read(bench)
    expect([bench.count('renew-self'), bench.count('/login')]).toEqual([2, 1])
  })

  it('is logged in for again where renewal grants much less than at first: its life ends', async () => {
    const bench = await openBench()
    await read(bench)
    bench.renewS = 20
    bench.now = start + 45_000
    await read(bench)
    expect([bench.count('renew-self'), bench.count('/login')]).toEqual([1, 1])
    bench.now = start + 60_000
    await read(bench)
    expect([bench.count('renew-self'), bench.count('/login')]).toEqual([1, 2])
  })

  it('one that is not renewable is logged in for again', async () => {
    const bench = await openBench()
    bench.renewable = false
    await read(bench)
    bench.now = start + 45_000
    await read(bench)
    expect([bench.count('renew-self'), bench.count('/login')]).toEqual([0, 2])
  })

  it('one without an end is left alone', async () => {
    const stub = await openStub((request) => {
      if (request.target.endsWith('/login')) return grant('for-ever', 0)
      return isData(request) ? secret({ value: 'x' }) : undefined
    })
    closers.push(stub.close)
    let now = start
    const provider = vault({ address: stub.url, auth: appRole })
    const store = createStore({ provider, layers: [], now: () => now })
    await store.get('a')
    now += 1_000 * 86_400_000
    await store.get('a')
    expect(stub.requests.filter(({ target }) => /login|renew/.test(target))).toHaveLength(1)
  })

  it('fifty readers see no failure while their token is renewed, ends, and is replaced', async () => {
    const bench = await openBench()
    const reading = Array.from({ length: 50 }, async () => {
      for (let turn = 0; turn < 12; turn += 1) {
        expect((await bench.store.get('a')).value).toBe('x')
        bench.now += 400
      }
    })
    await Promise.all(reading)
    expect(bench.now - start).toBe(240_000)
    expect(bench.count('renew-self') + bench.count('/login')).toBeGreaterThanOrEqual(4)
    expect(bench.count('/login')).toBeLessThan(10)
  })

  it('a renewal that fails is tried again later, and the readers do not feel it', async () => {
    const bench = await openBench()
    await read(bench)
    bench.instead = refused(503, 'Vault is sealed')
    bench.now = start + 45_000
    await read(bench)
    await read(bench)
    expect(bench.count('renew-self')).toBe(1)
    bench.instead = undefined
    bench.now = start + 50_000
    await read(bench)
    expect([bench.count('renew-self'), bench.count('/login')]).toEqual([2, 1])
  })

  it('a revoked one is replaced within the call', async () => {
    const bench = await openBench()
    await read(bench)
    bench.revoke()
    await Promise.all(Array.from({ length: 20 }, () => bench.store.get('a')))
    expect(bench.count('/login')).toBe(2)
  })

  it('a revoked one for which there is no other is UNAUTHENTICATED within one call', async () => {
    const bench = await openBench()
    await read(bench)
    bench.revoke()
    bench.instead = refused(400, 'invalid role or secret ID')
    const error = await errorOf(bench.store.put('a', 'x'))
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', outcomeUnknown: false, retryable: false })
    expect(leaksIn(error, ['token-1', 'invalid role or secret ID'])).toEqual([])
  })

  it('a login that the server cannot answer now is UNAVAILABLE, and the next call tries again', async () => {
    const bench = await openBench()
    bench.instead = refused(503, 'Vault is sealed')
    expect((await errorOf(bench.store.get('a'))).code).toBe('UNAVAILABLE')
    bench.instead = undefined
    await read(bench)
  })

  it('the abort of one reader does not end the login of another', async () => {
    const bench = await openBench()
    const controller = new AbortController()
    const aborted = bench.store.get('a', { signal: controller.signal })
    const other = bench.store.get('a')
    controller.abort()
    expect((await errorOf(aborted)).code).toBe('ABORTED')
    expect((await other).value).toBe('x')
    expect(bench.count('/login')).toBe(1)
  })

  it('close ends a login under way', async () => {
    const bench = await openBench()
    bench.instead = 'hang'
    const reading = errorOf(bench.store.get('a'))
    while (bench.count('/login') === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await bench.store.close()
    expect((await reading).code).toBe('CLOSED')
  })
})

describe('one token', () => {
  it('is renewed like any other', async () => {
    const bench = await openBench({ token: 'given' })
    await read(bench)
    bench.now = start + 45_000
    await read(bench)
    expect([bench.count('lookup-self'), bench.count('renew-self')]).toEqual([1, 1])
  })

  it('one that cannot be renewed is used until it ends, and is then UNAUTHENTICATED', async () => {
    const bench = await openBench({ token: 'given' })
    bench.renewable = false
    await read(bench)
    bench.now = start + 59_000
    await read(bench)
    bench.now = start + 61_000
    expect((await errorOf(bench.store.get('a'))).code).toBe('UNAUTHENTICATED')
    expect(bench.count('renew-self')).toBe(0)
  })

  it('revoked it is UNAUTHENTICATED within one call', async () => {
    const bench = await openBench({ token: 'given' })
    await read(bench)
    bench.revoke()
    expect(await errorOf(bench.store.put('a', 'x'))).toMatchObject({
      code: 'UNAUTHENTICATED',
      outcomeUnknown: false,
    })
  })

  it('a wrong one is UNAUTHENTICATED at the first call, before any secret is asked for', async () => {
    const bench = await openBench({ token: 'given' })
    bench.revoke()
    expect((await errorOf(bench.store.get('a'))).code).toBe('UNAUTHENTICATED')
    expect(bench.stub.requests).toHaveLength(1)
  })

  it('one that may not look at itself is used as it is', async () => {
    const stub = await openStub((request) => {
      if (request.target.endsWith('lookup-self'))
        return refused(403, '1 error occurred:\n\t* permission denied\n\n')
      return isData(request) ? secret({ value: 'x' }) : undefined
    })
    closers.push(stub.close)
    const provider = vault({ address: stub.url, token: 'given' })
    expect((await createStore({ provider, layers: [] }).get('a')).value).toBe('x')
  })

  it('what a policy denies is PERMISSION_DENIED, without a second look', async () => {
    const stub = await openStub((request) =>
      isData(request) ? refused(403, '1 error occurred:\n\t* permission denied\n\n') : undefined,
    )
    closers.push(stub.close)
    const store = createStore({ provider: vault({ address: stub.url, token: 'given' }), layers: [] })
    await errorOf(store.get('a'))
    const before = stub.requests.length
    expect((await errorOf(store.get('a'))).code).toBe('PERMISSION_DENIED')
    expect(stub.requests.length - before).toBe(1)
  })

  it('a refusal in the words for a wrong token, of one that works, is PERMISSION_DENIED', async () => {
    const stub = await openStub((request) =>
      isData(request) ? refused(403, 'permission denied') : undefined,
    )
    closers.push(stub.close)
    const store = createStore({ provider: vault({ address: stub.url, token: 'given' }), layers: [] })
    expect((await errorOf(store.get('a'))).code).toBe('PERMISSION_DENIED')
  })
})

describe('what proves the identity', () => {
  it('a file is read anew at each login', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'strongroom-vault-'))
    closers.push(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'proof')
    writeFileSync(file, 'first\n')
    for (const auth of [
      { method: 'kubernetes', role: 'web', tokenFile: file },
      { method: 'jwt', role: 'web', jwtFile: file },
      { method: 'approle', roleId: 'r', secretIdFile: file },
    ] satisfies VaultAuth[]) {
      writeFileSync(file, 'first\n')
      const bench = await openBench({ auth })
      await read(bench)
      writeFileSync(file, 'second')
      bench.revoke()
      await read(bench)
      const logins = bench.stub.requests.filter(({ target }) => target.endsWith('/login'))
      expect(
        logins.map(({ body }) => (body.includes('first') ? 1 : body.includes('second') ? 2 : 0)),
      ).toEqual([1, 2])
    }
  })

  it('a function is asked at each login', async () => {
    let asked = 0
    const jwt = async (): Promise<string> => {
      asked += 1
      return `jwt-${asked}`
    }
    const bench = await openBench({ auth: { method: 'jwt', jwt } })
    await read(bench)
    expect(bench.stub.requests[0]?.body).toBe('{"jwt":"jwt-1"}')
    bench.revoke()
    await read(bench)
    expect(asked).toBe(2)
  })

  it('a file that is not there is UNAUTHENTICATED, and named', async () => {
    const bench = await openBench({
      auth: { method: 'kubernetes', role: 'web', tokenFile: '/nowhere/token' },
    })
    const error = await errorOf(bench.store.get('a'))
    expect(error.code).toBe('UNAUTHENTICATED')
    expect(error.message).toMatch(/nowhere\/token.*ENOENT/)
    expect(bench.stub.requests).toEqual([])
  })

  const wrapped: VaultAuth = { method: 'approle', roleId: 'r', wrappedSecretId: 'wrap' }
  const wrapAt = (creation_path: string) => (target: string) =>
    target.endsWith('wrapping/lookup') ? ok({ creation_path }) : undefined

  async function openWrap(lookup: (target: string) => StubAnswer | undefined): Promise<Stub> {
    let unwraps = 0
    const stub = await openStub((request) => {
      if (request.target.endsWith('/unwrap')) {
        unwraps += 1
        return unwraps === 1
          ? ok({ secret_id: 'inner' })
          : refused(400, 'wrapping token is not valid or does not exist')
      }
      if (request.target.endsWith('/login')) return grant('t', 60)
      return lookup(request.target) ?? (isData(request) ? secret({ value: 'x' }) : undefined)
    })
    closers.push(stub.close)
    return stub
  }

  it('a wrapped secret id is looked at, unwrapped once with its own token, and kept', async () => {
    const stub = await openWrap(wrapAt('auth/approle/role/web/secret-id'))
    let now = start
    const store = createStore({
      provider: vault({ address: stub.url, auth: wrapped }),
      layers: [],
      now: () => now,
    })
    await store.get('a')
    now += 3_600_000
    await store.get('a')
    const unwraps = stub.requests.filter(({ target }) => target.endsWith('/unwrap'))
    expect(unwraps.map(({ headers }) => headers['x-vault-token'])).toEqual(['wrap'])
    const logins = stub.requests.filter(({ target }) => target.endsWith('/login'))
    expect(logins.map(({ body }) => body)).toEqual(Array(2).fill('{"role_id":"r","secret_id":"inner"}'))
  })

  it('a wrap that somebody else has made is not unwrapped', async () => {
    const stub = await openWrap(wrapAt('sys/wrapping/wrap'))
    const store = createStore({ provider: vault({ address: stub.url, auth: wrapped }), layers: [] })
    expect((await errorOf(store.get('a'))).code).toBe('UNAUTHENTICATED')
    expect(stub.requests.map(({ target }) => target)).toEqual(['/v1/sys/wrapping/lookup'])
  })

  it('a wrap that is spent says that somebody may have spent it', async () => {
    const stub = await openWrap((target) =>
      target.endsWith('wrapping/lookup')
        ? refused(400, 'wrapping token is not valid or does not exist')
        : undefined,
    )
    const store = createStore({ provider: vault({ address: stub.url, auth: wrapped }), layers: [] })
    const error = await errorOf(store.get('a'))
    expect(error.code).toBe('UNAUTHENTICATED')
    expect(error.message).toMatch(/somebody else/)
  })
})
