import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import nodeVault from 'node-vault'
import { createStore } from 'strongroom'
import { canary, canaryValue, leaksIn } from 'strongroom/testing'
import { type VaultClient, vault } from 'strongroom/vault'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  type Answerer,
  authority,
  errorOf,
  isData,
  ok,
  open,
  openStub,
  refused,
  type Stub,
  secret,
  secretToken,
  stored,
} from './stub.js'

/*
 * What node-vault 0.12 does wrong, one test each, named after the hole. Those that can be shown on the bare client are,
 * so that a version of it that has mended one turns the test red.
 */

const stubs: Stub[] = []
let folder: string
let caFile: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-vault-'))
  caFile = join(folder, 'ca.pem')
  writeFileSync(caFile, authority)
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const stub of stubs.splice(0)) await stub.close()
})

async function stubOf(answer: Answerer, tls = false): Promise<Stub> {
  const stub = await openStub(answer, { tls })
  stubs.push(stub)
  return stub
}

/** A name that is free, and takes what is put there. */
const taking: Answerer = (request) => (isData(request) && request.method === 'POST' ? stored(1) : undefined)

function bare(url: string): nodeVault.client {
  return nodeVault({ endpoint: url, token: secretToken })
}

describe('token and value in every network error', () => {
  it('the client shows both', async () => {
    const stub = await stubOf(() => 'drop')
    const value = canaryValue()
    const [settled] = await Promise.allSettled([bare(stub.url).write('secret/data/a', { data: { value } })])
    const error = settled.status === 'rejected' ? settled.reason : undefined
    for (const shown of [inspect(error), JSON.stringify(error)]) {
      expect(shown).toContain(value)
      expect(shown).toContain(secretToken)
    }
  })

  it.each(['drop', 'cut'] as const)('the provider shows neither: %s', async (kind) => {
    const stub = await stubOf((request) => (isData(request) ? kind : undefined))
    const value = canaryValue()
    for (const call of [() => open(stub).put('a', value), () => open(stub).get('a')]) {
      const error = await errorOf(call())
      expect(error.code).toBe('UNAVAILABLE')
      expect(leaksIn(error, [value, secretToken])).toEqual([])
    }
  })

  it('the provider shows neither when nobody listens', async () => {
    const value = canaryValue()
    const provider = vault({ address: 'http://127.0.0.1:1', token: secretToken })
    const error = await errorOf(createStore({ provider, layers: [] }).put('a', value))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', providerCode: 'ECONNREFUSED', outcomeUnknown: false })
    expect(leaksIn(error, [value, secretToken])).toEqual([])
  })

  it('nor does a ready-made client through the provider', async () => {
    const stub = await stubOf((request) => (isData(request) ? 'drop' : undefined))
    const value = canaryValue()
    const provider = vault({ client: bare(stub.url) })
    const error = await errorOf(createStore({ provider, layers: [] }).put('a', value))
    expect(error.code).toBe('UNAVAILABLE')
    expect(leaksIn(error, [value, secretToken])).toEqual([])
  })
})

describe('the whole body of an error stays on it', () => {
  it('a proxy that echoes the put shows nothing', async () => {
    const stub = await stubOf((request) =>
      isData(request) ? { status: 502, body: `<html>${request.body}</html>` } : undefined,
    )
    const value = canaryValue()
    const error = await errorOf(open(stub).put('a', value))
    expect(error.code).toBe('UNAVAILABLE')
    expect(leaksIn(error, [value])).toEqual([])
  })

  it('the words of the server are kept without the value', async () => {
    const stub = await stubOf((request) =>
      isData(request) ? refused(400, `bad: ${request.body}`) : undefined,
    )
    const value = canaryValue()
    const error = await errorOf(open(stub).put('a', value))
    expect(error.code).toBe('INVALID_VALUE')
    expect(error.message).toContain('bad')
    expect(leaksIn(error, [value])).toEqual([])
  })
})

