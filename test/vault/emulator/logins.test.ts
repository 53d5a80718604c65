import { createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, start, startHarness } from './harness.js'

let h: Harness
afterEach(() => h.close())

const login = (path: string, body: object) => h.raw('POST', `auth/${path}/login`, body, { token: null })

/** A JWT that a key of this kind signs. */
function signed(claims: object, key: KeyObject, alg: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg })}.${part(claims)}`
  const hash = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`
  const padding = alg.startsWith('PS') ? { padding: 6 } : {}
  const signature = sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363', ...padding })
  return `${text}.${signature.toString('base64url')}`
}

describe('AppRole', () => {
  const role = 'auth/approle/role/app'
  let roleId: string
  beforeEach(async () => {
    h = await startHarness()
    await h.raw('POST', 'sys/auth/approle', { type: 'approle' })
    await h.raw('POST', role, { token_ttl: '10m', token_max_ttl: '25m', secret_id_ttl: '1h' })
    roleId = (await h.raw('GET', `${role}/role-id`)).body.data.role_id
  })
  const secretId = async (body: object = {}) =>
    (await h.raw('POST', `${role}/secret-id`, body)).body.data.secret_id as string

  test('a secret id works until its time is over, or its uses are', async () => {
    const [timed, twice] = [await secretId(), await secretId({ num_uses: 2 })]
    expect((await login('approle', { role_id: roleId, secret_id: twice })).status).toBe(200)
    expect((await login('approle', { role_id: roleId, secret_id: twice })).status).toBe(200)
    expect((await login('approle', { role_id: roleId, secret_id: twice })).body.errors).toEqual([
      'invalid role or secret ID',
    ])
    h.advance(3_599_999)
    expect((await login('approle', { role_id: roleId, secret_id: timed })).status).toBe(200)
    h.advance(1)
    expect((await login('approle', { role_id: roleId, secret_id: timed })).status).toBe(400)
    expect((await h.raw('LIST', `${role}/secret-id`)).status).toBe(404)
  })

  test('its token is renewed up to the longest life of the role', async () => {
    const { body } = await login('approle', { role_id: roleId, secret_id: await secretId() })
    const renew = async () =>
      (await h.raw('POST', 'auth/token/renew-self', {}, { token: body.auth.client_token })).body.auth
        .lease_duration
    h.advance(9 * 60_000)
    expect(await renew()).toBe(600)
    h.advance(9 * 60_000)
    expect(await renew()).toBe(420)
  })

  test('a token that is bound to another network is none here', async () => {
    await h.raw('POST', 'auth/approle/role/far', { bind_secret_id: false, token_bound_cidrs: '10.0.0.0/8' })
    const far = (await h.raw('GET', 'auth/approle/role/far/role-id')).body.data.role_id
    const lookUp = async () => {
      const { body } = await login('approle', { role_id: far })
      return (await h.raw('GET', 'auth/token/lookup-self', undefined, { token: body.auth.client_token }))
        .status
    }
    expect(await lookUp()).toBe(403)
    await h.raw('POST', 'auth/approle/role/far', { token_bound_cidrs: '10.0.0.0/8,127.0.0.1' })
    expect(await lookUp()).toBe(200)
  })

  test('secret ids are found and destroyed by their accessors', async () => {
    const { data } = (await h.raw('POST', `${role}/secret-id`)).body
    const body = { secret_id_accessor: data.secret_id_accessor }
    expect((await h.raw('POST', `${role}/secret-id-accessor/lookup`, body)).body.data.secret_id_ttl).toBe(
      3_600,
    )
    expect((await h.raw('POST', `${role}/secret-id-accessor/destroy`, body)).status).toBe(204)
    expect((await h.raw('POST', `${role}/secret-id-accessor/lookup`, body)).status).toBe(404)
    expect((await login('approle', { role_id: roleId, secret_id: data.secret_id })).status).toBe(400)
  })

  test('a role of this name in another mount is another role', async () => {
    await h.raw('POST', 'sys/auth/team/approle', { type: 'approle' })
    expect((await login('team/approle', { role_id: roleId, secret_id: await secretId() })).status).toBe(400)
    expect((await h.raw('GET', 'auth/team/approle/role/app')).status).toBe(404)
  })
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const ed = generateKeyPairSync('ed25519')
const second = start / 1_000
const claims = { sub: 'app', aud: 'vault', iat: second, exp: second + 600 }

describe('JWT', () => {
  const url = 'https://issuer.test/keys'
  beforeEach(async () => {
    const keys = [rsa, ec, p384, ed].map(({ publicKey }) => publicKey.export({ format: 'jwk' }) as JsonWebKey)
    h = await startHarness({ keySets: { [url]: { keys } } })
    await h.raw('POST', 'sys/auth/jwt', { type: 'jwt' })
    await h.raw('POST', 'auth/jwt/config', { jwks_url: url })
    await h.raw('POST', 'auth/jwt/role/app', {
      role_type: 'jwt',
      user_claim: 'sub',
      bound_audiences: 'vault',
    })
  })
  const status = async (jwt: string) => (await login('jwt', { role: 'app', jwt })).status

  test.each([
    ['RS256', rsa.privateKey],
    ['RS512', rsa.privateKey],
    ['PS256', rsa.privateKey],
    ['ES256', ec.privateKey],
    ['ES384', p384.privateKey],
    ['EdDSA', ed.privateKey],
  ])('%s is checked against the keys', async (alg, key) => {
    const jwt = signed(claims, key, alg)
    expect(await status(jwt)).toBe(200)
    const [head, , signature] = jwt.split('.')
    const other = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url')
    expect(await status(`${head}.${other}.${signature}`)).toBe(400)
  })

  test('a public key is no secret to sign with', async () => {
    const { createHmac } = await import('node:crypto')
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const text = `${part({ alg: 'HS256' })}.${part(claims)}`
    const pem = createPublicKey(rsa.privateKey).export({ type: 'spki', format: 'pem' })
    expect(await status(`${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`)).toBe(400)
  })

  test('it ends on the clock, with a minute for clocks that differ', async () => {
    const jwt = signed(claims, rsa.privateKey, 'RS256')
    h.advance(659_000)
    expect(await status(jwt)).toBe(200)
    h.advance(1_000)
    expect(await status(jwt)).toBe(400)
  })

  test('keys that the emulator was not started with are not fetched', async () => {
    const [code, text] = await h.refusal('POST', 'auth/jwt/config', { jwks_url: 'https://elsewhere.test' })
    expect([code, text]).toEqual([400, expect.stringContaining('give them as keySets')])
  })

  test('patterns of claims, where the role says so', async () => {
    const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: 'vault', bound_claims_type: 'glob' }
    await h.raw('POST', 'auth/jwt/role/app', { ...role, bound_claims: { ref: ['refs/heads/*', 'x.y'] } })
    const of = (ref: string) => status(signed({ ...claims, ref }, ec.privateKey, 'ES256'))
    expect(await Promise.all(['refs/heads/main', 'refs/tags/1', 'xzy'].map(of))).toEqual([200, 400, 400])
  })
})

describe('Kubernetes', () => {
  const account = { namespace: 'apps', serviceaccount: { name: 'web', uid: 'u-1' } }
  const jwt = signed({ iat: second, exp: second + 600, 'kubernetes.io': account }, rsa.privateKey, 'RS256')
  const configure = async (config: object) => {
    await h.raw('POST', 'sys/auth/kubernetes', { type: 'kubernetes' })
    await h.raw('POST', 'auth/kubernetes/config', { kubernetes_host: 'https://cluster.test', ...config })
    const role = { bound_service_account_names: 'web', bound_service_account_namespaces: 'apps' }
    await h.raw('POST', 'auth/kubernetes/role/web', role)
  }
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' })

  test('keys of the mount decide where there is no cluster to ask', async () => {
    h = await startHarness()
    await configure({ pem_keys: [pem] })
    const { body } = await login('kubernetes', { role: 'web', jwt })
    expect(body.auth.metadata).toMatchObject({ service_account_name: 'web', service_account_uid: 'u-1' })
    h.advance(700_000)
    expect((await login('kubernetes', { role: 'web', jwt })).status).toBe(403)
  })

  test('without keys and cluster nobody gets in', async () => {
    h = await startHarness()
    await configure({})
    expect((await login('kubernetes', { role: 'web', jwt })).status).toBe(403)
  })

  test('the cluster is asked with the audience, and has the last word', async () => {
    const asked: unknown[] = []
    const answers = [true, false]
    h = await startHarness({
      tokenReview: (token, audiences) => {
        asked.push([token === jwt, audiences])
        return { authenticated: answers.shift() ?? false, username: 'system:serviceaccount:apps:web' }
      },
    })
    await configure({})
    expect((await login('kubernetes', { role: 'web', jwt })).status).toBe(200)
    expect((await login('kubernetes', { role: 'web', jwt })).status).toBe(403)
    expect(asked).toEqual([
      [true, []],
      [true, []],
    ])
  })
})
