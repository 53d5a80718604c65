import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { parseJson } from 'strongroom/testing'
import type { Settings } from './model.js'

/** A length and a name of the format: what the blobs of the service begin with too. */
const name = 'AzureKeyVaultSecretBackupV1.microsoft.com'
const header = Buffer.concat([Buffer.from([name.length]), Buffer.from(name)])
const ivBytes = 16
const macBytes = 32

/** A document as an opaque blob, for the vaults of one subscription and geography. */
export function seal(document: object, settings: Settings): string {
  const { encryption, authentication } = keysOf(settings)
  const iv = Buffer.from(settings.randomBytes(ivBytes))
  const cipher = createCipheriv('aes-256-ctr', encryption, iv)
  const sealed = Buffer.concat([iv, cipher.update(JSON.stringify(document)), cipher.final()])
  return Buffer.concat([header, sealed, macOf(sealed, authentication)]).toString('base64url')
}

/** The document of a blob; `undefined` for one that was changed, or comes from another subscription or geography. */
export function unseal(blob: string, settings: Settings): unknown {
  const { encryption, authentication } = keysOf(settings)
  const bytes = Buffer.from(blob, 'base64url')
  const body = bytes.subarray(header.length)
  if (!bytes.subarray(0, header.length).equals(header) || body.length < ivBytes + macBytes) return undefined
  const sealed = body.subarray(0, -macBytes)
  if (!timingSafeEqual(body.subarray(-macBytes), macOf(sealed, authentication))) return undefined
  const cipher = createDecipheriv('aes-256-ctr', encryption, sealed.subarray(0, ivBytes))
  const text = Buffer.concat([cipher.update(sealed.subarray(ivBytes)), cipher.final()])
  return parseJson(text.toString('utf8'))
}

/** Made of names, so that emulators restore the backups of each other: it tells vaults apart and protects nothing. */
function keysOf({ subscriptionId, geography }: Settings): { encryption: Buffer; authentication: Buffer } {
  const key = createHash('sha512')
    .update(JSON.stringify([name, subscriptionId, geography]))
    .digest()
  return { encryption: key.subarray(0, 32), authentication: key.subarray(32) }
}

function macOf(sealed: Buffer, key: Buffer): Buffer {
  return createHmac('sha256', key).update(sealed).digest()
}
