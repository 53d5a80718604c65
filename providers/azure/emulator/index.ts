import { randomBytes } from 'node:crypto'
import { type Emulator, type EmulatorOptions, startEmulator } from 'strongroom/testing'
import type { Permission } from './actions.js'
import type { AzureClient } from './authority.js'
import type { AzureEvent, AzureEventType } from './events.js'
import type { AzureFacts } from './model.js'
import type { PermissionTable } from './permissions.js'
import type { AzureQuota } from './quota.js'
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
  /**
   * Clients that may log in, by client id. Default: any client, with any secret or assertion. The signature of an assertion
   * is never checked.
   */
  readonly clients?: Readonly<Record<string, AzureClient>>
  /** Client id of the managed identity that the metadata endpoints speak for. Default `emulator`. */
  readonly managedClientId?: string
  /**
   * What each caller may do, by client id, object id, or the text of a token that is no JWT; `*` is everybody else. What is
   * not granted is `ForbiddenByRbac`. Default: all to everybody.
   */
  readonly permissions?: PermissionTable
  /** Throttles like a vault. Default: no quota. */
  readonly quota?: AzureQuota
  /**
   * Told of every event of the vault once its request is done: a new version at once; 30 days before expiry, and expiry,
   * when the clock is moved past them, with a change of the vault, or within a second. It must not throw.
   */
  readonly onEvent?: (event: AzureEvent) => void
  /** Subscription of the vault: a backup can be restored only within it. Default `00000000-0000-0000-0000-000000000000`. */
  readonly subscriptionId?: string
  /** Azure geography of the vault: a backup can be restored only within it. Default: the region. */
  readonly geography?: string
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
 * `httpUrl`, both on one state. All operations of the REST interface are in it.
 *
 * A login is in it too, on the same ports: an OAuth 2.0 token endpoint for client credentials (`/TENANT/oauth2/v2.0/token`,
 * secret or assertion) with its discovery document and keys, the metadata endpoint of a machine
 * (`/metadata/identity/oauth2/token`) and that of an App Service (`/msi/token`). Official clients need the emulator as
 * their authority host and no instance discovery.
 *
 * A secret behind a certificate is made by loading a state in which its latest version has a `kid`; it is answered as
 * `managed` and refuses to be changed.
 *
 * In `faults` an error is a code of the service, outer or inner (`Throttled`, `ForbiddenByRbac`, `SecretDisabled`), or
 * `insufficient_claims` for a challenge that asks for another token; for the operations `GetToken` and
 * `GetManagedIdentityToken` it is a code of OAuth, such as `invalid_client`.
 *
 * @throws {RangeError} for a retention out of range, or a delay that is not a number of milliseconds >= 0.
 */
export async function azureEmulator(options: AzureEmulatorOptions = {}): Promise<Emulator> {
  const { retentionDays = 90, deleteDelayMs = 1_000, recoverDelayMs = 1_000 } = options
  const { purgeDelayMs = 500, purgedNameDelayMs = 500, region = 'westeurope', onEvent } = options
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
    tenantId: options.tenantId ?? noId,
    region,
    subscriptionId: options.subscriptionId ?? noId,
    geography: options.geography ?? region,
    resource: options.resource,
    tokens: options.tokens,
    clients: options.clients,
    managedClientId: options.managedClientId ?? 'emulator',
    permissions: options.permissions,
    quota: options.quota,
    onEvent: onEvent === undefined ? undefined : (event) => queueMicrotask(() => onEvent(event)),
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
      malformedBackupCode: 'Malformed backup blob',
      restoreConflictInnerCode: undefined,
      maxBackupVersions: 500,
      refusesNeverValid: false,
      eventDates: 'number',
      ...options.facts,
    },
  })
  const emulator = await startEmulator(service, { ...options, secure: true })
  if (onEvent === undefined) return emulator
  const tellDueEvents = (): void => emulator.seed({})
  const stop = emulator.clock.onChange(tellDueEvents)
  const timer = setInterval(tellDueEvents, eventIntervalMs).unref()
  const close = async (): Promise<void> => {
    stop()
    clearInterval(timer)
    await emulator.close()
  }
  return Object.freeze(
    Object.defineProperties({} as Emulator, {
      ...Object.getOwnPropertyDescriptors(emulator),
      close: { value: close, enumerable: true },
      [Symbol.asyncDispose]: { value: close },
    }),
  )
}

const eventIntervalMs = 1_000
const noId = '00000000-0000-0000-0000-000000000000'

export type {
  AzureClient,
  AzureEvent,
  AzureEventType,
  AzureFacts,
  AzureQuota,
  Permission,
  PermissionTable,
  TokenRules,
}
