import { request } from 'node:http'
import { createClock, type Emulator } from 'strongroom/testing'
import { type VaultEmulatorOptions, vaultEmulator } from 'strongroom/vault/emulator'

export const start: number = Date.UTC(2026, 0, 1)

export interface RawOptions {
  /** Default `root`; null sends none. */
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

export interface Raw {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  // biome-ignore lint/suspicious/noExplicitAny: answers of a service, read field by field in tests
  readonly body: any
}

export interface Harness {
  readonly emulator: Emulator
  /** A request below `/v1/`; an object is sent as JSON, a text as it is. */
  raw(method: string, path: string, body?: unknown, options?: RawOptions): Promise<Raw>
  /** Status and texts of an answer. */
  refusal(method: string, path: string, body?: unknown, options?: RawOptions): Promise<unknown[]>
  /** A token with these rules, `{ 'secret/data/*': ['read'] }`, and what else is asked for. */
  token(rules: Readonly<Record<string, readonly string[]>>, more?: object): Promise<string>
  advance(ms: number): void
  close(): Promise<void>
}

export const patch: RawOptions = { headers: { 'content-type': 'application/merge-patch+json' } }

/** The emulator on a clock that stands still. */
export async function startHarness(options: VaultEmulatorOptions = {}): Promise<Harness> {
  const emulator = await vaultEmulator({ clock: createClock({ start, frozen: true }), ...options })
  const { url } = emulator
  const raw: Harness['raw'] = (method, path, body, { token = 'root', headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const sent = { ...(token === null ? {} : { 'x-vault-token': token }), ...headers }
      const outgoing = request(`${url}/v1/${path}`, { method, headers: sent }, (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('error', reject)
        answer.on('data', (chunk: string) => {
          text += chunk
        })
        answer.on('end', () => {
          const isJson = /^[{[]/.test(text)
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: isJson ? JSON.parse(text) : text === '' ? undefined : text,
          })
        })
      })
      outgoing.on('error', reject)
      outgoing.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
    })
  let policies = 0
  return {
    emulator,
    raw,
    async refusal(...args) {
      const { status, body } = await raw(...args)
      return [status, ...(body?.errors ?? [])]
    },
    async token(rules, more = {}) {
      policies += 1
      const policy = JSON.stringify({
        path: Object.fromEntries(
          Object.entries(rules).map(([path, capabilities]) => [path, { capabilities }]),
        ),
      })
      await raw('PUT', `sys/policies/acl/p${policies}`, { policy })
      const { body } = await raw('POST', 'auth/token/create', { policies: [`p${policies}`], ...more })
      return body.auth.client_token
    },
    advance: (ms) => emulator.clock.advance(ms),
    close: () => emulator.close(),
  }
}

export const denied: readonly unknown[] = [403, '1 error occurred:\n\t* permission denied\n\n']
