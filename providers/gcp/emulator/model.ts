import type { Collection } from 'strongroom/testing'
import type { GcpEvent } from './events.js'
import type { Binding, EncryptionStatus, Policy, Replication, ReplicationStatus, Text } from './messages.js'
import type { ProjectSettings } from './names.js'
import type { TokenRules } from './tokens.js'

/** Milliseconds since the epoch, as every `…At` here. */
export interface SecretDocument {
  readonly name: string
  /** Counts up over everything that is made: the order of creation, where times are equal. */
  readonly order: number
  readonly createdAt: number
  readonly etag: string
  /** Absent of a regional secret. */
  readonly replication?: Replication
  readonly kmsKeyName?: string
  readonly labels: Text
  readonly annotations: Text
  readonly topics: readonly string[]
  readonly expireAt?: number
  readonly rotation?: { readonly nextAt: number; readonly periodMs?: number } | undefined
  readonly aliases: Readonly<Record<string, number>>
  readonly destroyTtlMs?: number
  readonly secretType?: string
  /** The number of the newest version, 0 while it never had any. */
  readonly lastVersion: number
}

/** A secret that is about to be stored, under an etag of its own. */
export type Draft = Omit<SecretDocument, 'etag'>

export type VersionState = 'ENABLED' | 'DISABLED' | 'DESTROYED'

/** All of a version but its value. */
export interface VersionDocument {
  readonly number: number
  readonly createdAt: number
  readonly state: VersionState
  readonly etag: string
  readonly hasClientChecksum: boolean
  readonly destroyedAt?: number
  readonly destroyAt?: number
  readonly replicationStatus?: ReplicationStatus
  readonly encryption?: EncryptionStatus
}

export interface PayloadDocument {
  /** Base64. */
  readonly data: string
  readonly crc32c: number
}

export interface PolicyDocument {
  readonly etag: string
  readonly version: number
  readonly bindings: readonly Binding[]
  readonly auditConfigs: NonNullable<Policy['auditConfigs']>
}

/** What the clock will bring about, by the name of the secret or version. */
export interface TimerDocument {
  readonly at: number
}

export interface CounterDocument {
  readonly count: number
}

/** The service at one moment. */
export interface World {
  readonly now: number
  readonly settings: Settings
  readonly emptyPage: boolean
  readonly secrets: Collection<SecretDocument>
  readonly versions: Collection<VersionDocument>
  readonly payloads: Collection<PayloadDocument>
  readonly policies: Collection<PolicyDocument>
  readonly timers: Collection<TimerDocument>
  readonly counters: Collection<CounterDocument>
  /** Adds a notification to those that leave when the request has succeeded. */
  notify(event: GcpEvent): void
}

export interface Settings extends ProjectSettings {
  readonly projectId: string
  readonly locations: readonly string[]
  readonly tokens: TokenRules | undefined
  readonly onEvent: (event: GcpEvent) => void
  readonly uptime: () => number
  readonly facts: GcpFacts
}

/** What no primary source tells of the service. */
export interface GcpFacts {
  /** Code of a payload whose checksum is another. Default `INVALID_ARGUMENT`. */
  readonly checksumMismatchCode: 'INVALID_ARGUMENT' | 'DATA_LOSS' | 'FAILED_PRECONDITION'
  /** Longest `versionDestroyTtl`. Default 1,000 days. */
  readonly maxDestroyTtlMs: number
  /** Whether disabling a version whose destruction is scheduled cancels that, as enabling does. Default false. */
  readonly disableCancelsDestruction: boolean
  /** Enabling, disabling or destroying takes `latest`, as reading does. Default false: only a number. */
  readonly latestChangesState: boolean
  /** Code of changing the state of a destroyed version, destroying it again included. Default `FAILED_PRECONDITION`. */
  readonly destroyedChangeCode: 'FAILED_PRECONDITION' | 'INVALID_ARGUMENT'
  /** Versions of a name that is used again start at 1. Default true; false goes on counting. */
  readonly numbersRestart: boolean
  /** An alias may name a version that is not there. Default false. */
  readonly aliasOfAnyNumber: boolean
  /** Items of a page where the request names no size. Default 100. */
  readonly defaultPageSize: number
  /** `versionId` on events of versions and `deleteType` on deletions. Default true. */
  readonly eventDetails: boolean
}

export function versionKey(secret: string, number: number): string {
  return `${secret}/versions/${number}`
}
