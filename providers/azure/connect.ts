import { readFileSync } from 'node:fs'
import { SecretClient } from '@azure/keyvault-secrets'
import { refusal } from 'strongroom/provider'
import type { AzureClient, AzureCredential } from './client.js'
import { defaultCredential, guarded, loopbackCredential } from './credential.js'
import type { Endpoint } from './endpoint.js'
import { type Expiry, writtenExpiry } from './expiry.js'
import { type Pager, pager } from './paging.js'

export interface ConnectOptions {
  readonly credential?: AzureCredential | undefined
  /** Path of a PEM file with the authority to trust. */
  readonly caFile?: string | undefined
}

export interface Connection {
  readonly client: AzureClient
  readonly pager: Pager
  readonly expiry: Expiry
}

/** The official client with its own retries and redirects off. */
export function connect({ origin, isLoopback, isPlain }: Endpoint, options: ConnectOptions): Connection {
  const { credential = isLoopback ? loopbackCredential : defaultCredential(), caFile } = options
  const pages = pager(origin)
  const expiry = writtenExpiry()
  const client = new SecretClient(origin, guarded(credential), {
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    disableChallengeResourceVerification: isLoopback,
    allowInsecureConnection: isPlain,
    additionalPolicies: [
      { policy: pages.policy, position: 'perCall' },
      { policy: expiry.policy, position: 'perCall' },
    ],
    ...(caFile !== undefined && { tlsOptions: { ca: readAuthority(caFile) } }),
  })
  return { client, pager: pages, expiry }
}

function readAuthority(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code !== 'string') throw error
    throw refusal('CONFIG_INVALID', `caFile ${JSON.stringify(caFile)} cannot be read (${code})`)
  }
}
