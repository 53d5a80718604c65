import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** PEM texts of a fresh authority and of a server certificate that it signed. The authority's key is forgotten. */
export interface CertificateBundle {
  /** The authority's certificate: what a client trusts. */
  readonly ca: string
  /** The server's certificate, then the authority's. */
  readonly cert: string
  /** The server's private key, PKCS #8. */
  readonly key: string
}

export interface CertificateOptions {
  /**
   * DNS names of the server. Default `localhost`, `*.localhost`, `vault.localhost` and `*.vault.localhost`: OpenSSL and
   * Node refuse a wildcard directly below a top-level name.
   */
  readonly dnsNames?: readonly string[]
  /** IP addresses of the server. Default `127.0.0.1` and `::1`. */
  readonly addresses?: readonly string[]
  /** Milliseconds since the epoch, real time: clients check the dates with theirs. Default `Date.now()`. */
  readonly now?: number
  /** Default 397 days, the longest that every client accepts. */
  readonly validForMs?: number
}

const dayMs = 86_400_000

/** Makes an EC P-256 authority and a server certificate (X.509 v3, ECDSA with SHA-256), which `node:crypto` cannot. */
export function createCertificate(options: CertificateOptions = {}): CertificateBundle {
  const {
    dnsNames = ['localhost', '*.localhost', 'vault.localhost', '*.vault.localhost'],
    addresses = ['127.0.0.1', '::1'],
    now = Date.now(),
    validForMs = 397 * dayMs,
  } = options
  const authority = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const server = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const validity = sequence(time(now - dayMs), time(now - dayMs + validForMs))
  const issuer = commonName(`strongroom emulator ${randomBytes(4).toString('hex')}`)
  const authorityId = keyId(authority.publicKey)
  const names = [
    ...dnsNames.map((name) => tlv(0x82, Buffer.from(name, 'latin1'))),
    ...addresses.map((address) => tlv(0x87, addressBytes(address))),
  ]

  const ca = certificate(issuer, issuer, validity, authority.publicKey, authority.privateKey, [
    extension('2.5.29.19', true, sequence(boolean(true), integer(Buffer.from([0])))),
    extension('2.5.29.15', true, keyUsage(0x06, 1)),
    extension('2.5.29.14', false, tlv(0x04, authorityId)),
  ])
  const leaf = certificate(
    issuer,
    commonName('localhost'),
    validity,
    server.publicKey,
    authority.privateKey,
    [
      extension('2.5.29.19', true, sequence()),
      extension('2.5.29.15', true, keyUsage(0x80, 7)),
      extension('2.5.29.37', false, sequence(objectId('1.3.6.1.5.5.7.3.1'))),
      extension('2.5.29.17', false, sequence(...names)),
      extension('2.5.29.14', false, tlv(0x04, keyId(server.publicKey))),
      extension('2.5.29.35', false, sequence(tlv(0x80, authorityId))),
    ],
  )
  return {
    ca,
    cert: leaf + ca,
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function certificate(
  issuer: Buffer,
  subject: Buffer,
  validity: Buffer,
  publicKey: KeyObject,
  signer: KeyObject,
  extensions: readonly Buffer[],
): string {
  const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'))
  const body = sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
    ecdsaWithSha256,
    issuer,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions)),
  )
  const signed = sequence(body, ecdsaWithSha256, bitString(sign('sha256', body, signer)))
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function tlv(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content])
  const length = Buffer.from(content.length.toString(16).padStart(content.length < 0x100 ? 2 : 4, '0'), 'hex')
  return Buffer.concat([Buffer.from([tag, 0x80 + length.length]), length, content])
}

const sequence = (...items: readonly Buffer[]): Buffer => tlv(0x30, ...items)
const integer = (bytes: Buffer): Buffer => tlv(0x02, bytes)
const boolean = (value: boolean): Buffer => tlv(0x01, Buffer.from([value ? 0xff : 0]))
const bitString = (bytes: Buffer, unusedBits = 0): Buffer => tlv(0x03, Buffer.from([unusedBits]), bytes)
const keyUsage = (bits: number, unusedBits: number): Buffer => bitString(Buffer.from([bits]), unusedBits)

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const groups = [part & 0x7f]
    for (let high = part >> 7; high > 0; high >>= 7) groups.unshift((high & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return tlv(0x06, Buffer.from(bytes))
}

/** UTCTime until 2049, then GeneralizedTime (RFC 5280, 4.1.2.5). */
function time(epochMs: number): Buffer {
  const text = `${new Date(epochMs).toISOString().replace(/\.\d+Z$|[-:T]/g, '')}Z`
  return text < '2050' ? tlv(0x17, Buffer.from(text.slice(2))) : tlv(0x18, Buffer.from(text))
}

function commonName(name: string): Buffer {
  return sequence(tlv(0x31, sequence(objectId('2.5.4.3'), tlv(0x0c, Buffer.from(name)))))
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), tlv(0x04, value))
}

/** SHA-1 of the public key's bits (RFC 5280, 4.2.1.2): an identifier, not a protection. */
function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }).subarray(-65))
    .digest()
}

function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '')
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const filled = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return Buffer.from(filled.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
