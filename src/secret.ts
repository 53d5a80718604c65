import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { SecretError } from './errors.js'
import { documentOf, JsonError, parseJson } from './json.js'
import type { JsonObject, JsonValue, SecretRecord, Stage, Tags, VersionState } from './operations.js'

/** `json` was put as a JSON value (or is a JSON object or array where the backend keeps no content type). */
export type ValueKind = 'text' | 'json' | 'binary'

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const valueBrand = Symbol.for('strongroom.SecretValue')
const secretBrand = Symbol.for('strongroom.Secret')
const inspect = Symbol.for('nodejs.util.inspect.custom')
const fingerprint = Symbol('fingerprint')
const processKey = randomBytes(32)

/**
 * The bytes of a secret, in an object that never prints them. What travels in calls and records.
 *
 * Immutable. Bytes are copied on the way in and out. The runtime, the SDK and the network keep copies of their own,
 * which no library can wipe: SECURITY.md says what this class promises and what it does not.
 */
export class SecretValue {
  readonly #bytes: Buffer
  readonly kind: ValueKind

  private constructor(kind: ValueKind, bytes: Buffer) {
    this.kind = kind
    this.#bytes = bytes
    Object.freeze(this)
  }

  /** @throws {SecretError} `INVALID_VALUE` when the text is not well-formed Unicode. */
  static text(text: string): SecretValue {
    return new SecretValue('text', encode(text))
  }

  static binary(bytes: Uint8Array): SecretValue {
    const copy = Buffer.allocUnsafeSlow(bytes.byteLength)
    copy.set(bytes)
    return new SecretValue('binary', copy)
  }

  /** JSON text that is already serialised; kept to the byte. */
  static jsonText(text: string): SecretValue {
    return new SecretValue('json', encode(text))
  }

  /**
   * What a person puts: a string is `text`, bytes are `binary`, a secret keeps its kind, any other JSON
   * value is `json`.
   *
   * @throws {TypeError} for what JSON cannot hold, naming the path: functions, bigint, NaN, Map, cycles.
   */
  static from(input: SecretInput): SecretValue {
    if (typeof input === 'string') return SecretValue.text(input)
    if (input instanceof Uint8Array) return SecretValue.binary(input)
    if (SecretValue.is(input)) return input
    if (Secret.isSecret(input)) return innerValue(input)
    assertJson(input, 'value')
    return SecretValue.jsonText(JSON.stringify(input))
  }

  /** Text from a backend that keeps no content type: a JSON object or array is `json`, all else `text`. */
  static infer(text: string): SecretValue {
    return documentOf(text) === undefined ? SecretValue.text(text) : SecretValue.jsonText(text)
  }

  static is(value: unknown): value is SecretValue {
    return typeof value === 'object' && value !== null && valueBrand in value
  }

  get byteLength(): number {
    return this.#bytes.byteLength
  }

