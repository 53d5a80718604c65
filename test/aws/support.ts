import { randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createStore, type SecretError, type SecretStore } from 'strongroom'
import { type AwsOptions, aws } from 'strongroom/aws'
import { type AwsEmulatorOptions, awsEmulator } from 'strongroom/aws/emulator'
import { createClock, type Emulator, parseJson } from 'strongroom/testing'
import { onTestFinished } from 'vitest'
import { SecretError as SecretErrorClass } from '../../src/errors.js'
import { callsDuring } from '../support/emulator-calls.js'

export interface Bench {
  readonly emulator: Emulator
  readonly store: SecretStore
  /** Another store on the same emulator. */
  open(options?: AwsOptions): SecretStore
  /** Requests made while `run` runs, by operation. */
  counted(run: () => Promise<unknown>): Promise<Record<string, number>>
}

/** An emulator on a clock that stands still between steps of a second, and a store without layers on it. */
export async function bench(
  options: AwsOptions = {},
  emulatorOptions: AwsEmulatorOptions = {},
): Promise<Bench> {
  const clock = createClock({ start: Date.UTC(2026, 0, 1), frozen: true })
  const emulator = await awsEmulator({ clock, region: 'eu-west-1', ...emulatorOptions })
  onTestFinished(() => emulator.close())
  const open = (more: AwsOptions = {}): SecretStore =>
    storeOn({ region: 'eu-west-1', endpoint: emulator.url, ...options, ...more })
  return {
    emulator,
    store: open(),
    open,
    counted: (run) => callsDuring(emulator, run),
  }
}

/** A store without layers; timers of the provider run at once. */
export function storeOn(options: AwsOptions): SecretStore {
  const after = (_: number, run: () => void): (() => void) => {
    const immediate = setImmediate(run)
    return () => clearImmediate(immediate)
  }
  const store = createStore({ provider: aws(options), layers: [], after })
  onTestFinished(() => store.close())
  return store
}

export interface StubRequest {
  readonly operation: string
  // biome-ignore lint/suspicious/noExplicitAny: a request of any operation, looked into by a test
  readonly body: any
  readonly headers: IncomingHttpHeaders
}

export interface StubReply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A string is sent as it is. */
  readonly body?: object | string
  /** Destroys the socket instead. */
  readonly drop?: true
  /** Never answers. */
  readonly hang?: true
}

export interface Stub {
  readonly url: string
  readonly requests: StubRequest[]
  readonly operations: () => string[]
}

/** A server that answers whatever a test wants, and keeps what was sent. */
export async function stub(reply: (request: StubRequest) => StubReply): Promise<Stub> {
  const requests: StubRequest[] = []
  const server = createServer((message, response) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => {
      const target = String(message.headers['x-amz-target'])
      const request = {
        operation: target.replace('secretsmanager.', ''),
        body: parseJson(Buffer.concat(chunks).toString('utf8')),
        headers: message.headers,
      }
      requests.push(request)
      const { status = 200, headers = {}, body = {}, drop, hang } = reply(request)
      if (hang) return
      if (drop) {
        message.socket.destroy()
        return
      }
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', ...headers })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    operations: () => requests.map(({ operation }) => operation),
  }
}

/** A store on a stub. */
export function stubStore(server: Stub, options: AwsOptions = {}): SecretStore {
  return storeOn({ region: 'eu-west-1', endpoint: server.url, ...options })
}

/** The error that a call must reject with. */
export async function failure(call: Promise<unknown> | (() => unknown)): Promise<SecretError> {
  try {
    await (typeof call === 'function' ? call() : call)
  } catch (error) {
    if (SecretErrorClass.is(error)) return error
    throw error
  }
  throw new Error('the call succeeded')
}

/** A request that no provider makes. */
// biome-ignore lint/suspicious/noExplicitAny: an answer of any operation, looked into by a test
export async function raw(url: string, operation: string, body: object): Promise<any> {
  const scope = 'x/20260101/eu-west-1/secretsmanager/aws4_request'
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `secretsmanager.${operation}`,
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
  }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${operation}: ${response.status}`)
  return response.json()
}

export async function createEmpty(url: string, name: string): Promise<void> {
  await raw(url, 'CreateSecret', { Name: name, ClientRequestToken: randomUUID() })
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export const errorBody = (type: string, message: string): object => ({ __type: type, Message: message })