describe.each([302, 307, 308])('a redirect (%i) takes the token to another host', (status) => {
  const away = (elsewhere: Stub): Answerer => {
    return (request) => {
      if (!isData(request)) return undefined
      return { status, headers: { location: `${elsewhere.url}${request.target}` } }
    }
  }

  it.each(['put', 'get'] as const)('no request arrives there, and the %s fails', async (operation) => {
    const elsewhere = await stubOf(() => stored(1))
    const stub = await stubOf(away(elsewhere))
    const value = canaryValue()
    const store = open(stub)
    const error = await errorOf(operation === 'put' ? store.put('a', value) : store.get('a'))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: false })
    expect(elsewhere.requests).toEqual([])
    expect(elsewhere.sockets()).toBe(0)
    expect(leaksIn(error, [value, secretToken])).toEqual([])
  })

  it('over TLS neither, unless the host is on the list', async () => {
    const elsewhere = await stubOf(() => stored(7), true)
    const stub = await stubOf(away(elsewhere), true)
    await errorOf(open(stub, { caFile }).put('a', 'x'))
    expect(elsewhere.sockets()).toBe(0)

    const listed = open(stub, { caFile, redirectHosts: [elsewhere.host] })
    if (status === 302) {
      await errorOf(listed.put('a', 'x'))
      expect(elsewhere.sockets()).toBe(0)
      return
    }
    expect(await listed.put('a', 'x')).toEqual({ version: '7' })
    expect(elsewhere.requests.map(({ method, headers }) => [method, headers['x-vault-token']])).toEqual([
      ['POST', secretToken],
    ])
  })
})

describe('redirects, followed without end', () => {
  it('one is followed, the second is not', async () => {
    const second = await stubOf((request) => ({ status: 307, headers: { location: request.target } }), true)
    const first = await stubOf(
      (request) =>
        isData(request) ? { status: 307, headers: { location: second.url + request.target } } : undefined,
      true,
    )
    const error = await errorOf(open(first, { caFile, redirectHosts: [second.host] }).get('a'))
    expect(error.code).toBe('UNAVAILABLE')
    expect(second.requests).toHaveLength(1)
  })

  it('one to another path of a listed host is not', async () => {
    const second = await stubOf(() => secret({ value: 'x' }), true)
    const first = await stubOf(
      (request) =>
        isData(request) ? { status: 307, headers: { location: `${second.url}/v1/sys/raw` } } : undefined,
      true,
    )
    await errorOf(open(first, { caFile, redirectHosts: [second.host] }).get('a'))
    expect(second.sockets()).toBe(0)
  })
})

describe('a redirected write becomes a read that succeeds', () => {
  it('the client calls it a success', async () => {
    const stub = await stubOf(({ method, target }) =>
      method === 'GET' ? secret({ value: 'old' }) : { status: 302, headers: { location: target } },
    )
    expect(await bare(stub.url).write('secret/data/a', { data: { value: 'new' } })).toHaveProperty('data')
  })

  it.each(['own', 'ours'])('the put fails with a code: %s client', async (whose) => {
    const stub = await stubOf((request) => {
      if (!isData(request)) return undefined
      const { method, target } = request
      return method === 'GET' ? secret({ value: 'old' }) : { status: 302, headers: { location: target } }
    })
    const store =
      whose === 'ours' ? open(stub) : createStore({ provider: vault({ client: bare(stub.url) }), layers: [] })
    expect((await errorOf(store.put('a', 'new'))).code).toBe('UNAVAILABLE')
  })

  it('a write without an answer fails too when it gets one', async () => {
    const metadata = { current_version: 1, updated_time: '2026-01-01T00:00:00Z', custom_metadata: null }
    const version = { created_time: '2026-01-01T00:00:00Z', deletion_time: '', destroyed: false }
    const stub = await stubOf(({ target, method }) => {
      if (target.includes('/metadata/')) return ok({ ...metadata, versions: { 1: version } })
      return method === 'DELETE' ? secret({ value: 'old' }) : undefined
    })
    expect((await errorOf(open(stub).delete('a'))).code).toBe('UNAVAILABLE')
  })
})

describe('a 200 with broken JSON resolves with a text', () => {
  it.each(['{"data":{"data":{"value":"x"', '<html>hello</html>', '', '[]', '"text"', '{"data":null}'])(
    '%s is UNAVAILABLE, for a read and for a write',
    async (body) => {
      const stub = await stubOf((request) => (isData(request) ? { status: 200, body } : undefined))
      expect((await errorOf(open(stub).get('a'))).code).toBe('UNAVAILABLE')
      expect(await errorOf(open(stub).put('a', 'x'))).toMatchObject({
        code: 'UNAVAILABLE',
        outcomeUnknown: true,
      })
    },
  )

  it('for a ready-made client too', async () => {
    const stub = await stubOf((request) => (isData(request) ? { status: 200, body: '{"data":' } : undefined))
    const store = createStore({ provider: vault({ client: bare(stub.url) }), layers: [] })
    expect((await errorOf(store.get('a'))).code).toBe('UNAVAILABLE')
  })
})

