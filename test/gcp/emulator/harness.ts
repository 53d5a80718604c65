import { type GcpEmulatorOptions, type GcpEvent, gcpEmulator } from 'strongroom/gcp/emulator'
import { createClock, type Emulator } from 'strongroom/testing'
import { callGrpc, type Outcome, type RawError } from './raw.js'

export type Transport = 'grpc' | 'rest'
export const transports: readonly Transport[] = ['grpc', 'rest']

export const start: number = Date.UTC(2026, 0, 1)
export const project = 'projects/emulator-project'
/** How the service spells it. */
export const numbered = 'projects/123456789012'

export interface Raw {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: answers of a service, read field by field in tests
  readonly body: any
}

export interface Harness {
  readonly emulator: Emulator
  readonly events: GcpEvent[]
  /** The answer of a method, as JSON on both transports. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of a service, read field by field in tests
  call(rpc: string, request: object, headers?: Readonly<Record<string, string>>): Promise<any>
  /** Code and text of a refusal. */
  refusal(rpc: string, request: object, headers?: Readonly<Record<string, string>>): Promise<[string, string]>
  error(rpc: string, request: object, headers?: Readonly<Record<string, string>>): Promise<RawError>
  raw(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Raw>
  /** Makes a secret with automatic replication and a version for each value; gives its name. */
  make(id: string, values?: readonly string[], more?: object): Promise<string>
  advance(ms: number): void
  close(): Promise<void>
}

/** The emulator on a clock that stands still, called over one transport. */
export async function startHarness(transport: Transport, options: GcpEmulatorOptions = {}): Promise<Harness> {
  const events: GcpEvent[] = []
  const emulator = await gcpEmulator({
    clock: createClock({ start, frozen: true }),
    projectNumbers: { 'emulator-project': '123456789012' },
    onEvent: (event) => events.push(event),
    ...options,
  })
  const raw: Harness['raw'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${emulator.restUrl}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: isJson ? await new Response(text).json() : undefined,
    }
  }
  const outcome = async (
    rpc: string,
    request: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> => {
    if (transport === 'grpc') return callGrpc(emulator.url, rpc, request, headers)
    const { method, path, body } = restOf(rpc, request as Fields)
    const answer = await raw(method, path, body, headers)
    if (answer.status === 200) return { body: answer.body }
    const { status, message, details = [], code } = answer.body.error
    if (code !== answer.status) throw new Error('the code of the body is not the status of the answer')
    return { error: { code: numbers.indexOf(status), message, details } }
  }
  const call: Harness['call'] = async (...args) => {
    const { body, error } = await outcome(...args)
    if (error !== undefined) throw new Error(`${args[0]}: ${numbers[error.code]}: ${error.message}`)
    return body
  }
  const error: Harness['error'] = async (...args) => {
    const answer = await outcome(...args)
    if (answer.error === undefined) throw new Error(`${args[0]} was not refused`)
    return answer.error
  }
  return {
    emulator,
    events,
    call,
    error,
    raw,
    async refusal(...args) {
      const { code, message } = await error(...args)
      return [numbers[code] ?? String(code), message]
    },
    async make(id, values = [], more = {}) {
      const secret = { replication: { automatic: {} }, ...more }
      const { name } = await call('CreateSecret', { parent: project, secretId: id, secret })
      for (const value of values)
        await call('AddSecretVersion', { parent: name, payload: { data: base64(value) } })
      return name
    },
    advance: (ms) => emulator.clock.advance(ms),
    close: () => emulator.close(),
  }
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64')

export const numbers: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]

type Fields = Readonly<Record<string, unknown>>

/** `GET name:access`: which member names the resource, what follows it, and which member is the body. */
const rest: Readonly<Record<string, readonly [method: string, name: string, suffix: string, body?: string]>> =
  {
    ListSecrets: ['GET', 'parent', '/secrets'],
    CreateSecret: ['POST', 'parent', '/secrets', 'secret'],
    AddSecretVersion: ['POST', 'parent', ':addVersion', '*'],
    GetSecret: ['GET', 'name', ''],
    UpdateSecret: ['PATCH', 'secret.name', '', 'secret'],
    DeleteSecret: ['DELETE', 'name', ''],
    ListSecretVersions: ['GET', 'parent', '/versions'],
    GetSecretVersion: ['GET', 'name', ''],
    AccessSecretVersion: ['GET', 'name', ':access'],
    DisableSecretVersion: ['POST', 'name', ':disable', '*'],
    EnableSecretVersion: ['POST', 'name', ':enable', '*'],
    DestroySecretVersion: ['POST', 'name', ':destroy', '*'],
    SetIamPolicy: ['POST', 'resource', ':setIamPolicy', '*'],
    GetIamPolicy: ['GET', 'resource', ':getIamPolicy'],
    TestIamPermissions: ['POST', 'resource', ':testIamPermissions', '*'],
    EnableManagedRotation: ['POST', 'parent', ':enableManagedRotation', '*'],
    RotateSecret: ['POST', 'parent', ':rotateSecret', '*'],
    ListLocations: ['GET', 'name', '/locations'],
    GetLocation: ['GET', 'name', ''],
  }

/** The request of REST, put together by hand and not by the emulator's own table. */
function restOf(rpc: string, request: Fields): { method: string; path: string; body?: object } {
  const [method, nameField, suffix, bodyField] = rest[rpc] ?? []
  if (method === undefined || nameField === undefined) throw new Error(`there is no method ${rpc}`)
  const { [nameField]: named, ...others } = request
  const secret = request['secret'] as Fields | undefined
  const name = nameField === 'secret.name' ? secret?.['name'] : named
  const path = `/v1/${name}${suffix}`
  if (bodyField === '*') return { method, path, body: others }
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(others)) {
    if (key === bodyField) continue
    if (typeof value !== 'object') query.append(key, String(value))
    else
      for (const [inner, one] of Object.entries(value as Fields)) query.append(`${key}.${inner}`, String(one))
  }
  const target = query.size === 0 ? path : `${path}?${query}`
  if (bodyField === undefined) return { method, path: target }
  return { method, path: target, body: (request[bodyField] as object | undefined) ?? {} }
}