  /** @throws {SecretError} `INVALID_VALUE` when the bytes are not UTF-8: use `bytes()`. */
  text(): string {
    if (this.kind !== 'binary') return this.#bytes.toString('utf8')
    try {
      return strictUtf8.decode(this.#bytes)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      throw invalid('the value is not UTF-8 text; read it with bytes()')
    }
  }

  /** @throws {SecretError} `INVALID_VALUE` when the text is not JSON, naming the byte and never the text. */
  json(): JsonValue {
    try {
      return parseJson(this.text())
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
      throw invalid(`the value is ${error.message}`)
    }
  }

  /** A copy. */
  bytes(): Uint8Array {
    return new Uint8Array(this.#bytes)
  }

  /** Same bytes, in time that does not depend on where they differ. The kind does not count. */
  equals(other: SecretValue): boolean {
    const left = this.#bytes
    const right = Buffer.from(other.bytes())
    return left.byteLength === right.byteLength && timingSafeEqual(left, right)
  }

  toJSON(): string {
    return '[secret value]'
  }

  toString(): never {
    throw coercion('SecretValue', '.text()')
  }

  [Symbol.toPrimitive](): never {
    throw coercion('SecretValue', '.text()')
  }
}

Object.defineProperty(SecretValue.prototype, valueBrand, { value: true })
Object.defineProperty(SecretValue.prototype, inspect, { value: (): string => '[secret value]' })

/** What `put` takes. */
export type SecretInput = string | Uint8Array | JsonValue | SecretValue | Secret<unknown>

/**
 * One version of a secret: immutable, shared by all who read it, and silent.
 *
 * Printing, inspecting, spreading, cloning, serialising or diffing it never shows the value. Coercing it to a string
 * throws a `TypeError` that names `.value`, since "[secret db]" sent as a password fails in a worse place. Two
 * secrets with different values never compare equal, also under `deepStrictEqual` and `toEqual`. There is no
 * `dispose`: the object is shared.
 */
export class Secret<T = string> {
  #typed: T | undefined
  readonly name: string
  readonly version: string
  readonly stages: readonly Stage[]
  readonly state: VersionState
  /** `undefined` where a read does not carry them (AWS): `describe` has them everywhere. */
  readonly tags: Tags | undefined
  readonly kind: ValueKind
  readonly provider: string
  /** Served from the cache because the backend could not be asked. */
  readonly stale: boolean
  readonly #value: SecretValue
  readonly #createdAt: number | undefined
  readonly #expiresAt: number | undefined

  constructor(record: SecretRecord, options: SecretOptions<T>) {
    this.name = record.name
    this.version = record.version
    this.stages = Object.freeze([...record.stages])
    this.state = record.state
    this.tags = record.tags && Object.freeze({ ...record.tags })
    this.kind = record.kind
    this.provider = options.provider
    this.stale = options.stale ?? false
    // Comparers cannot see private fields; a keyed digest, whose key dies with the process, tells values apart.
    const digest = createHmac('sha256', processKey).update(record.value.bytes()).digest('base64url')
    Object.defineProperty(this, fingerprint, { value: digest, enumerable: true })
    this.#value = record.value
    this.#typed = options.typed
    this.#createdAt = record.createdAt?.getTime()
    this.#expiresAt = record.expiresAt?.getTime()
    Object.freeze(this)
  }

  /** True for a `Secret` of any copy of this package. */
  static isSecret(value: unknown): value is Secret<unknown> {
    return typeof value === 'object' && value !== null && secretBrand in value
  }

  /**
   * The value: text, or what the secret's schema gives.
   *
   * @throws {SecretError} `INVALID_VALUE` for bytes that are not text: use `bytes()`.
   */
  get value(): T {
    if (this.#typed === undefined) this.#typed = this.#value.text() as T
    return this.#typed
  }

  /** `undefined` where a read does not carry it (Google): `describe` and `versions` have it everywhere. */
  get createdAt(): Date | undefined {
    return this.#createdAt === undefined ? undefined : new Date(this.#createdAt)
  }

  /** Informational: the backend does not enforce it. */
  get expiresAt(): Date | undefined {
    return this.#expiresAt === undefined ? undefined : new Date(this.#expiresAt)
  }

  text(): string {
    return this.#value.text()
  }

  /** @throws {SecretError} `INVALID_VALUE` when the text is not JSON. */
  json(): JsonValue {
    return this.#value.json()
  }

  /** A copy. */
  bytes(): Uint8Array {
    return this.#value.bytes()
  }

  /** Whether both hold the same bytes; takes the same time wherever they differ. */
  equals(other: Secret<unknown>): boolean {
    return this.#value.equals(SecretValue.binary(other.bytes()))
  }

  toJSON(): object {
    const { name, version, stages, state, tags, kind, provider, stale } = this
    return {
      name,
      version,
      stages,
      state,
      createdAt: this.createdAt,
      tags,
      kind,
      provider,
      stale,
      value: '[secret]',
    }
  }

  toString(): never {
    throw coercion('Secret', '.value')
  }

  [Symbol.toPrimitive](): never {
    throw coercion('Secret', '.value')
  }
}

Object.defineProperty(Secret.prototype, secretBrand, { value: true })
Object.defineProperty(Secret.prototype, inspect, {
  value(this: Secret): string {
    return `Secret(${this.name}, version ${this.version})`
  },
})

export interface SecretOptions<T> {
  /** The provider's name. */
  readonly provider: string
  /** Default false. */
  readonly stale?: boolean
  /** What a schema made of the value. */
  readonly typed?: T
}

/** The field of a JSON object, as the value of its own: a string as text, anything else as JSON. */
export function fieldOf(value: SecretValue, field: string): SecretValue {
  const document = value.json()
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw invalid('the value is not a JSON object, so it has no fields')
  }
  if (!Object.hasOwn(document, field)) {
    throw invalid(`the value has no field ${JSON.stringify(field)}`)
  }
  return SecretValue.from((document as JsonObject)[field] ?? null)
}

function innerValue(secret: Secret<unknown>): SecretValue {
  if (secret.kind === 'binary') return SecretValue.binary(secret.bytes())
  return secret.kind === 'json' ? SecretValue.jsonText(secret.text()) : SecretValue.text(secret.text())
}

function encode(text: string): Buffer {
  if (!text.isWellFormed())
    throw invalid('the text holds a lone surrogate, which UTF-8 cannot carry; put bytes')
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}

/** JSON.stringify turns a Map into {} and NaN into null; what is put must come back. */
function assertJson(input: unknown, path: string, above: readonly object[] = []): void {
  if (input === null || typeof input === 'string' || typeof input === 'boolean') return
  if (typeof input === 'number' && Number.isFinite(input)) return
  if (typeof input !== 'object')
    throw new TypeError(`${path} must be a string, bytes or JSON; got ${typeof input}`)
  if (above.includes(input)) throw new TypeError(`${path} refers back to itself, which JSON cannot hold`)
  const prototype = Object.getPrototypeOf(input)
  if (!Array.isArray(input) && prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`${path} must be a plain object; got an instance of ${prototype.constructor?.name}`)
  }
  for (const [key, item] of Object.entries(input)) {
    if (item !== undefined || Array.isArray(input)) assertJson(item, `${path}.${key}`, [...above, input])
  }
}

function invalid(message: string): SecretError {
  return new SecretError({ code: 'INVALID_VALUE', message })
}

function coercion(type: string, member: string): TypeError {
  return new TypeError(
    `a ${type} does not turn into a string by itself; read ${member} where the value is meant`,
  )
}
