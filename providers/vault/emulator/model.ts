import type { Collection } from 'strongroom/testing'
import type { VaultRequest } from './request.js'
import type { Settings } from './settings.js'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

/** Milliseconds since the epoch on the emulator's clock, as every `…At` here; durations are milliseconds. */
export interface KeyDocument {
  readonly createdAt: number
  readonly updatedAt: number
  readonly currentVersion: number
  readonly oldestVersion: number
  readonly maxVersions: number
  readonly casRequired: boolean
  readonly metadataCasRequired: boolean
  readonly metadataVersion: number
  readonly deleteVersionAfterMs: number
  readonly customMetadata: Readonly<Record<string, string>> | null
  readonly versions: Readonly<Record<string, VersionDocument>>
}

export interface VersionDocument {
  readonly createdAt: number
  /** May lie ahead: the version is live until then. */
  readonly deletedAt?: number
  readonly destroyed: boolean
}

export interface ValueDocument {
  readonly data: Json
}

export interface KvConfigDocument {
  readonly maxVersions: number
  readonly casRequired: boolean
  readonly metadataCasRequired: boolean
  /** Negative: versions of this mount never expire by themselves. */
  readonly deleteVersionAfterMs: number
}

/** A secret engine or an auth method at a path. */
export interface MountDocument {
  readonly id: string
  readonly table: 'secret' | 'auth'
  /** Empty for the root, else `team/`. */
  readonly namespace: string
  /** Ends in a slash; without `auth/`. */
  readonly path: string
  readonly type: string
  readonly accessor: string
  readonly description: string
  readonly options: Readonly<Record<string, string>> | null
  readonly config: JsonObject
  readonly local: boolean
  readonly sealWrap: boolean
}

export interface TokenDocument {
  readonly id: string
  /** Empty for a batch token. */
  readonly accessor: string
  readonly type: 'service' | 'batch'
  readonly namespace: string
  readonly policies: readonly string[]
  /** Where it was made: `auth/token/create`. */
  readonly path: string
  readonly displayName: string
  readonly meta: Readonly<Record<string, string>> | null
  /** Empty for an orphan. */
  readonly parent: string
  readonly entityId: string
  readonly createdAt: number
  readonly renewedAt?: number
  /** Absent: it never expires. */
  readonly expiresAt?: number
  readonly ttlMs: number
  /** What its last renewal gave it. */
  readonly leaseMs?: number
  readonly periodMs: number
  readonly explicitMaxTtlMs: number
  /** Longest life, by its role or else by its mount. */
  readonly maxTtlMs: number
  readonly renewable: boolean
  /** Where it may be used from; none is anywhere. */
  readonly networks: readonly string[]
  /** 0: any number of them. */
  readonly usesLeft: number
}

export interface PolicyDocument {
  readonly name: string
  readonly text: string
  readonly version: number
  readonly modifiedAt: number
}

/** What a wrapping token stands for. */
export interface WrappedDocument {
  readonly response: JsonObject
  readonly creationPath: string
  readonly createdAt: number
  readonly ttlMs: number
}

export interface RoleDocument {
  readonly name: string
  readonly fields: JsonObject
}

export interface SecretIdDocument {
  readonly secretId: string
  readonly accessor: string
  readonly role: string
  readonly mount: string
  readonly metadata: Readonly<Record<string, string>>
  /** 0: any number of them. */
  readonly usesLeft: number
  readonly ttlMs: number
  readonly createdAt: number
  readonly updatedAt: number
}

export interface QuotaDocument {
  readonly name: string
  readonly path: string
  readonly rate: number
  readonly intervalMs: number
  readonly blockMs: number
  readonly inheritable: boolean
  readonly role: string
}

export interface BucketDocument {
  readonly openedAt: number
  readonly used: number
  readonly blockedUntil: number
}

export interface NamespaceDocument {
  /** Ends in a slash. */
  readonly path: string
  readonly id: string
  readonly uuid: string
  readonly customMetadata: Readonly<Record<string, string>>
}

/** Everything that the server knows, at one moment. */
export interface World {
  readonly now: number
  readonly settings: Settings
  readonly core: Collection<{ readonly sealed: boolean }>
  readonly namespaces: Collection<NamespaceDocument>
  /** By namespace, table and path. */
  readonly mounts: Collection<MountDocument>
  /** By namespace and name. */
  readonly policies: Collection<PolicyDocument>
  readonly tokens: Collection<TokenDocument>
  readonly wrapped: Collection<WrappedDocument>
  /** By mount; the next three by mount and path. */
  readonly kvConfigs: Collection<KvConfigDocument>
  readonly kvKeys: Collection<KeyDocument>
  readonly kvValues: Collection<ValueDocument>
  readonly kvEntries: Collection<ValueDocument>
  /** By mount and name. */
  readonly roles: Collection<RoleDocument>
  readonly secretIds: Collection<SecretIdDocument>
  /** By mount. */
  readonly authConfigs: Collection<RoleDocument>
  readonly quotas: Collection<QuotaDocument>
  readonly buckets: Collection<BucketDocument>
}

/** The server, seen from one of its mounts. */
export interface Mounted extends World {
  readonly mount: MountDocument
}

/** What one operation works on. */
export interface Scope extends Mounted {
  readonly request: VaultRequest
  readonly namespace: string
  /** Below the mount. */
  readonly path: string
  /** Parts of the path that its route captured. */
  readonly parts: readonly string[]
  /** Body and query. */
  readonly data: JsonObject
  /** Absent where none is needed. */
  readonly token: TokenDocument | undefined
}

/** The answer of an operation; `undefined` instead of one is 204. */
export interface Answer {
  readonly status?: number
  readonly data?: JsonObject | null
  readonly auth?: JsonObject
  readonly warnings?: readonly string[]
  /** Seconds. */
  readonly leaseDuration?: number
  /** Without a body. */
  readonly isEmpty?: boolean
  /** Sent as it is, without an envelope. */
  readonly raw?: JsonObject
  /** A response that was wrapped and now comes out. */
  readonly envelope?: JsonObject
}
