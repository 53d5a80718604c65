import { type NameCodec, type NameConvention, nameCodec, refusal, SecretError } from 'strongroom/provider'

/**
 * A name is a path under the mount. The server takes every character that Go calls printable, and no space but the
 * plain one; Vault finds no path that ends in a period.
 */
export function vaultNames(prefix: string | undefined, names: NameConvention | undefined): NameCodec {
  try {
    return nameCodec({ allowed: '\\p{L}\\p{M}\\p{N}\\p{P}\\p{S} ', notLast: '.', prefix, names })
  } catch (error) {
    if (SecretError.is(error)) throw refusal('CONFIG_INVALID', `vault: prefix: ${error.message}`)
    throw error
  }
}

/**
 * A path of the API from parts that are paths themselves, each segment percent-encoded, so that no name reaches beyond
 * its place: not by dots, slashes, `?` or `#`.
 *
 * @throws {SecretError} `INVALID_NAME` for a segment that is empty, or that a URL would resolve.
 */
export function apiPath(...parts: readonly string[]): string {
  return parts.map((part) => `/${part.split('/').map(segment).join('/')}`).join('')
}

function segment(text: string): string {
  if (text === '' || text === '.' || text === '..' || !text.isWellFormed()) {
    throw refusal(
      'INVALID_NAME',
      'a path in Vault has no empty, "." or ".." segment, and is well-formed text',
    )
  }
  return encodeURIComponent(text)
}
