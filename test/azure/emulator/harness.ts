import { readFileSync } from 'node:fs'
import type { TokenCredential } from '@azure/identity'
import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets'
import { type AzureEmulatorOptions, azureEmulator } from 'strongroom/azure/emulator'
import { createClock, type Emulator } from 'strongroom/testing'

export const start: number = Date.UTC(2026, 0, 1)

export interface RawOptions {
  /** Default `2026-04-01`; null leaves it out. */
  readonly apiVersion?: string | null
  /** Default a token that no rule knows; null sends none. */
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: string
  readonly base?: string
}

export interface Raw {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: answers of a service, read field by field in tests
  readonly body: any
}

export interface Harness {
  readonly emulator: Emulator
  raw(method: string, path: string, body?: unknown, options?: RawOptions): Promise<Raw>
  /** Sets a secret and gives its version id. */
  set(name: string, value?: string, more?: object): Promise<string>
  /** Status, outer code, inner code and text of an answer. */
  refusal(method: string, path: string, body?: unknown, options?: RawOptions): Promise<unknown[]>
  /** An official client. Over HTTPS it trusts the emulator's authority and nothing else. */
  client(scheme?: 'http' | 'https', more?: SecretClientOptions): SecretClient
  advance(ms: number): void
  close(): Promise<void>
}

/** The emulator on a clock that stands still. */
export async function startHarness(options: AzureEmulatorOptions = {}): Promise<Harness> {
  const emulator = await azureEmulator({ clock: createClock({ start, frozen: true }), ...options })
  const { url, httpUrl = '', caFile = '' } = emulator
  const raw: Harness['raw'] = async (method, path, body, more = {}) => {
    const { apiVersion = '2026-04-01', token = 'any', query = '', headers = {}, base = httpUrl } = more
    const version = apiVersion === null ? '' : `api-version=${apiVersion}`
    const answer = await fetch(`${base}${path}?${version}${query}`, {
      method,
      headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? undefined : await new Response(text).json(),
    }
  }
  return {
    emulator,
    raw,
    async set(name, value = 'v', more = {}) {
      const { status, body } = await raw('PUT', `/secrets/${name}`, { value, ...more })
      if (status !== 200) throw new Error(`set answered ${status}`)
      return body.id.split('/').at(-1)
    },
    async refusal(...request) {
      const { status, body } = await raw(...request)
      return [status, body?.error?.code, body?.error?.innererror?.code, body?.error?.message]
    },
    client: (scheme = 'http', more = {}) =>
      new SecretClient(scheme === 'http' ? httpUrl : url, credential, {
        disableChallengeResourceVerification: true,
        retryOptions: { maxRetries: 0 },
        ...(scheme === 'http'
          ? { allowInsecureConnection: true }
          : { tlsOptions: { ca: readFileSync(caFile, 'utf8') } }),
        ...more,
      } as SecretClientOptions),
    advance: (ms) => emulator.clock.advance(ms),
    close: () => emulator.close(),
  }
}

export const credential: TokenCredential = {
  getToken: async () => ({ token: 'test', expiresOnTimestamp: Date.now() + 3_600_000 }),
}

/** The text of a secret that the vault does not know. */
export function notFound(name: string): string {
  return `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`
}

/** An unsigned JWT. */
export function jwt(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part(claims)}.signature`
}
