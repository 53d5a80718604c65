import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { EmulatorRequest } from 'strongroom/testing'
import { AwsError } from './errors.js'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** When set, a request must carry it in `x-amz-security-token`. */
  readonly sessionToken?: string
}

interface Authorization {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly scope: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

const algorithm = 'AWS4-HMAC-SHA256'
const signingName = 'secretsmanager'
const skewMs = 5 * 60_000

/**
 * The region in the credential scope of a request, in its header or in its query as a presigned URL has it, or
 * `undefined` when it has none that can be read. Nothing is verified.
 */
export function signedRegion({ headers, query }: EmulatorRequest): string | undefined {
  const [, , region, service] = query.get('X-Amz-Credential')?.split('/') ?? []
  return parse(headers.authorization ?? '')?.region ?? (service === signingName ? region : undefined)
}

/**
 * Checks Signature Version 4: the key, the session token, the time, and the signature over the whole request.
 *
 * @param now real time, in milliseconds since the epoch: clients sign with theirs
 * @throws {AwsError} as the service answers
 */
export function verifySignature(request: EmulatorRequest, credentials: Credentials, now: number): void {
  const { authorization } = request.headers
  if (authorization === undefined) {
    throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token')
  }
  const parsed = parse(authorization)
  const time = header(request, 'x-amz-date') ?? ''
  if (parsed === undefined || !/^\d{8}T\d{6}Z$/.test(time) || !parsed.signedHeaders.includes('host')) {
    throw new AwsError(
      'IncompleteSignature',
      'Authorization header requires Credential, SignedHeaders and Signature, and the request an X-Amz-Date header.',
    )
  }
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  if (parsed.accessKeyId !== accessKeyId || header(request, 'x-amz-security-token') !== sessionToken) {
    throw new AwsError(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    )
  }
  checkTime(time, now)
  if (!time.startsWith(parsed.date)) {
    throw invalidSignature(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date: ${time}`,
    )
  }
  const expected = signatureOf(request, parsed, time, secretAccessKey)
  const given = Buffer.from(parsed.signature, 'hex')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw invalidSignature(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    )
  }
}

function parse(authorization: string): Authorization | undefined {
  if (!authorization.startsWith(`${algorithm} `)) return undefined
  const fields = new Map(
    authorization
      .slice(algorithm.length)
      .split(',')
      .map((field) => {
        const [name = '', ...value] = field.trim().split('=')
        return [name, value.join('=')]
      }),
  )
  const [accessKeyId, date, region, service, terminator] = fields.get('Credential')?.split('/') ?? []
  const signedHeaders = fields.get('SignedHeaders')?.split(';') ?? []
  const signature = fields.get('Signature')
  if (accessKeyId === undefined || date === undefined || region === undefined || signature === undefined)
    return undefined
  if (service !== signingName || terminator !== 'aws4_request') return undefined
  return {
    accessKeyId,
    date,
    region,
    scope: `${date}/${region}/${service}/${terminator}`,
    signedHeaders,
    signature,
  }
}

function checkTime(time: string, now: number): void {
  const signedAt = Date.parse(time.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))
  if (now - signedAt > skewMs) {
    throw invalidSignature(
      `Signature expired: ${time} is now earlier than ${stamp(now - skewMs)} (${stamp(now)} - 5 min.)`,
    )
  }
  if (signedAt - now > skewMs) {
    throw invalidSignature(
      `Signature not yet current: ${time} is still later than ${stamp(now + skewMs)} (${stamp(now)} + 5 min.)`,
    )
  }
}

function signatureOf(
  request: EmulatorRequest,
  authorization: Authorization,
  time: string,
  secretKey: string,
): Buffer {
  const { date, region, scope } = authorization
  const stringToSign = [algorithm, time, scope, sha256(canonicalRequest(request, authorization))].join('\n')
  const key = [date, region, signingName, 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secretKey}`)
  return hmac(key, stringToSign)
}

function canonicalRequest(request: EmulatorRequest, { signedHeaders }: Authorization): string {
  const query = [...request.query]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&')
  const headers = signedHeaders.map(
    (name) => `${name}:${(header(request, name) ?? '').trim().replace(/ +/g, ' ')}\n`,
  )
  const path = request.path.split('/').map(encode).join('/')
  return [request.method, path, query, headers.join(''), signedHeaders.join(';'), sha256(request.body)].join(
    '\n',
  )
}

function header({ headers }: EmulatorRequest, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()
const stamp = (epochMs: number): string => new Date(epochMs).toISOString().replace(/[-:]|\.\d+/g, '')
const invalidSignature = (message: string): AwsError => new AwsError('InvalidSignatureException', message)
const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
