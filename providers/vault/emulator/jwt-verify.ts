import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { JsonError, parseJson } from 'strongroom/testing'
import { objectOf } from './fields.js'
import type { Json, JsonObject } from './model.js'

/** Why a token is refused, in the words of the service. */
export class JwtError extends Error {
  override readonly name = 'JwtError'
}

/** The keys in PEM texts; `undefined` when one is none. */
export function keysIn(texts: readonly string[]): readonly KeyObject[] | undefined {
  try {
    return texts.map((text) => createPublicKey(text))
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

/** Claims of a token that one of the keys has signed. @throws {JwtError} */
export function verifiedClaims(jwt: string, keys: readonly KeyObject[]): JsonObject {
  const claims = unverifiedClaims(jwt)
  const [head = '', payload = '', signature = ''] = jwt.split('.')
  const algorithm = String(objectIn(head)?.['alg'])
  const bytes = Buffer.from(signature, 'base64url')
  if (keys.some((key) => isSignedBy(key, algorithm, `${head}.${payload}`, bytes))) return claims
  throw bad('no known key successfully validated the token signature')
}

/** Claims that nobody vouches for. @throws {JwtError} for what is no token. */
export function unverifiedClaims(jwt: string): JsonObject {
  const parts = jwt.split('.')
  const [head = '', payload = ''] = parts
  if (parts.length !== 3) throw bad('go-jose/go-jose: compact JWS format must have three parts')
  const claims = objectIn(payload)
  if (objectIn(head) === undefined || claims === undefined) throw bad('illegal base64 data at input byte 0')
  return claims
}

function bad(why: string): JwtError {
  return new JwtError(`error verifying token signature: ${why}`)
}

const hashes: Readonly<Record<string, string>> = { '256': 'sha256', '384': 'sha384', '512': 'sha512' }
const keyTypes: Readonly<Record<string, string>> = { RS: 'rsa', PS: 'rsa', ES: 'ec' }

function isSignedBy(key: KeyObject, algorithm: string, text: string, signature: Buffer): boolean {
  const data = Buffer.from(text)
  if (algorithm === 'EdDSA') return key.asymmetricKeyType === 'ed25519' && verify(null, data, key, signature)
  const [family, hash] = [algorithm.slice(0, 2), hashes[algorithm.slice(2)]]
  if (hash === undefined || key.asymmetricKeyType !== keyTypes[family]) return false
  if (family === 'ES') return verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature)
  // 6 is the padding of PKCS #1 PSS, 1 that of its version 1.5.
  return verify(hash, data, { key, padding: family === 'PS' ? 6 : 1 }, signature)
}

function objectIn(part: string): JsonObject | undefined {
  try {
    return objectOf(parseJson(Buffer.from(part, 'base64url').toString('utf8')) as Json)
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}

export interface Expected {
  readonly issuer?: string
  readonly subject?: string
  /** Default: any. */
  readonly audiences?: readonly string[]
  /** Milliseconds. Default 60,000. */
  readonly skewMs?: number
  /** Life of a token that does not tell its end. Default 150,000. */
  readonly leewayMs?: number
}

/** @throws {JwtError} for the first claim that is not as expected. */
export function checkClaims(claims: JsonObject, expected: Expected, now: number): void {
  const { skewMs = 60_000, leewayMs = 150_000 } = expected
  const time = (name: string): number => Number(claims[name] ?? 0) * 1_000
  const [iat, nbf, exp] = [time('iat'), time('nbf'), time('exp')]
  if (iat === 0 && nbf === 0 && exp === 0) {
    throw new JwtError('no issued at (iat), not before (nbf), or expiration time (exp) claims in token')
  }
  if (expected.issuer !== undefined && claims['iss'] !== expected.issuer) {
    throw new JwtError('invalid issuer (iss) claim')
  }
  if (expected.subject !== undefined && claims['sub'] !== expected.subject) {
    throw new JwtError('invalid subject (sub) claim')
  }
  checkAudience(claims, expected.audiences)
  if ((nbf || iat || exp - leewayMs) > now + skewMs) {
    throw new JwtError('invalid not before (nbf) claim: token not yet valid')
  }
  if ((exp || Math.max(iat, nbf) + leewayMs) + skewMs <= now) {
    throw new JwtError('invalid expiration time (exp) claim: token is expired')
  }
}

/** @throws {JwtError} when none of the audiences is one of the token's. */
export function checkAudience(claims: JsonObject, audiences: readonly string[] | undefined): void {
  if (audiences === undefined || audiences.some((audience) => audiencesOf(claims).includes(audience))) return
  throw new JwtError('invalid audience (aud) claim: audience claim does not match any expected audience')
}

export function audiencesOf({ aud }: JsonObject): readonly string[] {
  if (Array.isArray(aud)) return aud.map(String)
  return typeof aud === 'string' && aud !== '' ? [aud] : []
}
