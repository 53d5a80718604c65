import type { SecretValue, ValueKind } from './secret.js'

/**
 * The thirteen operations: the whole vocabulary between a store and a backend.
 *
 * One table, {@link Operations}, maps each operation to its input and its output. The store, the boundary, the
 * layers, the conformance suite and the audit log all read it, so that an operation added later passes *through*
 * every one of them and never around.
 *
 * Names in inputs are the user's names; the boundary turns them into the backend's own (see `names.ts`). Times are
 * `Date`s, durations milliseconds, sizes bytes. Values travel as {@link SecretValue}, which never prints itself, so
 * that logging a call is safe.
 */
export interface Operations {
  /** Reads one version. Rejects with `NOT_FOUND`, `DISABLED`, `PENDING_DELETION`: never an empty answer. */
  get: { input: GetInput; output: SecretRecord }
  /** Stores a new version. What is put is what comes back, byte for byte. */
  put: { input: PutInput; output: PutOutput }
  /** Makes an enabled version current, in one fenced step. Already current is success. */
  promote: { input: PromoteInput; output: PromoteOutput }
  /** Drops a pending version. A version that is not pending is `CONFLICT`. */
  discard: { input: DiscardInput; output: undefined }
  /** Metadata of one secret, never its value. Answers for a deleted, recoverable secret too. */
  describe: { input: DescribeInput; output: SecretInfo }
  /** One page of the listing: what the listing itself carries, no extra request an item, never a value. */
  listPage: { input: ListPageInput; output: Page<SecretSummary> }
  /** One page of the history, newest first where `capabilities.versionOrder` allows; unlabelled versions included. */
  versionsPage: { input: VersionsPageInput; output: Page<VersionInfo> }
  /** Enables, disables or destroys one version. */
  setVersionState: { input: SetVersionStateInput; output: undefined }
  /** Sets and removes tags; the others stay. A value that the backend refuses is an error, never dropped. */
  tag: { input: TagInput; output: undefined }
  /** Deletes the secret: recoverably, or for good with `purge`. Returns when the service has settled. */
  delete: { input: DeleteInput; output: DeleteOutput }
  /** Takes a deleted secret out of the trash. Returns when it can be read. */
  restore: { input: RestoreInput; output: undefined }
  /** Reads the value-free record that workflows attach to a name. No record is an answer, not an error. */
  readRecord: { input: ReadRecordInput; output: RecordState }
  /** Replaces the record if its revision is still `ifRevision`, else `CONFLICT`. `null` empties it. */
  swapRecord: { input: SwapRecordInput; output: SwapRecordOutput }
}

export type Operation = keyof Operations
export type Input<K extends Operation> = Operations[K]['input']
export type Output<K extends Operation> = Operations[K]['output']

/** Whether an operation may change the backend. Retry, read-only and audit decide by this alone. */
export const effects: { readonly [K in Operation]: 'read' | 'write' } = Object.freeze({
  get: 'read',
  put: 'write',
  promote: 'write',
  discard: 'write',
  describe: 'read',
  listPage: 'read',
  versionsPage: 'read',
  setVersionState: 'write',
  tag: 'write',
  delete: 'write',
  restore: 'write',
  readRecord: 'read',
  swapRecord: 'write',
})

export const operationNames: readonly Operation[] = Object.freeze(Object.keys(effects) as Operation[])

/** A name as users write it (`prod/db`), or an identifier of the backend that passes through untouched. */
export type SecretName = string | { readonly id: string }

/** `system` is where workflows keep records and pending values; see `systemStore` in `strongroom/provider`. */
export type Namespace = 'user' | 'system'

/**
 * - `current`: what a plain reader of that backend gets.
 * - `previous`: the version that was current before.
 * - `newest-enabled`: current if it is enabled, else the newest version that is (a pending one does not count).
 * - `pending`: stored but not yet current, where `capabilities.pending` is `native`.
 */
export type Stage = 'current' | 'previous' | 'pending' | 'newest-enabled'
export type VersionState = 'enabled' | 'disabled' | 'destroyed'
export type Tags = Readonly<Record<string, string>>

export interface Named {
  readonly name: SecretName
  /** Default `user`. */
  readonly namespace?: Namespace
}

export interface GetInput extends Named {
  /** An exact version id. Not together with `stage`. */
  readonly version?: string
  /** Default `current`. */
  readonly stage?: Stage
}

export interface SecretRecord {
  readonly name: string
  /** The full name in the backend, after prefix and encoding; folded where the backend folds case. */
  readonly canonical: string
  readonly version: string
  /** Stages that point at this version. Without order. */
  readonly stages: readonly Stage[]
  readonly state: VersionState
  /** Absent where a read does not carry it (Google): `describe` and the history have it everywhere. */
  readonly createdAt?: Date
  readonly expiresAt?: Date
  /** Absent where a read does not carry them (AWS): `describe` has them everywhere. */
  readonly tags?: Tags
  readonly kind: ValueKind
  readonly value: SecretValue
}