describe('dots, ? and # in a path change the request', () => {
  it('the client leaves the folder', async () => {
    const stub = await stubOf(() => ok({}))
    await bare(stub.url).read('secret/data/../metadata/a')
    expect(stub.requests[0]?.target).toBe('/v1/secret/metadata/a')
  })

  it.each([
    ['a?version=1', '/v1/secret/data/a%3Fversion%3D1'],
    ['a#b', '/v1/secret/data/a%23b'],
    ['a%2f..%2fb', '/v1/secret/data/a%252f..%252fb'],
    ['a&b=c\'d"<e>', "/v1/secret/data/a%26b%3Dc'd%22%3Ce%3E"],
    ['a&#x2F;b', '/v1/secret/data/a%26%23x2F%3Bb'],
    ['ä b/…/c', '/v1/secret/data/%C3%A4%20b/%E2%80%A6/c'],
  ])('%s goes out as %s', async (name, target) => {
    const stub = await stubOf((request) => (isData(request) ? secret({ value: 'x' }) : undefined))
    expect((await open(stub).get(name)).name).toBe(name)
    expect(stub.requests.at(-1)?.target).toBe(target)
  })

  it.each(['../metadata/a', 'a/../../b', './a', 'a//b', '/a', 'a/', 'a/.'])(
    'an id %s is INVALID_NAME before the wire',
    async (id) => {
      const stub = await stubOf((request) => (isData(request) ? secret({ value: 'x' }) : undefined))
      const store = open(stub)
      await store.get('warm-up')
      const before = stub.requests.length
      expect((await errorOf(store.get({ id }))).code).toBe('INVALID_NAME')
      expect(stub.requests).toHaveLength(before)
    },
  )
})

describe('mounts and roles are corrupted', () => {
  it('a mount and a role of odd characters reach the server as they are', async () => {
    const stub = await stubOf(({ target }) => {
      if (target.startsWith('/v1/auth/')) return { status: 200, body: { auth: { client_token: 't' } } }
      return target.startsWith('/v1/my') ? secret({ value: 'x' }) : undefined
    })
    const auth = { method: 'jwt', role: 'my&role', jwt: 'j', mount: 'jwt<a>' } as const
    await open(stub, { auth, mount: "my&'kv=/x" }).get('a')
    const [login] = stub.requests
    expect(login?.target).toBe('/v1/auth/jwt%3Ca%3E/login')
    expect(login?.body).toBe('{"role":"my&role","jwt":"j"}')
    expect(stub.requests.at(-1)?.target).toBe("/v1/my%26'kv%3D/x/data/a")
  })
})

describe('DEBUG=node-vault prints values', () => {
  const debug = createRequire(createRequire(import.meta.url).resolve('node-vault'))('debug') as {
    enable(names: string): void
    disable(): void
  }
  const printed = async (run: () => Promise<unknown>): Promise<string> => {
    const lines: string[] = []
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
      lines.push(String(line))
      return true
    })
    debug.enable('node-vault')
    await run().finally(() => {
      debug.disable()
      spy.mockRestore()
    })
    return lines.join('')
  }

  it('the client prints the value of a put', async () => {
    const stub = await stubOf(taking)
    const value = canaryValue()
    expect(await printed(() => bare(stub.url).write('secret/data/a', { data: { value } }))).toContain(value)
  })

  it('the provider makes it print nothing', async () => {
    const stub = await stubOf(taking)
    expect(await printed(() => open(stub).put('a', canaryValue()))).toBe('')
  })
})

