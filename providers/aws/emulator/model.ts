import type { Collection } from 'strongroom/testing'

export interface Tag {
  readonly Key: string
  readonly Value: string
}

export interface Version {
  readonly id: string
  /** Counts up within the secret: the order of creation. */
  readonly number: number
  /** Milliseconds since the epoch, as every `…At` here. */
  readonly createdAt: number
  readonly kmsKeyId?: string
}

export interface Replica {
  readonly region: string
  readonly kmsKeyId?: string
  /** Why it failed: then the name in that region is another secret. */
  readonly failure?: string
}

/** A secret in its own region: everything but its values. */
export interface SecretDocument {
  readonly name: string
  readonly arn: string
  readonly region: string
  /** Counts up over all secrets: the order of creation, where times are equal. */
  readonly number: number
  readonly createdAt: number
  readonly changedAt: number
  readonly description?: string
  readonly kmsKeyId?: string
  readonly type?: string
  /** Absent while it never had any. */
  readonly tags?: readonly Tag[]
  /** Which version holds a label: at most one. */
  readonly labels: readonly (readonly [label: string, versionId: string])[]
  /** Oldest first. */
  readonly versions: readonly Version[]
  readonly deletion?: { readonly requestedAt: number; readonly endsAt: number }
  readonly policy?: string
  readonly replicas?: readonly Replica[]
}

/** What stands in another region for a secret that is replicated there. */
export interface ReplicaDocument {
  readonly name: string
  readonly region: string
  readonly primaryRegion: string
  readonly createdAt: number
}

export type ValueDocument = { readonly text: string } | { readonly binary: string }

/** A day, as milliseconds since the epoch at its start in UTC. */
export interface AccessDocument {
  readonly day: number
}

export interface DeletionDocument {
  readonly endsAt: number
}

export interface CounterDocument {
  readonly count: number
}

/** What one request works on. */
export interface Scope {
  /** `GetSecretValue`, as it is called. */
  readonly operation: string
  readonly region: string
  readonly now: number
  readonly emptyPage: boolean
  readonly settings: Settings
  /** By region and name. */
  readonly secrets: Collection<SecretDocument | ReplicaDocument>
  /** By ARN in the secret's own region and version id. */
  readonly values: Collection<ValueDocument>
  /** By ARN, and by ARN and version id. */
  readonly accesses: Collection<AccessDocument>
  /** By the key of a secret: those scheduled for deletion, so that no write has to look through all. */
  readonly deletions: Collection<DeletionDocument>
  readonly counters: Collection<CounterDocument>
}

export interface Settings {
  readonly accountId: string
  readonly maxVersions: number
  readonly forceDeleteDelayMs: number
  readonly randomInt: (max: number) => number
}

/** On the wire a time is seconds since the epoch with a fraction. */
export function seconds(epochMs: number): number {
  return epochMs / 1000
}

export function dayOf(epochMs: number): number {
  return epochMs - (epochMs % 86_400_000)
}
