import { Decrypter, Encrypter, identityToRecipient } from 'age-encryption'
import { refusal, SecretError } from 'strongroom/provider'
import { damaged, invalid } from './errors.js'
import { scryptIdentity, scryptRecipient } from './scrypt.js'

/** What opens the file. Secret: never logged, never part of an error. */
export type Key = { readonly passphrase: string } | { readonly identities: readonly string[] }

/** The public keys of our own identities; none for a passphrase. */
export function recipientsOf(key: Key): Promise<string[]> {
  return 'passphrase' in key ? Promise.resolve([]) : Promise.all(key.identities.map(identityToRecipient))
}

/** age v1, as any other tool for it reads. */
export async function seal(
  text: string,
  key: Key,
  recipients: readonly string[],
  workFactor: number,
): Promise<Uint8Array> {
  const encrypter = new Encrypter()
  if ('passphrase' in key) encrypter.addRecipient(scryptRecipient(key.passphrase, workFactor))
  else for (const [index, recipient] of recipients.entries()) addRecipient(encrypter, recipient, index)
  return encrypter.encrypt(text)
}

function addRecipient(encrypter: Encrypter, recipient: string, index: number): void {
  try {
    encrypter.addRecipient(recipient)
  } catch (error) {
    // A checksum that fails: the library's sentence quotes the key.
    if (error instanceof Error) throw invalid(`recipients[${index}] is mistyped: its checksum is wrong`)
    throw error
  }
}

/**
 * What was sealed.
 *
 * @throws {SecretError} `UNAUTHENTICATED` for a key that does not fit; `UNAVAILABLE`, not retryable, for what is damaged.
 */
export async function unseal(
  path: string,
  sealed: Uint8Array,
  key: Key,
  maxWorkFactor: number,
): Promise<string> {
  checkHeader(path, Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength), key)
  const decrypter = new Decrypter()
  if ('passphrase' in key) decrypter.addIdentity(scryptIdentity(key.passphrase, maxWorkFactor))
  else for (const identity of key.identities) decrypter.addIdentity(identity)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await decrypter.decrypt(sealed))
  } catch (error) {
    throw translated(path, error)
  }
}

/** The library's errors are plain, and may quote the header: none is passed on. */
function translated(path: string, error: unknown): SecretError {
  if (SecretError.is(error)) return error.with({ message: `${path}: ${error.message}` })
  if (error instanceof Error && /no identity matched/.test(error.message)) {
    return refusal(
      'UNAUTHENTICATED',
      `${path} is not sealed for the key that was given, or its header is damaged`,
    )
  }
  return damaged(
    `${path} is damaged: a byte was changed, or its end was cut off. ${path}.bak is the generation before it`,
  )
}

const magic = 'age-encryption.org/v1\n'
const armor = '-----BEGIN AGE'

/** Says what is wrong with the outside of the file, before a key is tried on it. */
function checkHeader(path: string, sealed: Buffer, key: Key): void {
  const start = sealed.toString('latin1', 0, magic.length)
  if (sealed.length === 0) throw damaged(`${path} is empty`)
  if (start.startsWith(armor)) {
    throw invalid(`${path} is age in its text form; turn it into the binary one: age -d … | age -r …`)
  }
  if (!start.startsWith(magic)) {
    throw magic.startsWith(start)
      ? damaged(`${path} is cut off in its first line`)
      : damaged(`${path} is no file of age, version 1`)
  }
  const end = sealed.indexOf('\n--- ')
  if (end === -1) throw damaged(`${path} is cut off in its header`)
  const hasScrypt = sealed.toString('latin1', 0, end).includes('\n-> scrypt ')
  if (hasScrypt === 'passphrase' in key) return
  throw refusal(
    'UNAUTHENTICATED',
    hasScrypt
      ? `${path} is sealed with a passphrase; give that instead of an identity`
      : `${path} is sealed for public keys; give the identityFile of one instead of a passphrase`,
  )
}
