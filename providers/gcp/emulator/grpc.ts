import { gunzipSync, inflateSync } from 'node:zlib'
import type { EmulatorReply, EmulatorRequest } from 'strongroom/testing'
import { statusBytes } from './details.js'
import { GcpError } from './errors.js'
import type { Exchange } from './exchange.js'
import { type Rpc, rpcs } from './rpcs.js'
import { decode, encode, MalformedMessage } from './wire.js'

const prefixBytes = 5
/** What gRPC servers take unless told otherwise. */
const maxMessageBytes = 4 * 1024 * 1024

const byPath: ReadonlyMap<string, Rpc> = new Map(rpcs.map((rpc) => [`/${rpc.service}/${rpc.name}`, rpc]))

/** A unary call; a reply where it is none, or none of a method that there is. */
export function grpcExchange(request: EmulatorRequest): Exchange | EmulatorReply {
  if (!/^application\/grpc(\+proto)?(;|$)/.test(request.headers['content-type'] ?? '')) return { status: 415 }
  if (request.method !== 'POST') return { status: 405, headers: { allow: 'POST' } }
  const rpc = byPath.get(request.path)
  if (rpc === undefined) {
    return refuse(new GcpError('UNIMPLEMENTED', `Method not found: ${request.path.slice(0, 200)}`))
  }
  const timeout = request.headers['grpc-timeout']
  const timeoutMs = timeout === undefined ? undefined : timeoutOf(String(timeout))
  if (Number.isNaN(timeoutMs)) {
    return refuse(new GcpError('INTERNAL', 'The header grpc-timeout is no time of a call.'))
  }
  return {
    rpc,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    read: () => readMessage(rpc, request),
    answer: (message) => ({
      status: 200,
      headers: { 'content-type': 'application/grpc' },
      body: framed(encode(rpc.response, message)),
      trailers: { 'grpc-status': '0' },
    }),
    refuse,
  }
}

/** An error alone: its trailers are the headers. */
function refuse(error: GcpError): EmulatorReply {
  const details = statusBytes(error)
  return {
    status: 200,
    headers: { 'content-type': 'application/grpc', 'grpc-accept-encoding': 'identity, deflate, gzip' },
    trailers: {
      'grpc-status': String(error.number),
      'grpc-message': percentEncoded(error.message),
      ...(details === undefined ? {} : { 'grpc-status-details-bin': details.toString('base64') }),
    },
  }
}

const unitsMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
}

/** Not a number for what is no time. */
function timeoutOf(text: string): number {
  const [, value, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? []
  return Number(value ?? Number.NaN) * (unitsMs[unit] ?? Number.NaN)
}

function readMessage(rpc: Rpc, request: EmulatorRequest): object {
  const bytes = unframed(request)
  try {
    return decode(rpc.request, bytes)
  } catch (error) {
    if (error instanceof MalformedMessage) {
      throw new GcpError('INTERNAL', `The request is no ${rpc.name}Request in the form of protocol buffers.`)
    }
    throw error
  }
}

function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(prefixBytes)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** The one message of a unary request. */
function unframed({ body, headers }: EmulatorRequest): Buffer {
  if (body.length < prefixBytes) throw new GcpError('INTERNAL', 'The request holds no message.')
  const flag = body.readUInt8(0)
  const length = body.readUInt32BE(1)
  if (length > maxMessageBytes) throw tooLarge(length)
  const message = body.subarray(prefixBytes, prefixBytes + length)
  if (flag > 1 || message.length < length)
    throw new GcpError('INTERNAL', 'The frame of the message is damaged.')
  if (body.length > prefixBytes + length) {
    throw new GcpError('INTERNAL', 'The request of a unary call holds more than one message.')
  }
  return flag === 1 ? expanded(message, String(headers['grpc-encoding'] ?? 'identity')) : message
}

function expanded(message: Buffer, encoding: string): Buffer {
  const expand = encoding === 'gzip' ? gunzipSync : encoding === 'deflate' ? inflateSync : undefined
  if (encoding === 'identity') {
    throw new GcpError('INTERNAL', 'The message is marked as compressed, but no grpc-encoding is named.')
  }
  if (expand === undefined) {
    throw new GcpError('UNIMPLEMENTED', `The grpc-encoding ${encoding.slice(0, 50)} is not supported.`)
  }
  try {
    return expand(message, { maxOutputLength: maxMessageBytes })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    if (code?.startsWith('Z_') === true) {
      throw new GcpError('INTERNAL', `The message is not compressed as ${encoding} says.`)
    }
    throw error
  }
}

function tooLarge(length?: number): GcpError {
  const size = length === undefined ? '' : ` (${length} vs. ${maxMessageBytes})`
  return new GcpError('RESOURCE_EXHAUSTED', `Received message larger than max${size}`)
}

/** All but the printable characters of ASCII, the percent sign itself, and a space at an end: no header keeps it. */
function percentEncoded(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replaceAll(
      /[^ -$&-~]|^ | $/g,
      (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
}