describe('VAULT_SKIP_VERIFY of any text turns certificates off', () => {
  it.each(['false', '0', 'f', 'FALSE', ''])('%j keeps the check on', async (text) => {
    vi.stubEnv('VAULT_SKIP_VERIFY', text)
    const stub = await stubOf(() => secret({ value: 'x' }), true)
    expect((await errorOf(open(stub).get('a'))).code).toBe('CONFIG_INVALID')
    expect(stub.requests).toEqual([])
  })

  it.each(['true', '1', 't', 'TRUE'])('%j turns it off', async (text) => {
    vi.stubEnv('VAULT_SKIP_VERIFY', text)
    const stub = await stubOf((request) => (isData(request) ? secret({ value: 'x' }) : undefined), true)
    expect((await open(stub).get('a')).value).toBe('x')
  })

  it('another text is CONFIG_INVALID', () => {
    vi.stubEnv('VAULT_SKIP_VERIFY', 'maybe')
    expect(() => vault({ address: 'https://vault.example.com', token: 't' })).toThrow(/VAULT_SKIP_VERIFY/)
  })

  it('an option wins over it', async () => {
    vi.stubEnv('VAULT_SKIP_VERIFY', 'true')
    const stub = await stubOf(() => secret({ value: 'x' }), true)
    expect((await errorOf(open(stub, { skipVerify: false }).get('a'))).code).toBe('CONFIG_INVALID')
  })
})

describe('VAULT_ variables are read in silence', () => {
  it('a token, a namespace and a prefix of the environment are not sent where options say otherwise', async () => {
    vi.stubEnv('VAULT_TOKEN', `${canary}-ambient`)
    vi.stubEnv('VAULT_PREFIX', '/elsewhere')
    vi.stubEnv('VAULT_ADDR', 'http://127.0.0.1:1')
    const stub = await stubOf((request) => (isData(request) ? secret({ value: 'x' }) : undefined))
    await open(stub).get('a')
    const { target, headers } = stub.requests.at(-1) ?? {}
    expect(target).toBe('/v1/secret/data/a')
    expect(headers?.['x-vault-token']).toBe(secretToken)
    expect(headers?.['x-vault-namespace']).toBeUndefined()
    expect(JSON.stringify(stub.requests)).not.toContain('ambient')
  })

  it('an ambient token never leaves for plain http that VAULT_ADDR does not name', async () => {
    vi.stubEnv('VAULT_TOKEN', `${canary}-ambient`)
    const stub = await stubOf((request) => (isData(request) ? secret({ value: 'x' }) : undefined))
    await createStore({ provider: vault({ address: stub.url }), layers: [] }).get('a')
    expect(JSON.stringify(stub.requests)).not.toContain('ambient')

    vi.stubEnv('VAULT_ADDR', stub.url)
    await createStore({ provider: vault(), layers: [] }).get('a')
    expect(stub.requests.at(-1)?.headers['x-vault-token']).toBe(`${canary}-ambient`)
  })
})

describe('headers of an answer are dropped', () => {
  it('Retry-After reaches the error', async () => {
    const stub = await stubOf((request) =>
      isData(request)
        ? { ...refused(429, 'rate limit quota exceeded'), headers: { 'retry-after': '7' } }
        : undefined,
    )
    expect(await errorOf(open(stub).get('a'))).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 7_000 })
  })
})

describe('update() drops the headers of the caller', () => {
  it('a merge of tags carries token, namespace and the request header', async () => {
    const metadata = { current_version: 1, updated_time: '2026-01-01T00:00:00Z', custom_metadata: null }
    const version = { created_time: '2026-01-01T00:00:00Z', deletion_time: '', destroyed: false }
    const stub = await stubOf(({ target, method }) => {
      if (!target.includes('/metadata/')) return undefined
      return method === 'PATCH' ? { status: 204 } : ok({ ...metadata, versions: { 1: version } })
    })
    await open(stub, { namespace: 'team' }).tag('a', { set: { owner: 'ann' } })
    expect(stub.requests.at(-1)).toMatchObject({
      method: 'PATCH',
      headers: {
        'content-type': 'application/merge-patch+json',
        'x-vault-token': secretToken,
        'x-vault-namespace': 'team',
        'x-vault-request': 'true',
      },
    })
  })
})

describe('soft-deleted and absent have one message', () => {
  const withheld = (destroyed: boolean, deletion_time: string): Answerer => {
    const metadata = { version: 3, created_time: '2026-01-01T00:00:00Z', deletion_time, destroyed }
    return (request) =>
      isData(request) ? { status: 404, body: { data: { data: null, metadata } } } : undefined
  }

  it.each([
    ['absent', () => undefined, 'NOT_FOUND', /no such secret/],
    ['soft-deleted', withheld(false, '2026-01-02T00:00:00Z'), 'PENDING_DELETION', /restore/],
    ['destroyed', withheld(true, ''), 'NOT_FOUND', /destroyed/],
  ] satisfies [string, Answerer, string, RegExp][])('%s', async (_, answer, code, message) => {
    const error = await errorOf(open(await stubOf(answer)).get('a'))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })
})

