import { createHash } from 'node:crypto'
import { SecretError } from './errors.js'

/**
 * How one backend spells names. Pure: no network, the same answer for the life of a store, so that a migration can
 * ask a target before it writes.
 */
export interface NameCodec {
  /** The backend's spelling of a full name (prefix included). */
  encode(name: string): string
  /** The full name behind a spelling, or `undefined` for one that this codec could not have made. */
  decode(ref: string): string | undefined
  /** The spelling behind a backend's own identifier, such as the name within an ARN. */
  refOfId(id: string): string
  /** What the spelling of every system name begins with, folded where the backend folds. */
  readonly systemRef: string
  /** Spellings that differ only in case are the same secret. */
  readonly foldsCase: boolean
  /** A path before every user name, joined by `/`. Empty for none; else it ends in `/`. */
  readonly prefix: string
}

export interface NameCodecOptions {
  /** Characters that the backend holds as they are: the inside of a character class, such as `A-Za-z0-9-`. */
  readonly allowed: string
  /** Allowed characters that the backend does not hold at the end of a name: escaped there. Default none. */
  readonly notLast?: string
  /** The allowed character that opens and closes an escape. Default `-`. */
  readonly mark?: '-' | '_'
  /** Default false. */
  readonly foldsCase?: boolean
  /** Default none. A missing `/` at the end is added. */
  readonly prefix?: string | undefined
  /** A house convention instead of the escapes, such as `--` for `/`. Must be injective. */
  readonly names?: NameConvention | undefined
  /** Default: the identifier is the spelling. */
  readonly refOfId?: (id: string) => string
}

export interface NameConvention {
  encode(name: string): string
  decode(ref: string): string
}

/**
 * The one name codec. A name that the backend can hold is used as it is; what its alphabet cannot hold becomes a
 * readable escape, `-x2f-` for `/` (the UTF-8 bytes in lower-case hex). A literal that looks like an escape has its
 * mark escaped, so that no two names meet.
 *
 * @throws {SecretError} `INVALID_NAME` for a prefix that breaks the rules of names.
 */
export function nameCodec(options: NameCodecOptions): NameCodec {
  const { allowed, notLast = '', mark = '-', foldsCase = false, names } = options
  const { refOfId = (id: string): string => id } = options
  const prefix = pathPrefix(options.prefix ?? '')
  const holds = new RegExp(`^[${allowed}]$`, 'u')
  const holdsAll = new RegExp(`^[${allowed}]+$`, 'u')
  const flags = foldsCase ? 'i' : ''
  const looksEscaped = new RegExp(`^${mark}x(?:[0-9a-f]{2})+${mark}`, flags)
  const escapes = new RegExp(`${mark}x((?:[0-9a-f]{2})+)${mark}`, `g${flags}`)
  const escaped = (character: string): string => `${mark}x${Buffer.from(character).toString('hex')}${mark}`

  const encode = (name: string): string => {
    const endsWell = !notLast.includes(name.slice(-1))
    if (endsWell && holdsAll.test(name) && !name.toLowerCase().includes(`${mark}x`)) return name
    let encoded = ''
    for (const character of [...name].reverse()) {
      const refused = encoded === '' && notLast.includes(character)
      const literal =
        holds.test(character) && !refused && !(character === mark && looksEscaped.test(mark + encoded))
      encoded = (literal ? character : escaped(character)) + encoded
    }
    return encoded
  }
  const decode = (ref: string): string =>
    ref.replace(escapes, (_, hex: string) => Buffer.from(hex, 'hex').toString('utf8'))
  const convention = names ?? { encode, decode }

  return Object.freeze({
    prefix,
    systemRef: fold(convention.encode(systemRoot), foldsCase),
    foldsCase,
    refOfId,
    encode: (name: string) => convention.encode(name),
    decode: (ref: string) => {
      const name = convention.decode(ref)
      return fold(convention.encode(name), foldsCase) === fold(ref, foldsCase) ? name : undefined
    },
  })
}

/** The comparable form of a spelling. */
export function fold(ref: string, foldsCase: boolean): string {
  return foldsCase ? ref.toLowerCase() : ref
}

/** What every system name begins with; no user name may. */
export const systemRoot = 'strongroom-system/'

export type SystemPurpose = 'record' | 'pending' | 'migration'

/**
 * The system name that belongs to a canonical name. Derived, never read from writable metadata. Where the whole would
 * exceed the backend's limit, its tail becomes 32 hex digits of SHA-256 over the canonical name.
 */
export function systemName(
  purpose: SystemPurpose,
  canonical: string,
  codec: NameCodec,
  maxLength: number,
): string {
  const whole = `${systemRoot}${purpose}/${canonical}`
  if (codec.encode(whole).length <= maxLength) return whole
  const digest = createHash('sha256').update(canonical).digest('hex').slice(0, 32)
  let head = canonical
  let name: string
  do {
    head = head.slice(0, -1)
    name = `${systemRoot}${purpose}/${head}${digest}`
  } while (head !== '' && codec.encode(name).length > maxLength)
  return name
}

/**
 * Checks a user's name against the rules that hold on every backend.
 *
 * @throws {SecretError} `INVALID_NAME`, naming the rule.
 */
export function checkName(name: string): void {
  const problem = nameProblem(name)
  if (problem !== undefined) throw new SecretError({ code: 'INVALID_NAME', message: problem, secret: name })
}

/** The text of a name, or of an identifier; `undefined` for what is neither. */
export function textOf(name: unknown): string | undefined {
  if (typeof name === 'string') return name
  if (typeof name !== 'object' || name === null || !('id' in name)) return undefined
  return typeof name.id === 'string' ? name.id : undefined
}

function nameProblem(name: string): string | undefined {
  const shown = JSON.stringify(name)
  if (name === '') return 'a secret name must not be empty'
  if (!name.isWellFormed()) return `the name ${shown} holds a lone surrogate; use well-formed Unicode`
  if (/\p{Cc}/u.test(name)) return `the name ${shown} holds a control character; use printable characters`
  const segments = name.split('/')
  if (segments.includes('')) return `the name ${shown} has a leading, trailing or double slash; drop it`
  if (segments.includes('.') || segments.includes('..')) {
    return `the name ${shown} has a "." or ".." segment; names are paths from the root, write the whole path`
  }
  return undefined
}

function pathPrefix(prefix: string): string {
  const path = prefix.replace(/\/$/, '')
  if (path === '') return ''
  checkName(path)
  return `${path}/`
}