export interface PutInput extends Named {
  readonly value: SecretValue
  /** Store only if this is the current version; else `CONFLICT`. */
  readonly ifVersion?: string
  /** Store only if no version exists (with `stage: 'pending'`: none is pending); else `ALREADY_EXISTS`. */
  readonly ifAbsent?: boolean
  readonly stage: 'current' | 'pending'
  /** Replaces the tags. Absent keeps those that the secret has. */
  readonly tags?: Tags
  /** Never inherited from an older version: absent means none. */
  readonly expiresAt?: Date
  /** What to do when the name lies in the backend's trash. Nothing is ever purged to make room. */
  readonly onDeleted: 'fail' | 'restore'
  /**
   * Same key and same value: success, and the same version. Same key and another value: `ALREADY_EXISTS`.
   * A key of 32 to 64 characters `[0-9A-Za-z-]` becomes the version's id.
   */
  readonly idempotencyKey?: string
  /** What a native rotation hands to its function; AWS needs it across accounts. Secret: never logged. */
  readonly rotationToken?: string
}

export interface PutOutput {
  readonly version: string
}

export interface PromoteInput extends Named {
  readonly version: string
  /** The version that must be current now; else `CONFLICT`. */
  readonly ifCurrent?: string
}

export interface PromoteOutput {
  readonly version: string
  /** The version that was current before; absent when nothing moved or nothing was current. */
  readonly previous?: string
}

export interface DiscardInput extends Named {
  readonly version: string
}

export interface DescribeInput extends Named {}

export interface SecretInfo {
  readonly name: string
  readonly canonical: string
  /** The backend's own identifier, usable as `{ id }`. */
  readonly id: string
  readonly current?: VersionInfo
  /** The version id that is pending. */
  readonly pending?: string
  readonly tags: Tags
  readonly state: 'active' | 'deleted'
  readonly recoverableUntil?: Date
  readonly changedAt?: Date
  readonly nativeRotation?: NativeRotation
  readonly lastAccessedAt?: Date
}

/** Rotation that the service itself schedules. */
export interface NativeRotation {
  readonly enabled: boolean
  readonly nextAt?: Date
  readonly lastAt?: Date
}

export interface VersionInfo {
  readonly version: string
  readonly createdAt: Date
  readonly state: VersionState
  readonly stages: readonly Stage[]
  readonly expiresAt?: Date
}

/** A page may be empty and still carry a cursor: go on until there is none. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly cursor?: string
}

export interface ListPageInput {
  readonly namespace?: Namespace
  /** Names that begin with this text. */
  readonly prefix?: string
  /** Secrets that carry all of these tags. */
  readonly tags?: Tags
  readonly cursor?: string
}

export interface SecretSummary {
  readonly name: string
  readonly canonical: string
  readonly id: string
  readonly tags?: Tags
  readonly createdAt?: Date
  readonly changedAt?: Date
}

export interface VersionsPageInput extends Named {
  readonly cursor?: string
}

export interface SetVersionStateInput extends Named {
  readonly version: string
  readonly state: VersionState
}

export interface TagInput extends Named {
  readonly set: Tags
  readonly remove: readonly string[]
}

export interface DeleteInput extends Named {
  /** For good, without a way back. */
  readonly purge: boolean
}

export interface DeleteOutput {
  readonly recoverableUntil?: Date
}

export interface RestoreInput extends Named {}
export interface ReadRecordInput extends Named {}

/**
 * A small value-free JSON document (at most 2 KiB) attached to a name for workflows. Each writer changes only its own
 * part, and every write carries a fresh `nonce`.
 */
export interface WorkflowRecord {
  readonly nonce: string
  /** The canonical name that the record belongs to. */
  readonly of: string
  readonly rotation?: JsonObject
  readonly hold?: JsonObject
}

export interface RecordState {
  readonly record?: WorkflowRecord
  /** Opaque. What `swapRecord` compares; also given when there is no record yet. */
  readonly revision: string
}

export interface SwapRecordInput extends Named {
  readonly record: WorkflowRecord | null
  readonly ifRevision: string
}

export interface SwapRecordOutput {
  readonly revision: string
}

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined
}

/** One request of a store, as a value: what layers see, pass on, repeat or refuse. Safe to log. */
export interface Call<K extends Operation = Operation> {
  readonly operation: K
  readonly input: Input<K>
  readonly context: CallContext
}

export interface CallContext {
  /** Aborts the call; it then rejects with `ABORTED`. */
  readonly signal?: AbortSignal
  /** When the caller stops waiting, in epoch milliseconds of the store's clock. */
  readonly deadlineAt?: number
  /** How old a cached answer may be. 0 asks the backend. Default: what the cache allows. */
  readonly maxAgeMs?: number
  /** Nobody waits for it: its timers do not keep the process alive. Default false. */
  readonly background?: boolean
  /** What inner layers tell outer ones about this call. */
  readonly trail: Trail
}

/** Written by the layers as the call goes down and comes back; read by audit and telemetry. */
export interface Trail {
  source: 'provider' | 'cache' | 'stale'
  /** Requests made to the provider. */
  attempts: number
}

export type Handler = <K extends Operation>(call: Call<K>) => Promise<Output<K>>
