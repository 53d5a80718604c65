import { randomUUID } from 'node:crypto'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { type AwsEmulatorOptions, awsEmulator } from 'strongroom/aws/emulator'
import { type Clock, createClock, type Emulator } from 'strongroom/testing'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any operation, looked into by a test
  readonly body: any
}

export interface Harness {
  readonly emulator: Emulator
  readonly clock: Clock
  readonly client: SecretsManagerClient
  /** A request as any HTTP client sends it, unsigned unless headers say so. */
  raw(operation: string, body?: object | string, headers?: Record<string, string>): Promise<Answer>
  /** The same for success only: the body, or a failed test that names the error. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any operation, looked into by a test
  ok(operation: string, body?: object, headers?: Record<string, string>): Promise<any>
  /** `[status, code, message]` of a request that has to be refused. */
  refused(operation: string, body?: object | string, headers?: Record<string, string>): Promise<unknown[]>
  create(name: string, more?: object): Promise<string>
  put(name: string, value: string, stages?: readonly string[]): Promise<string>
  close(): Promise<void>
}

export const start: number = Date.UTC(2026, 0, 1, 12)

/** An emulator on a frozen clock, and clients for it. */
export async function startHarness(options: AwsEmulatorOptions = {}): Promise<Harness> {
  const clock = options.clock ?? createClock({ start, frozen: true })
  const emulator = await awsEmulator({ ...options, clock })
  const client = clientFor(emulator.url, options.credentials)
  const raw: Harness['raw'] = async (operation, body = {}, headers = {}) => {
    const response = await fetch(emulator.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `secretsmanager.${operation}`,
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
  const ok: Harness['ok'] = async (operation, body, headers) => {
    const answer = await raw(operation, body, headers)
    if (answer.status !== 200) throw new Error(`${operation}: ${answer.body.__type}: ${answer.body.Message}`)
    return answer.body
  }
  return {
    emulator,
    clock,
    client,
    raw,
    ok,
    async refused(operation, body, headers) {
      const answer = await raw(operation, body, headers)
      return [answer.status, answer.body.__type, answer.body.Message]
    },
    async create(name, more = { SecretString: 'v1' }) {
      return (await ok('CreateSecret', { Name: name, ClientRequestToken: randomUUID(), ...more })).VersionId
    },
    async put(name, value, stages) {
      const body = { SecretId: name, SecretString: value, ClientRequestToken: randomUUID() }
      return (await ok('PutSecretValue', stages === undefined ? body : { ...body, VersionStages: stages }))
        .VersionId
    },
    async close() {
      client.destroy()
      await emulator.close()
    },
  }
}

export function clientFor(
  endpoint: string,
  credentials: AwsEmulatorOptions['credentials'] = { accessKeyId: 'test', secretAccessKey: 'test' },
  region = 'us-east-1',
): SecretsManagerClient {
  return new SecretsManagerClient({ endpoint, region, credentials, maxAttempts: 1 })
}
