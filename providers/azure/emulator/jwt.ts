import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  sign,
  verify,
} from 'node:crypto'
import { type Collection, JsonError, parseJson } from 'strongroom/testing'

export type Claims = Readonly<Record<string, unknown>>

/** A private key on P-256, as JWK. */
export interface KeyDocument {
  readonly jwk: JsonWebKey
}

export interface Signer {
  sign(claims: Claims): string
  /** Whether a token is signed by this key. */
  verifies(token: string): boolean
  /** For clients that check signatures themselves. */
  publicJwk(): object
}

/** Keeps one key through resets of the state, and in the state through restarts. It is made when it is first needed. */
export function createKeyring(): (keys: Collection<KeyDocument>) => Signer {
  let current: KeyDocument | undefined
  return (keys) => {
    const stored = keys.get('current')
    current = stored ?? current ?? { jwk: generateKey() }
    if (stored === undefined) keys.set('current', current)
    return signerOf(current.jwk)
  }
}

function generateKey(): JsonWebKey {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
}

function signerOf(jwk: JsonWebKey): Signer {
  const { d: _private, ...publicKey } = jwk
  const kid = createHash('sha256').update(`${jwk.x}.${jwk.y}`).digest('base64url').slice(0, 27)
  return {
    sign(claims) {
      const text = [{ typ: 'JWT', alg: 'ES256', kid, x5t: kid }, claims].map(encode).join('.')
      const key = createPrivateKey({ key: jwk, format: 'jwk' })
      const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
      return `${text}.${signature.toString('base64url')}`
    },
    verifies(token) {
      const cut = token.lastIndexOf('.')
      const key = createPublicKey({ key: publicKey, format: 'jwk' })
      return verify(
        'sha256',
        Buffer.from(token.slice(0, cut)),
        { key, dsaEncoding: 'ieee-p1363' },
        Buffer.from(token.slice(cut + 1), 'base64url'),
      )
    },
    publicJwk: () => ({ ...publicKey, kid, x5t: kid, use: 'sig', alg: 'ES256' }),
  }
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/** What a token says of itself, unverified; `undefined` for one that is no JWT. */
export function claimsOf(token: string): Claims | undefined {
  const [, payload, ...rest] = token.split('.')
  if (payload === undefined || rest.length !== 1) return undefined
  try {
    const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? { ...claims } : undefined
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}