describe('whatever has sys/health in its path resolves', () => {
  it('the client calls a 404 a success', async () => {
    const stub = await stubOf(() => refused(404))
    expect(await bare(stub.url).read('secret/data/sys/health')).toEqual({ errors: [] })
  })

  it('a secret of that name that is not there is NOT_FOUND', async () => {
    expect((await errorOf(open(await stubOf(() => undefined)).get('sys/health'))).code).toBe('NOT_FOUND')
  })
})

describe('a headers object that keeps the first token', () => {
  it('after a new login the new token is sent', async () => {
    let logins = 0
    const stub = await stubOf((request) => {
      if (request.target.endsWith('/login')) {
        logins += 1
        return { status: 200, body: { auth: { client_token: `token-${logins}`, lease_duration: 0 } } }
      }
      if (request.headers['x-vault-token'] === 'token-1' && !request.target.includes('/internal/')) {
        return refused(403, 'permission denied')
      }
      return isData(request) ? secret({ value: 'x' }) : undefined
    })
    const store = open(stub, { auth: { method: 'approle', roleId: 'r', secretId: 's' } })
    expect((await store.get('a')).value).toBe('x')
    expect(stub.requests.at(-1)?.headers['x-vault-token']).toBe('token-2')
  })
})

describe('kubernetesLogin posts to a path with a hole', () => {
  it('the login goes to the mount', async () => {
    const tokenFile = join(folder, 'service-account')
    writeFileSync(tokenFile, 'jwt-1\n')
    const stub = await stubOf((request) => {
      if (request.target.endsWith('/login')) return { status: 200, body: { auth: { client_token: 't' } } }
      return isData(request) ? secret({ value: 'x' }) : undefined
    })
    await open(stub, { auth: { method: 'kubernetes', role: 'web', tokenFile } }).get('a')
    expect(stub.requests[0]?.target).toBe('/v1/auth/kubernetes/login')
    expect(stub.requests[0]?.body).toBe('{"role":"web","jwt":"jwt-1"}')
    expect(readFileSync(tokenFile, 'utf8')).toBe('jwt-1\n')
  })
})

describe('a call cannot be aborted', () => {
  it('an aborted get ends at once, and so does its request', async () => {
    let ended: () => void = () => {}
    const end = new Promise<void>((resolve) => {
      ended = resolve
    })
    const controller = new AbortController()
    const stub = await stubOf((request) => {
      if (!isData(request)) return undefined
      controller.abort()
      ended()
      return 'hang'
    })
    expect((await errorOf(open(stub).get('a', { signal: controller.signal }))).code).toBe('ABORTED')
    await end
  })

  it('a ready-made client is abandoned', async () => {
    const controller = new AbortController()
    const stub = await stubOf((request) => {
      if (!isData(request)) return undefined
      controller.abort()
      return 'hang'
    })
    const client: VaultClient = bare(stub.url)
    const store = createStore({ provider: vault({ client }), layers: [] })
    expect((await errorOf(store.get('a', { signal: controller.signal }))).code).toBe('ABORTED')
  })
})

describe('an answer of any size is read', () => {
  it('one over the limit is UNAVAILABLE', async () => {
    const stub = await stubOf((request) =>
      isData(request) ? secret({ value: 'x'.repeat(5_000) }) : undefined,
    )
    expect((await open(stub).get('a')).value).toHaveLength(5_000)
    expect((await errorOf(open(stub, { maxAnswerBytes: 4_000 }).get('a'))).code).toBe('UNAVAILABLE')
  })
})

describe('a proxy of the environment gets every request', () => {
  it('requests go to the server itself', async () => {
    const proxy = await stubOf(() => ok({}))
    for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, proxy.url)
    const stub = await stubOf((request) => (isData(request) ? secret({ value: 'x' }) : undefined))
    await open(stub).get('a')
    expect(proxy.sockets()).toBe(0)
  })
})

describe('a connection for every request', () => {
  it('one is kept', async () => {
    const stub = await stubOf((request) => (isData(request) ? secret({ value: 'x' }) : undefined))
    const store = open(stub)
    for (const name of ['a', 'b', 'c']) await store.get(name)
    expect(stub.sockets()).toBe(1)
    await store.close()
  })
})
