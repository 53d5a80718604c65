import protobuf from 'protobufjs/minimal.js'
import {
  type Field,
  field,
  isDefault,
  isMessage,
  list,
  type MessageType,
  message,
  type ValueType,
} from './descriptor.js'

type Reader = InstanceType<typeof protobuf.Reader>
type Writer = InstanceType<typeof protobuf.Writer>
type Fields = Record<string, unknown>

/** Bytes that are no message of the type that they should be. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}

const maxDepth = 100

/**
 * Reads a message in the binary form. Unknown fields are skipped, and the last of several values of one field counts.
 *
 * @throws {MalformedMessage}
 */
export function decode<T extends object>(type: MessageType<T>, bytes: Buffer): T {
  try {
    const reader = protobuf.Reader.create(bytes)
    return readMessage(type, reader, bytes.length, 0) as T
  } catch (error) {
    // The reader throws these for what is cut short or no encoding; a text that is no UTF-8 is a TypeError.
    if (error instanceof MalformedMessage) throw error
    if (error instanceof RangeError || error instanceof TypeError || isReaderError(error)) {
      throw new MalformedMessage('the bytes are no message of this type')
    }
    throw error
  }
}

function isReaderError(error: unknown): boolean {
  return error instanceof Error && /^(invalid|illegal|max depth)/.test(error.message)
}

export function encode<T extends object>(type: MessageType<T>, message: T): Buffer {
  return Buffer.from(writeMessage(type, message as Fields, protobuf.Writer.create()).finish())
}

function readMessage(type: MessageType, reader: Reader, end: number, depth: number): Fields {
  if (depth > maxDepth) throw new MalformedMessage('messages are nested too deep')
  const message: Fields = {}
  while (reader.pos < end) {
    const tag = reader.uint32()
    const [id, wireType] = [tag >>> 3, tag & 7]
    if (id === 0) throw new MalformedMessage('a field has the number 0')
    const known = type.byId.get(id)
    if (known === undefined) reader.skipType(wireType)
    else readField(known, wireType, reader, message, depth, type)
  }
  if (reader.pos !== end) throw new MalformedMessage('a field goes beyond its message')
  return message
}

function readField(
  [name, field]: readonly [string, Field],
  wireType: number,
  reader: Reader,
  message: Fields,
  depth: number,
  type: MessageType,
): void {
  const expected = field.label === 'map' ? 2 : wireTypeOf(field.type)
  if (wireType !== expected) {
    reader.skipType(wireType)
    return
  }
  if (field.label === 'map') {
    const [key, value] = readEntry(field.type, reader, depth)
    message[name] ??= {}
    // Not an assignment: a key may be __proto__.
    Object.defineProperty(message[name], key, { value, enumerable: true, writable: true, configurable: true })
    return
  }
  const value = readValue(field.type, reader, depth)
  if (field.label === 'list') {
    message[name] ??= []
    ;(message[name] as unknown[]).push(value)
    return
  }
  if (field.union !== undefined) {
    for (const [other, { union }] of Object.entries(type.fields)) {
      if (union === field.union) delete message[other]
    }
  }
  if (field.isOptional || !isDefault(value)) message[name] = value
  else delete message[name]
}

function readEntry(type: ValueType, reader: Reader, depth: number): [key: string, value: unknown] {
  const end = reader.uint32() + reader.pos
  if (end > reader.len) throw new MalformedMessage('an entry goes beyond its message')
  let key = ''
  let value: unknown = type === 'string' ? '' : 0n
  while (reader.pos < end) {
    const tag = reader.uint32()
    if (tag === 0x0a) key = readValue('string', reader, depth) as string
    else if (tag === ((2 << 3) | wireTypeOf(type))) value = readValue(type, reader, depth)
    else reader.skipType(tag & 7)
  }
  return [key, value]
}

function wireTypeOf(type: ValueType): 0 | 2 {
  const isVarint = type === 'bool' || type === 'int32' || type === 'int64' || isEnum(type)
  return isVarint ? 0 : 2
}

function isEnum(type: ValueType): boolean {
  return typeof type === 'object' && !isMessage(type)
}

