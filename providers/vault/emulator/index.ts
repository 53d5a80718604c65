import { createPublicKey, type JsonWebKey, type KeyObject, randomBytes } from 'node:crypto'
import { type Emulator, type EmulatorOptions, startEmulator } from 'strongroom/testing'
import type { Review } from './kubernetes.js'
import { vaultService } from './service.js'
import type { NodeRole, VaultFacts } from './settings.js'

export interface VaultEmulatorOptions extends EmulatorOptions {
  /** Default `root`. */
  readonly rootToken?: string
  /** The one key that unseals it, in base64 or hex. Default: 32 bytes that spell so. */
  readonly unsealKey?: string
  /** Default `active`: what sys/health tells, and whether requests are answered, sent on, or refused. */
  readonly node?: NodeRole
  /** Where a node that is not active sends its clients, by 307: `http://127.0.0.1:8200`. Default: it answers 503. */
  readonly activeUrl?: string
  /** HTTPS under a certificate authority in `caFile`, with plain HTTP on `httpUrl`. Default false. */
  readonly secure?: boolean
  /** Port of plain HTTP beside HTTPS. Default: the next one, or a free one. */
  readonly httpPort?: number
  /**
   * Sets of public keys by their URL, for JWT mounts that name one as `jwks_url` or `oidc_discovery_url`. Nothing is
   * fetched. Default: none; a mount may also be given keys as `jwt_validation_pubkeys`.
   */
  readonly keySets?: Readonly<Record<string, { readonly keys: readonly JsonWebKey[] }>>
  /**
   * Says whose a service-account token is, as the API server of Kubernetes would. Default: the `pem_keys` of the mount
   * decide, and the claims tell whose it is.
   */
  readonly tokenReview?: (jwt: string, audiences: readonly string[]) => Review
  /** For tokens and ids. Default `crypto.randomBytes`. */
  readonly randomBytes?: (size: number) => Uint8Array
  /** Choices where the sheets of the service leave it open, or OpenBao and Vault differ. */
  readonly facts?: Partial<VaultFacts>
}

/**
 * A Vault or OpenBao server on loopback, as its dev mode starts: unsealed, with a root token and KV version 2 at `secret/`.
 * KV in both versions, tokens and policies, AppRole, JWT and Kubernetes logins, response wrapping, rate-limit quotas,
 * namespaces, seal and health. Answers are those of OpenBao 2.7.2. Numbers beyond 2^53 lose digits, which the server keeps.
 *
 * `calls` and `faults` go by the names of the service's OpenAPI document: `kv-v2-read`, `kv-v2-write`, `kv-v2-list`,
 * `app-role-login`. The service has no error codes: in `faults`, `error` is one of its texts (`Vault is sealed`).
 */
export async function vaultEmulator(options: VaultEmulatorOptions = {}): Promise<Emulator> {
  const { rootToken = 'root', clock } = options
  const service = vaultService({
    rootToken,
    unsealKey: options.unsealKey ?? Buffer.from('32 bytes that unseal an emulator').toString('base64'),
    node: options.node ?? 'active',
    activeUrl: options.activeUrl,
    startedAt: clock?.now() ?? Date.now(),
    randomBytes: options.randomBytes ?? randomBytes,
    keySets: keysOf(options.keySets ?? {}),
    tokenReview: options.tokenReview,
    facts: {
      version: '2.7.2',
      tokenPrefix: 's.',
      deniedText: 'list',
      badLoginText: 'invalid role or secret ID',
      client: ['bao', 'OpenBao'],
      performanceStandby: false,
      maxTtlMs: 768 * 3_600_000,
      ...options.facts,
    },
  })
  return startEmulator(service, { ...options, listVerbs: true })
}

function keysOf(
  sets: NonNullable<VaultEmulatorOptions['keySets']>,
): Readonly<Record<string, readonly KeyObject[]>> {
  return Object.fromEntries(
    Object.entries(sets).map(([url, { keys }]) => [
      url,
      keys.map((key) => createPublicKey({ key, format: 'jwk' })),
    ]),
  )
}

export type { NodeRole, Review, VaultFacts }
