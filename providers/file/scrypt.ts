import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { type Identity, type Recipient, Stanza } from 'age-encryption'
import { refusal } from 'strongroom/provider'
import { damaged } from './errors.js'

/**
 * The scrypt stanza of age v1 on the native scrypt of Node: it runs beside the event loop, where that of the library
 * would block it, and its cost is bounded before any memory is taken.
 */
export function scryptRecipient(passphrase: string, workFactor: number): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const salt = randomBytes(16)
      const key = await derive(passphrase, salt, workFactor)
      const cipher = createCipheriv(algorithm, key, nonce, options)
      const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()])
      const salted = salt.toString('base64').replace(/=+$/, '')
      return [new Stanza(['scrypt', salted, String(workFactor)], new Uint8Array(body))]
    },
  }
}

/** Throws a `SecretError` for a stanza that asks for more than `maxWorkFactor`. */
export function scryptIdentity(passphrase: string, maxWorkFactor: number): Identity {
  return {
    async unwrapFileKey(stanzas) {
      const [stanza, ...others] = stanzas
      const [type, salted = '', asked = ''] = stanza?.args ?? []
      if (stanza === undefined || type !== 'scrypt' || others.length > 0) return null
      const salt = Buffer.from(salted, 'base64')
      if (stanza.args.length !== 3 || salt.length !== 16 || !/^[1-9]\d?$/.test(asked)) {
        throw damaged('the part of its header that belongs to the passphrase is broken')
      }
      if (Number(asked) > maxWorkFactor) {
        throw refusal(
          'CONFIG_INVALID',
          `the file asks for work factor ${asked}, and at most ${maxWorkFactor} is done: a hostile file could take all ` +
            'memory. If the file is yours, set workFactor',
        )
      }
      return unwrap(stanza.body, await derive(passphrase, salt, Number(asked)))
    },
  }
}

const algorithm = 'chacha20-poly1305'
const tagBytes = 16
const options = { authTagLength: tagBytes } as const
/** Zero, as the format says: a key is used once, since its salt is. */
const nonce = Buffer.alloc(12)
const label = Buffer.from('age-encryption.org/v1/scrypt')
const blockSize = 8

function derive(passphrase: string, salt: Uint8Array, workFactor: number): Promise<Buffer> {
  const N = 2 ** workFactor
  const settings = { N, r: blockSize, p: 1, maxmem: 128 * blockSize * (N + 64) }
  return new Promise((resolve, reject) => {
    scrypt(passphrase, Buffer.concat([label, salt]), 32, settings, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

/** `null` when the key does not fit. */
function unwrap(body: Uint8Array, key: Buffer): Uint8Array | null {
  const decipher = createDecipheriv(algorithm, key, nonce, options)
  decipher.setAuthTag(body.subarray(-tagBytes))
  const fileKey = decipher.update(body.subarray(0, -tagBytes))
  try {
    return new Uint8Array(Buffer.concat([fileKey, decipher.final()]))
  } catch (error) {
    if (!(error instanceof Error) || !/authenticate/.test(error.message)) throw error
    return null
  }
}
