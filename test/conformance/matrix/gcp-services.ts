import { gcp } from 'strongroom/gcp'
import { gcpEmulator } from 'strongroom/gcp/emulator'
import { canary, createClock, type Emulator } from 'strongroom/testing'
import type { Forged } from './fault-server.js'
import { retryAfter } from './faults.js'
import { grpcType, startGrpcFaultServer } from './grpc-fault-server.js'
import type { Service } from './services.js'

const token = `${canary}.token.token.token`
const credential = {
  getRequestHeaders: async () => new Headers({ authorization: `Bearer ${token}` }),
  universeDomain: 'googleapis.com',
}

/** A status is a word over REST and a number over gRPC. */
const errors: Readonly<Record<string, readonly [status: string, number: number, text: string]>> = {
  '400': ['INVALID_ARGUMENT', 3, 'a field is wrong'],
  '401': ['UNAUTHENTICATED', 16, 'the token is wrong'],
  '403': ['PERMISSION_DENIED', 7, 'permission denied (or it may not exist)'],
  '404': ['NOT_FOUND', 5, 'not found'],
  // An etag that is not the one that is there.
  '409': ['FAILED_PRECONDITION', 9, 'the etag does not match'],
  '429': ['RESOURCE_EXHAUSTED', 8, 'quota exceeded'],
  '429-retry-after': ['RESOURCE_EXHAUSTED', 8, 'quota exceeded'],
  '500': ['INTERNAL', 13, 'internal error'],
  '503': ['UNAVAILABLE', 14, 'the service is down'],
}

const errorOf = (fault: string): readonly [status: string, number: number, text: string] =>
  errors[fault] ?? ['INTERNAL', 13, 'internal error']

const startAt = (address: (emulator: Emulator) => string | undefined): Service['start'] => {
  return async () => {
    const clock = createClock({ start: Date.UTC(2026, 0, 1), frozen: true })
    const emulator = await gcpEmulator({ clock })
    return { emulator, url: address(emulator) ?? emulator.url }
  }
}

const common = {
  unknownHost: 'https://secretmanager.nowhere.invalid',
  credentials: [token],
} satisfies Partial<Service>

/** Google over each of its transports. */
export const gcpServices: readonly Service[] = [
  {
    ...common,
    name: 'gcp',
    start: startAt(({ restUrl }) => restUrl),
    provider: (endpoint) => gcp({ project: 'my-project', endpoint, transport: 'rest', credential }),
    dialect: (fault, echo) => {
      const [status, , text] = errorOf(fault)
      const code = fault === '409' ? 400 : Number(fault.slice(0, 3))
      const headers = { 'content-type': 'application/json; charset=UTF-8', ...retryAfter(fault) }
      return {
        status: code,
        headers,
        body: JSON.stringify({ error: { code, message: `${text}: ${echo}`, status } }),
      }
    },
    isWrite: ({ method }) => method !== 'GET',
  },
  {
    ...common,
    name: 'gcp-grpc',
    start: startAt(({ url }) => url),
    startFaults: startGrpcFaultServer,
    keepsConnections: true,
    provider: (endpoint) => gcp({ project: 'my-project', endpoint, transport: 'grpc', credential }),
    dialect: (fault, echo) => {
      const [, number, text] = errorOf(fault)
      return refusal(number, `${text}: ${echo}`, fault === '429-retry-after' ? 7 : undefined)
    },
    // A message whose first field has a wire type that there is not, and the value behind it.
    undecodable: (stored) => {
      const message = Buffer.from(`\u000f${stored}`)
      const prefix = Buffer.of(0, 0, 0, 0, message.length).toString('latin1')
      return { status: 200, headers: { 'content-type': grpcType }, body: `${prefix}${message}` }
    },
    isWrite: ({ headers }) => !/\/(Get|List|Access)/.test(String(headers[':path'])),
  },
]

/** A status alone: trailers that are the headers. */
function refusal(number: number, text: string, delaySeconds: number | undefined): Forged {
  const details =
    delaySeconds === undefined ? {} : { 'grpc-status-details-bin': retryInfo(number, delaySeconds) }
  const headers = {
    'content-type': grpcType,
    'grpc-status': String(number),
    'grpc-message': percentEncoded(text),
    ...details,
  }
  return { status: 200, headers, body: '' }
}

/** What is not printable in ASCII, and the percent sign: clients leave other escapes as they are. */
function percentEncoded(text: string): string {
  return text.replaceAll(/[^ -$&-~]+/g, encodeURIComponent)
}

/** A google.rpc.Status whose one detail asks to wait. */
function retryInfo(status: number, delaySeconds: number): string {
  const delay = part(1, Buffer.of(1 << 3, delaySeconds))
  const type = Buffer.from('type.googleapis.com/google.rpc.RetryInfo')
  const detail = Buffer.concat([part(1, type), part(2, delay)])
  return Buffer.concat([Buffer.of(1 << 3, status), part(3, detail)]).toString('base64')
}

/** A field of protocol buffers that holds bytes, fewer than 128. */
function part(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of((field << 3) | 2, bytes.length), bytes])
}
