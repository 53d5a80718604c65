import type { Collection, EmulatorRequest } from 'strongroom/testing'
import type { AzureClient } from './authority.js'
import type { AzureEvent, NoticeDocument } from './events.js'
import type { PermissionTable } from './permissions.js'
import type { AzureQuota } from './quota.js'
import type { Route } from './routes.js'
import type { TokenRules } from './tokens.js'

/** A secret by its name, which is kept as it was first written and compared without case. */
export interface SecretDocument {
  readonly name: string
  readonly latest: string
  /** Version ids, in no order that means something. */
  readonly versions: readonly string[]
  readonly deletion?: Deletion
  /** Set from a recovery on: until then the secret is neither live nor deleted. */
  readonly recoveredAt?: number
}

/** Milliseconds since the epoch on the emulator's clock, as every `…At` here. */
export interface Deletion {
  readonly requestedAt: number
  readonly settledAt: number
  readonly purgeAt: number
  /** Set by a purge: it shows as deleted until `hiddenAt`, and its name is taken until `freeAt`. */
  readonly purge?: { readonly hiddenAt: number; readonly freeAt: number }
}

/** All of a version but its value. */
export interface VersionDocument {
  readonly id: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly enabled: boolean
  /** Seconds since the epoch, as sent. */
  readonly nbf?: number
  readonly exp?: number
  readonly contentType?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly previousVersion?: string
  /** URL of the key behind the same certificate: with it the secret is managed, and refuses to be changed. */
  readonly kid?: string
}

export interface ValueDocument {
  readonly value: string
}

/** The vault at one moment. */
export interface Vault {
  readonly now: number
  readonly settings: Settings
  /** By name in lower case. */
  readonly secrets: Collection<SecretDocument>
  /** By {@link versionKey}. */
  readonly versions: Collection<VersionDocument>
  /** By {@link versionKey}. */
  readonly values: Collection<ValueDocument>
  /** By {@link versionKey}. */
  readonly notices: Collection<NoticeDocument>
}

/** What one request works on. */
export interface Scope extends Vault {
  readonly request: EmulatorRequest
  readonly route: Route
  readonly apiVersion: string
  readonly emptyPage: boolean
}

export interface Settings {
  readonly vaultName: string
  readonly tenantId: string
  readonly region: string
  readonly subscriptionId: string
  readonly geography: string
  /** Of the challenge; without one it follows the name that the client called. */
  readonly resource: string | undefined
  readonly tokens: TokenRules | undefined
  readonly clients: Readonly<Record<string, AzureClient>> | undefined
  readonly managedClientId: string
  readonly permissions: PermissionTable | undefined
  readonly quota: AzureQuota | undefined
  readonly onEvent: ((event: AzureEvent) => void) | undefined
  readonly retentionDays: number
  readonly purgeProtection: boolean
  readonly deleteDelayMs: number
  readonly recoverDelayMs: number
  readonly purgeDelayMs: number
  readonly purgedNameDelayMs: number
  readonly randomBytes: (size: number) => Uint8Array
  readonly facts: AzureFacts
}

/** What no primary source settles. Every choice can be turned round to see what a client makes of the other answer. */
export interface AzureFacts {
  /** Longest name of a secret, in characters. Default 127. */
  readonly maxNameLength: number
  /**
   * What the text of a missing secret says. Default `long`, which names a recovery command and a help page, as recorded
   * from 2021 on; `short` as recorded until 2020.
   */
  readonly notFoundText: 'short' | 'long'
  /** Whether tags in an update replace the whole map or are merged into it. Default `replace`. */
  readonly tagUpdate: 'replace' | 'merge'
  /** Whether an update makes its version the latest one. Default false: latest is the newest set. */
  readonly updateMakesLatest: boolean
  /**
   * Whether a secret that is set names the version before it, under an interface from June 2025 on. Default false: the
   * official clients expect it of secrets behind a certificate only.
   */
  readonly namesPreviousVersion: boolean
  /** Code of a throttled request. Default `Throttled`. */
  readonly throttledCode: string
  /** Whether `AccessDenied` and `ForbiddenByFirewall` stand below `Forbidden` or in its place. Default `inner`. */
  readonly forbiddenNesting: 'inner' | 'outer'
  /** Inner code of a purge that purge protection refuses. Default none. */
  readonly purgeProtectedInnerCode: string | undefined
  /** Code of a backup that cannot be restored. Default `Malformed backup blob`, as recorded in 2020. */
  readonly malformedBackupCode: string
  /** Inner code of a restore whose name is in use. Default none, as recorded. */
  readonly restoreConflictInnerCode: string | undefined
  /** Most versions that a secret may have to be backed up. Default 500. */
  readonly maxBackupVersions: number
  /** Whether a secret whose `nbf` is not before its `exp` is refused. Default false. */
  readonly refusesNeverValid: boolean
  /** Whether dates in events are numbers or texts: the documentation shows both. Default `number`. */
  readonly eventDates: 'number' | 'text'
}

export function versionKey(name: string, version: string): string {
  return `${name.toLowerCase()}/${version}`
}

/** On the wire a time is whole seconds since the epoch. */
export function seconds(epochMs: number): number {
  return Math.floor(epochMs / 1000)
}
