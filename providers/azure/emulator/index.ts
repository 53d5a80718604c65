import { randomBytes } from 'node:crypto'
import { type Emulator, type EmulatorOptions, startEmulator } from 'strongroom/testing'
import type { AzureFacts } from './model.js'
import { azureService } from './service.js'
import type { TokenRules } from './tokens.js'

export interface AzureEmulatorOptions extends EmulatorOptions {
  /** Port of plain HTTP; `port` is that of HTTPS. Default: the next one, or a free one. */
  readonly httpPort?: number
  /** What a token must be. Default: any bearer token is accepted; without one, a request is challenged. */
  readonly tokens?: TokenRules
  /** Tenant in the challenge. Default `00000000-0000-0000-0000-000000000000`. */
  readonly tenantId?: string
  /**
   * Resource in the challenge. Default: for a client that calls `vault.localhost:8443` it is `https://localhost:8443`, which
   * passes the challenge-resource verification of every official client; on `localhost` and on an address no resource
   * does, and it is `https://vault.azure.net`, as of the service.
   */
  readonly resource?: string
  /** Name of the vault, in texts of errors. Default `emulator`. */
  readonly vaultName?: string
  /** Default `westeurope`. */
  readonly region?: string
  /** Days that a deleted secret can be recovered, 7 to 90. Default 90. */
  readonly retentionDays?: number
  /** Refuses to purge. Default false. */
  readonly purgeProtection?: boolean
  /** Between the answer to a deletion and the secret being deleted, on the clock. Default 1,000. */
  readonly deleteDelayMs?: number
  /** Between the answer to a recovery and the secret being back. Default 1,000. */
  readonly recoverDelayMs?: number
  /** Between the answer to a purge and the deleted secret not being there any more. Default 500. */
  readonly purgeDelayMs?: number
  /** From then on until the name can be used again. Default 500. */
  readonly purgedNameDelayMs?: number
  /** For version ids. Default `crypto.randomBytes`. */
  readonly randomBytes?: (size: number) => Uint8Array
  /** Choices where no primary source tells what the service does. */
  readonly facts?: Partial<AzureFacts>
}

/**
 * The secrets of an Azure key vault on loopback: HTTPS with a certificate authority in `caFile`, plain HTTP on
 * `httpUrl`, both on one state. Backup and restore are not in it: they answer as a method that the service does not know.
 *
 * In `faults` an error is a code of the service, outer or inner (`Throttled`, `ForbiddenByRbac`, `SecretDisabled`), or
 * `insufficient_claims` for a challenge that asks for another token.
 *
 * @throws {RangeError} for a retention out of range, or a delay that is not a number of milliseconds >= 0.
 */
export async function azureEmulator(options: AzureEmulatorOptions = {}): Promise<Emulator> {
  const { retentionDays = 90, deleteDelayMs = 1_000, recoverDelayMs = 1_000 } = options
  const { purgeDelayMs = 500, purgedNameDelayMs = 500 } = options
  if (!(Number.isInteger(retentionDays) && retentionDays >= 7 && retentionDays <= 90)) {
    throw new RangeError('retentionDays must be a whole number from 7 to 90')
  }
  for (const [name, delayMs] of Object.entries({
    deleteDelayMs,
    recoverDelayMs,
    purgeDelayMs,
    purgedNameDelayMs,
  })) {
    if (!(Number.isFinite(delayMs) && delayMs >= 0)) {
      throw new RangeError(`${name} must be a number of milliseconds >= 0`)
    }
  }
  const service = azureService({
    vaultName: options.vaultName ?? 'emulator',
    tenantId: options.tenantId ?? '00000000-0000-0000-0000-000000000000',
    region: options.region ?? 'westeurope',
    resource: options.resource,
    tokens: options.tokens,
    retentionDays,
    purgeProtection: options.purgeProtection ?? false,
    deleteDelayMs,
    recoverDelayMs,
    purgeDelayMs,
    purgedNameDelayMs,
    randomBytes: options.randomBytes ?? randomBytes,
    facts: {
      maxNameLength: 127,
      notFoundText: 'long',
      tagUpdate: 'replace',
      updateMakesLatest: false,
      namesPreviousVersion: false,
      throttledCode: 'Throttled',
      forbiddenNesting: 'inner',
      purgeProtectedInnerCode: undefined,
      ...options.facts,
    },
  })
  return startEmulator(service, { ...options, secure: true })
}

export type { AzureFacts, TokenRules }
