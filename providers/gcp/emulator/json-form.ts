import { type Field, isDefault, isMessage, type MessageType, type ValueType } from './descriptor.js'
import { durationOf, durationText, timestampOf, timestampText } from './instants.js'

type Fields = Record<string, unknown>

/** JSON that is no message of the type that it should be. `path` names the place, empty for the whole. */
export class MalformedJson extends Error {
  override readonly name = 'MalformedJson'
  readonly path: string
  /** What is wrong, without the words around it that every such error has. */
  readonly complaint: string

  constructor(path: string, complaint: string) {
    super(complaint)
    this.path = path
    this.complaint = complaint
  }
}

/**
 * Reads a message from JSON: names in either spelling, `null` as absent.
 *
 * @throws {MalformedJson}
 */
export function fromJson(type: MessageType, json: unknown, path = ''): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new MalformedJson(path, `${valueAt(path)} (Map), ${quote(json)}`)
  }
  const message: Fields = {}
  const unions = new Set<string>()
  for (const [key, value] of Object.entries(json)) {
    const name = memberName(type, key)
    if (name === undefined) throw unknownName(path, key, 'Cannot find field.')
    const field = type.fields[name] as Field
    if (value === null) continue
    if (message[name] !== undefined) throw unknownName(path, key, 'The field is already set.')
    if (field.union !== undefined) {
      if (unions.has(field.union)) {
        throw new MalformedJson(
          path,
          `${valueAt(join(path, key))} (oneof), oneof field '${field.union}' is already set. Cannot set '${name}'`,
        )
      }
      unions.add(field.union)
    }
    const read = readField(field, value, join(path, key))
    if (field.isOptional || !isDefault(read)) message[name] = read
  }
  return message
}

/** The name of a field in the spelling of JSON, given in either. */
export function memberName(type: MessageType, key: string): string | undefined {
  if (Object.hasOwn(type.fields, key)) return key
  const name = camelCase(key)
  return key === snakeCase(name) && Object.hasOwn(type.fields, name) ? name : undefined
}

export function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export function unknownName(path: string, key: string, why: string): MalformedJson {
  return new MalformedJson(path, `Unknown name ${quote(key)}${path === '' ? '' : ` at '${path}'`}: ${why}`)
}

function readField({ type, label }: Field, json: unknown, path: string): unknown {
  if (label === 'list') {
    if (!Array.isArray(json)) throw new MalformedJson(path, `${valueAt(path)} (List), ${quote(json)}`)
    return json.map((one, index) => readValue(type, one, `${path}[${index}]`))
  }
  if (label === 'map') {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new MalformedJson(path, `${valueAt(path)} (Map), ${quote(json)}`)
    }
    return Object.fromEntries(
      Object.entries(json).map(([key, one], index) => [key, readValue(type, one, `${path}[${index}].value`)]),
    )
  }
  return readValue(type, json, path)
}

