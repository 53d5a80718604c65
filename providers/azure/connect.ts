import { readFileSync } from 'node:fs'
import { SecretClient } from '@azure/keyvault-secrets'
import { refusal } from 'strongroom/provider'
import type { AzureClient, AzureCredential } from './client.js'
import { advice, defaultCredential, guarded, loopbackCredential } from './credential.js'
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
export function connect(endpoint: Endpoint, { credential, caFile }: ConnectOptions): Connection {
  const { origin, isLoopback, isPlain } = endpoint
  const pages = pager(origin)
  const expiry = writtenExpiry()
  const client = new SecretClient(origin, credentialFor(endpoint, credential), {
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

function credentialFor(
  { isLoopback, authorityHost }: Endpoint,
  given: AzureCredential | undefined,
): AzureCredential {
  if (given !== undefined) return guarded(given, advice.given)
  return isLoopback ? loopbackCredential : guarded(defaultCredential({ authorityHost }), advice.chain)
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