function readValue(type: ValueType, reader: Reader, depth: number): unknown {
  switch (type) {
    case 'string':
      return utf8.decode(reader.bytes())
    case 'bytes':
      return Buffer.from(reader.bytes())
    case 'bool':
      return reader.bool()
    case 'int32':
      return reader.int32()
    case 'int64':
      return readInt64(reader)
    case 'timestamp':
    case 'duration': {
      const { seconds = 0n, nanos = 0 } = nested(instant, reader, depth) as Instant
      return Number(seconds) * 1_000 + Math.trunc(nanos / 1_000) / 1_000
    }
    case 'mask':
      return ((nested(mask, reader, depth) as Fields)['paths'] ?? []) as readonly string[]
    default: {
      if (isMessage(type)) return nested(type, reader, depth)
      const number = reader.int32()
      return number === 0
        ? 0
        : (Object.entries(type.values).find(([, value]) => value === number)?.[0] ?? number)
    }
  }
}

/** The reader's own rounds beyond 2^53 where it finds no library of long integers. */
function readInt64(reader: Reader): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    if (reader.pos >= reader.len) throw new MalformedMessage('a number is cut short')
    const byte = reader.buf[reader.pos] as number
    reader.pos += 1
    value |= BigInt(byte & 127) << shift
    if (byte < 128) return BigInt.asIntN(64, value)
  }
  throw new MalformedMessage('a number is longer than 64 bits')
}

/** A long integer as such libraries have it. */
function halvesOf(value: bigint): Long {
  const low = Number(BigInt.asIntN(32, value))
  return { low, high: Number(BigInt.asIntN(32, value >> 32n)), unsigned: false } as Long
}

type Long = Exclude<Parameters<Writer['int64']>[0], number | string>

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function nested(type: MessageType, reader: Reader, depth: number): Fields {
  const end = reader.uint32() + reader.pos
  if (end > reader.len) throw new MalformedMessage('a message goes beyond the one around it')
  return readMessage(type, reader, end, depth + 1)
}

interface Instant {
  readonly seconds?: bigint
  readonly nanos?: number
}

const instant = message<Instant>({ seconds: field(1, 'int64'), nanos: field(2, 'int32') })
const mask = message<{ readonly paths?: readonly string[] }>({ paths: list(1, 'string') })

/** From milliseconds, whose fraction is taken as microseconds. */
function instantOf(ms: number): Instant {
  const micros = Math.round(ms * 1_000)
  const seconds = Math.floor(micros / 1_000_000)
  return { seconds: BigInt(seconds), nanos: (micros - seconds * 1_000_000) * 1_000 }
}

function writeMessage(type: MessageType, fields: Fields, writer: Writer): Writer {
  for (const [name, { id, type: valueType, label, isOptional }] of Object.entries(type.fields)) {
    const value = fields[name]
    if (value === undefined) continue
    if (label === 'map') {
      for (const [key, one] of Object.entries(value as Fields)) {
        writer.uint32((id << 3) | 2).fork()
        writeValue('string', 1, key, writer)
        writeValue(valueType, 2, one, writer)
        writer.ldelim()
      }
    } else if (label === 'list') {
      for (const one of value as unknown[]) writeValue(valueType, id, one, writer)
    } else if (isOptional || !isDefault(value)) writeValue(valueType, id, value, writer)
  }
  return writer
}

function writeValue(type: ValueType, id: number, value: unknown, writer: Writer): void {
  writer.uint32((id << 3) | wireTypeOf(type))
  switch (type) {
    case 'string':
      writer.string(value as string)
      return
    case 'bytes':
      writer.bytes(value as Buffer)
      return
    case 'bool':
      writer.bool(value as boolean)
      return
    case 'int32':
      writer.int32(value as number)
      return
    case 'int64':
      writer.int64(halvesOf(value as bigint))
      return
    case 'timestamp':
    case 'duration':
      writeMessage(instant, instantOf(value as number) as Fields, writer.fork()).ldelim()
      return
    case 'mask':
      writeMessage(mask, { paths: value }, writer.fork()).ldelim()
      return
    default:
      if (isMessage(type)) writeMessage(type, value as Fields, writer.fork()).ldelim()
      else writer.int32(typeof value === 'number' ? value : (type.values[value as string] ?? 0))
  }
}