/** Reads one value; also one of a query, which is always text. */
export function readValue(type: ValueType, json: unknown, path: string): unknown {
  const refuse = (expected: string): MalformedJson =>
    new MalformedJson(path, `${valueAt(path)} (${expected}), ${quote(json)}`)
  switch (type) {
    case 'string':
      if (typeof json !== 'string') throw refuse('TYPE_STRING')
      return json
    case 'bool':
      if (json === true || json === 'true') return true
      if (json === false || json === 'false') return false
      throw refuse('TYPE_BOOL')
    case 'bytes': {
      const bytes = typeof json === 'string' ? bytesOf(json) : undefined
      if (bytes === undefined)
        throw new MalformedJson(path, `${valueAt(path)} (TYPE_BYTES), Base64 decoding failed`)
      return bytes
    }
    case 'int32': {
      const number = integerOf(json)
      if (number === undefined || BigInt.asIntN(32, number) !== number) throw refuse('TYPE_INT32')
      return Number(number)
    }
    case 'int64': {
      const number = integerOf(json)
      if (number === undefined || BigInt.asIntN(64, number) !== number) throw refuse('TYPE_INT64')
      return number
    }
    case 'timestamp': {
      const ms = typeof json === 'string' ? timestampOf(json) : undefined
      if (ms === undefined) {
        throw new MalformedJson(
          path,
          `${valueAt(path)} (type.googleapis.com/google.protobuf.Timestamp), Invalid time format: ${quote(json)}`,
        )
      }
      return ms
    }
    case 'duration': {
      const ms = typeof json === 'string' ? durationOf(json) : undefined
      if (ms === undefined) {
        throw new MalformedJson(
          path,
          `${valueAt(path)} (type.googleapis.com/google.protobuf.Duration), Illegal duration format; duration must end with 's'`,
        )
      }
      return ms
    }
    case 'mask':
      if (typeof json !== 'string') throw refuse('type.googleapis.com/google.protobuf.FieldMask')
      return json === '' ? [] : json.split(',')
    default: {
      if (isMessage(type)) return fromJson(type, json, path)
      if (typeof json === 'string' && Object.hasOwn(type.values, json))
        return type.values[json] === 0 ? 0 : json
      const number = integerOf(json)
      if (number === undefined || BigInt.asIntN(32, number) !== number) throw refuse('TYPE_ENUM')
      return (
        Object.entries(type.values).find(([, value]) => value === Number(number) && value !== 0)?.[0] ??
        Number(number)
      )
    }
  }
}

/** Writes a message as JSON; enums as their numbers where asked for. What is not set is left out. */
export function toJson(type: MessageType, message: object, { enumsAsNumbers }: JsonStyle): Fields {
  const json: Fields = {}
  for (const [name, { type: valueType, label, isOptional }] of Object.entries(type.fields)) {
    const value = (message as Fields)[name]
    if (value === undefined) continue
    const write = (one: unknown): unknown => writeValue(valueType, one, { enumsAsNumbers })
    if (label === 'list') {
      if ((value as unknown[]).length > 0) json[name] = (value as unknown[]).map(write)
    } else if (label === 'map') {
      const entries = Object.entries(value as Fields)
      if (entries.length > 0) json[name] = Object.fromEntries(entries.map(([key, one]) => [key, write(one)]))
    } else if (isOptional || !isDefault(value)) json[name] = write(value)
  }
  return json
}

export interface JsonStyle {
  readonly enumsAsNumbers: boolean
}

function writeValue(type: ValueType, value: unknown, style: JsonStyle): unknown {
  switch (type) {
    case 'bytes':
      return (value as Buffer).toString('base64')
    case 'int64':
      return String(value)
    case 'timestamp':
      return timestampText(value as number)
    case 'duration':
      return durationText(value as number)
    case 'mask':
      return (value as readonly string[]).map(camelCase).join(',')
    case 'string':
    case 'bool':
    case 'int32':
      return value
    default:
      if (isMessage(type)) return toJson(type, value as object, style)
      return style.enumsAsNumbers && typeof value === 'string' ? type.values[value] : value
  }
}

/** Base64 of either alphabet, with or without its padding. */
function bytesOf(text: string): Buffer | undefined {
  const body = text.replace(/={0,2}$/, '')
  if (!/^[A-Za-z0-9+/_-]*$/.test(body) || body.length % 4 === 1) return undefined
  return Buffer.from(body, 'base64')
}

function integerOf(json: unknown): bigint | undefined {
  if (typeof json === 'number' && Number.isSafeInteger(json)) return BigInt(json)
  if (typeof json === 'string' && /^-?\d{1,20}$/.test(json)) return BigInt(json)
  return undefined
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function valueAt(path: string): string {
  return `Invalid value${path === '' ? '' : ` at '${path}'`}`
}

/** Without the value where it may be a secret: only its beginning shows, and no object at all. */
function quote(json: unknown): string {
  return typeof json === 'object' ? 'an object' : JSON.stringify(String(json).slice(0, 64))
}
