import { createStore, type SecretStore, timeout } from 'strongroom'
import { aws } from 'strongroom/aws'
import { awsEmulator } from 'strongroom/aws/emulator'
import { azure } from 'strongroom/azure'
import { azureEmulator } from 'strongroom/azure/emulator'
import type { SecretProvider } from 'strongroom/provider'
import { canary, createClock, type Emulator } from 'strongroom/testing'
import { vault } from 'strongroom/vault'
import { vaultEmulator } from 'strongroom/vault/emulator'
import type { FaultServer, Forged, Passing } from './fault-server.js'
import { type Dialect, retryAfter } from './faults.js'
import { gcpServices } from './gcp-services.js'

/** What stands behind the faults: an emulator, or a server that others wrote. */
export type Backend = Pick<Emulator, 'clock' | 'close'>

/** A cloud of the matrix: its emulator, its provider on any address, and how it words errors. */
export interface Service {
  readonly name: 'aws' | 'azure' | 'gcp' | 'gcp-grpc' | 'vault'
  readonly start: () => Promise<{ readonly emulator: Backend; readonly url: string }>
  /** What breaks its protocol. Default: a fault server of HTTP. */
  readonly startFaults?: (upstream: string) => Promise<FaultServer>
  /** One connection carries many requests, so that what strikes a connection needs a new one. Default false. */
  readonly keepsConnections?: boolean
  readonly provider: (endpoint: string) => SecretProvider
  /** An https address that no name server knows. */
  readonly unknownHost: string
  readonly dialect: Dialect
  /** An answer of success that cannot be decoded. Default: JSON that ends early. */
  readonly undecodable?: (stored: string) => Forged
  readonly isWrite: (request: Passing) => boolean
  /** What must be in no error either. */
  readonly credentials: readonly string[]
}

const accessKey = `${canary}AKIDAKIDAKID`
const secretKey = `${canary}+secret/key+secret/key`
const token = `${canary}.token.token.token`

const awsErrors: Readonly<Record<string, readonly [status: number, type: string]>> = {
  '400': [400, 'InvalidParameterException'],
  '401': [400, 'UnrecognizedClientException'],
  '403': [400, 'AccessDeniedException'],
  '404': [400, 'ResourceNotFoundException'],
  '409': [400, 'ResourceExistsException'],
  '429': [400, 'ThrottlingException'],
  '429-retry-after': [400, 'ThrottlingException'],
  '500': [500, 'InternalServiceError'],
  '503': [503, 'ServiceUnavailable'],
}

const azureErrors: Readonly<Record<string, readonly [code: string, inner?: string]>> = {
  '400': ['BadParameter'],
  '401': ['Unauthorized'],
  '403': ['Forbidden', 'ForbiddenByRbac'],
  '404': ['SecretNotFound'],
  '409': ['Conflict', 'ObjectIsBeingDeleted'],
  '429': ['Throttled'],
  '429-retry-after': ['Throttled'],
  '500': ['InternalServerError'],
  '503': ['ServiceUnavailable'],
}

const vaultErrors: Readonly<Record<string, readonly [status: number, text: string]>> = {
  '400': [400, 'bad request'],
  // The words for a token are others than those for a policy.
  '401': [403, 'permission denied'],
  '403': [403, '1 error occurred:\n\t* permission denied\n\n'],
  '404': [404, ''],
  '409': [400, 'check-and-set parameter did not match the current version'],
  '429': [429, 'rate limit quota exceeded'],
  '429-retry-after': [429, 'rate limit quota exceeded'],
  '500': [500, 'internal error'],
  '503': [503, 'Vault is sealed'],
}

export const services: readonly Service[] = [
  {
    name: 'aws',
    start: async () => {
      const clock = createClock({ start: Date.UTC(2026, 0, 1), frozen: true })
      const emulator = await awsEmulator({ clock, region: 'eu-west-1' })
      return { emulator, url: emulator.url }
    },
    provider: (endpoint) =>
      aws({
        region: 'eu-west-1',
        endpoint,
        credentials: { accessKeyId: accessKey, secretAccessKey: secretKey, sessionToken: token },
      }),
    unknownHost: 'https://secretsmanager.eu-west-1.amazonaws.com',
    dialect: (fault, echo) => {
      const [status, type] = awsErrors[fault] ?? [500, 'InternalFailure']
      const headers = { 'content-type': 'application/x-amz-json-1.1', ...retryAfter(fault) }
      return { status, headers, body: JSON.stringify({ __type: type, Message: `refused: ${echo}` }) }
    },
    isWrite: ({ headers }) => !/\.(Get|List|Describe|Batch)/.test(String(headers['x-amz-target'])),
    credentials: [secretKey, token],
  },
  {
    name: 'azure',
    start: async () => {
      const clock = createClock({ start: Date.UTC(2026, 0, 1), frozen: true })
      const emulator = await azureEmulator({ clock })
      return { emulator, url: emulator.httpUrl ?? emulator.url }
    },
    provider: (endpoint) => {
      const credential = { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }
      return endpoint.startsWith('https://my-vault')
        ? azure({ vaultUrl: endpoint, credential })
        : azure({ endpoint, credential })
    },
    unknownHost: 'https://my-vault.vault.azure.net',
    dialect: (fault, echo) => {
      const [code, inner] = azureErrors[fault] ?? ['InternalServerError']
      const error = { code, message: `refused: ${echo}`, ...(inner && { innererror: { code: inner } }) }
      const headers = { 'content-type': 'application/json; charset=utf-8', ...retryAfter(fault) }
      return { status: Number(fault.slice(0, 3)), headers, body: JSON.stringify({ error }) }
    },
    isWrite: ({ method }) => method !== 'GET',
    credentials: [token],
  },
  {
    name: 'vault',
    start: async () => {
      const clock = createClock({ start: Date.UTC(2026, 0, 1), frozen: true })
      const emulator = await vaultEmulator({ clock, rootToken: token })
      return { emulator, url: emulator.url }
    },
    provider: (endpoint) => vault({ address: endpoint, token }),
    unknownHost: 'https://vault.example.com:8200',
    dialect: (fault, echo) => {
      const [status, text] = vaultErrors[fault] ?? [500, 'internal error']
      const saysWhat = fault === '401' || fault === '403' || text === '' || echo === ''
      const errors = text === '' ? [] : [saysWhat ? text : `${text}: ${echo}`]
      const headers = { 'content-type': 'application/json', ...retryAfter(fault) }
      return { status, headers, body: JSON.stringify({ errors }) }
    },
    isWrite: ({ method }) => method !== 'GET',
    credentials: [token],
  },
  ...gcpServices,
]

/**
 * A store without retries, on the emulator's clock. With a server it has a time limit, which is over as soon as a
 * request hangs there.
 */
export function storeOn(
  service: Service,
  endpoint: string,
  emulator: Backend,
  server?: FaultServer,
): SecretStore {
  const after = (delayMs: number, run: () => void): (() => void) => {
    if (delayMs === attemptMs && server !== undefined) return server.onHang(run)
    const turn = setImmediate(() => {
      emulator.clock.advance(delayMs)
      run()
    })
    return () => clearImmediate(turn)
  }
  const layers = server === undefined ? [] : [timeout({ readMs: attemptMs, writeMs: attemptMs })]
  return createStore({ provider: service.provider(endpoint), layers, now: () => emulator.clock.now(), after })
}

/** Told from all other delays by its number. */
const attemptMs = 123
