import type { IsAuthError } from './auth-errors.js'
import type {
  RecordState,
  SecretInfo,
  SecretName,
  SecretSummary,
  Stage,
  SwapRecordOutput,
  Tags,
  VersionInfo,
  VersionState,
  WorkflowRecord,
} from './operations.js'
import type { Capabilities } from './provider.js'
import type { Schemas, ValueOf } from './schema.js'
import type { Secret, SecretInput } from './secret.js'
import type { StoreStats } from './store-stats.js'

/**
 * # Reading and writing secrets
 *
 * An application holds a `SecretStore`, or only a {@link SecretReader}, and never learns which cloud answers. What a
 * backend can do stands in `capabilities`; what it cannot do rejects with `UNSUPPORTED` before anything is sent.
 *
 * Every method rejects with a `SecretError` whose `code` says what happened, and throws a `TypeError` for a
 * programming mistake. Every method takes `signal`, which ends the call with `ABORTED`, and `deadlineMs`, after which
 * it rejects with `TIMEOUT`.
 *
 * Names are paths: `stripe`, `prod/db/password`. Spelling them for the backend is the store's work; `{ id }` passes a
 * backend's own identifier through (an ARN, a resource name).
 */
export interface SecretReader<S extends Schemas = NoSchemas> {
  /**
   * Reads a secret.
   *
   * @throws {SecretError} `NOT_FOUND` when there is none; `DISABLED` and `PENDING_DELETION` when there is one that
   *   cannot be read; `INVALID_VALUE` when it breaks its schema or has no such `field`.
   */
  get(name: SecretName, options: GetOptions & { readonly field: string }): Promise<Secret<string>>
  get<Name extends SecretName>(name: Name, options?: GetOptions): Promise<Secret<ValueOf<S, Name>>>

  /** The same, but `undefined` for `NOT_FOUND`, and only for that. */
  find(
    name: SecretName,
    options: GetOptions & { readonly field: string },
  ): Promise<Secret<string> | undefined>
  find<Name extends SecretName>(
    name: Name,
    options?: GetOptions,
  ): Promise<Secret<ValueOf<S, Name>> | undefined>

  /**
   * Reads many secrets, at most `concurrency` at once.
   *
   * @returns a settled result for every name: one that fails does not fail the others.
   */
  getMany<Name extends string>(
    names: readonly Name[],
    options?: GetManyOptions,
  ): Promise<Map<Name, PromiseSettledResult<Secret<ValueOf<S, Name>>>>>

  /**
   * Reads names into the cache before they are needed. Need not be awaited: one that fails then says nothing, and the
   * read that needs the value does.
   *
   * @throws {SecretError} `NOT_FOUND` listing every name that is `required` and missing, in one error.
   */
  prefetch(names: readonly string[], options?: PrefetchOptions): Promise<void>

  /**
   * The current version without waiting: only of a name that this store has read already, while its cache holds it
   * fresh. Otherwise `undefined`.
   */
  peek<Name extends string>(name: Name): Secret<ValueOf<S, Name>> | undefined

  /**
   * What a verifier must accept now: the current secret first, then the previous one while the current is younger than
   * the overlap. A previous one that is missing or disabled is left out.
   *
   * Age counts from `createdAt`; on AWS that is when the value was stored as pending, so that the overlap must be
   * longer than a rotation takes; on Google, whose reads do not say it, it takes a `describe`. What the cache holds counts as current: `maxAgeMs` bounds how late a change is seen.
   *
   * @throws {SecretError} as `get` does.
   */
  accepted<Name extends SecretName>(
    name: Name,
    options: AcceptedOptions,
  ): Promise<readonly Secret<ValueOf<S, Name>>[]>

  /**
   * Runs a function with a secret. When what it throws is an authentication failure, the secret is read anew (once for
   * all callers, at most once in 10 seconds a name), and the function runs once more if the version has moved.
   *
   * With `ladder` it then also runs with the previous version, and with the pending one where pending is native: for
   * the moments of a rotation when server and store disagree.
   *
   * @returns what the function returns.
   * @throws what the function threw, unwrapped: the failure of the current version when every version was refused. A
   *   read that fails after an authentication failure is not shown, since that failure says more.
   * @throws {SecretError} as `get` does, when the secret cannot be read at first.
   */
  withSecret<Name extends SecretName, R>(
    name: Name,
    use: (secret: Secret<ValueOf<S, Name>>) => R | Promise<R>,
    options: WithSecretOptions,
  ): Promise<R>

  /**
   * Changes of secrets, never values: of a name, of some names, or of a listing. It asks again and again, with jitter,
   * less often while the backend cannot be reached, and sooner when one of `events` arrives; what it asks for is
   * metadata (`describe`; of a listing that carries times of change, only the listing and what has changed).
   *
   * How things are when the iteration begins is no change, except where the cache of this store holds another version.
   * It ends with the signal, with `return()` and with the store, and leaves no timer behind.
   *
   * @throws {SecretError} while iterating, for what does not pass by itself: `PERMISSION_DENIED`, `UNSUPPORTED`, …
   */
  watch(selector: WatchSelector, options?: WatchOptions): AsyncIterableIterator<SecretChange>

  /** Metadata of a secret, never its value; answers for a deleted, recoverable one too. */
  describe(name: SecretName, options?: CallOptions): Promise<SecretInfo>

  /** The history, newest first where `capabilities.versionOrder` allows. */
  versions(name: SecretName, options?: CallOptions): AsyncIterableIterator<VersionInfo>

  /** Names and what the listing carries, never values. Needs no read permission on the secrets. */
  list(options?: ListOptions): AsyncIterableIterator<SecretSummary>

  readonly capabilities: Capabilities

  /** Ends timers and connections that the store opened. Later calls reject with `CLOSED`. May be repeated. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A reader that also writes. Nothing here is destructive unless an option asks for it. */
export interface SecretStore<S extends Schemas = NoSchemas> extends SecretReader<S> {
  /**
   * Stores a new version: a string, bytes, or a JSON value. It comes back byte for byte.
   *
   * @throws {SecretError} `CONFLICT` when `ifVersion` is not current; `ALREADY_EXISTS` when `ifAbsent` meets a
   *   version; `PENDING_DELETION` for a name in the trash (see `onDeleted`); `TOO_LARGE`, `INVALID_VALUE`.
   *   `outcomeUnknown` is true when the answer was lost: read before you repeat, or use `ifVersion`.
   */
  put(name: SecretName, value: SecretInput, options?: PutOptions): Promise<PutResult>

  /**
   * Makes a pending (or any enabled) version current in one fenced step, where pending is native.
   *
   * @throws {SecretError} `CONFLICT` when `ifCurrent` is no longer current.
   */
  promote(name: SecretName, version: string, options?: FencedOptions): Promise<PromoteResult>

  /** Drops a pending version, where pending is native. */
  discard(name: SecretName, version: string, options?: CallOptions): Promise<void>

  /**
   * Makes the previous version (or `to`) current again, on every writable backend: by promotion where pending is
   * native, else by storing its value anew. With `ifCurrent` it may be repeated.
   *
   * @returns the version that is current now.
   * @throws {SecretError} `CONFLICT` when `ifCurrent` is no longer current; `NOT_FOUND` when there is no previous one.
   */
  rollback(name: SecretName, options?: RollbackOptions): Promise<PutResult>

  /** The workflow's value-free record of this name. */
  readRecord(name: SecretName, options?: CallOptions): Promise<RecordState>

  /** @throws {SecretError} `CONFLICT` when the record's revision is no longer `ifRevision`. */
  swapRecord(
    name: SecretName,
    record: WorkflowRecord | null,
    options: CallOptions & { readonly ifRevision: string },
  ): Promise<SwapRecordOutput>

  /** Enables, disables or destroys a version, where the backend can. */
  setVersionState(
    name: SecretName,
    version: string,
    state: VersionState,
    options?: CallOptions,
  ): Promise<void>

  /** Sets and removes tags; others stay. A value that the backend refuses is an error, never dropped. */
  tag(name: SecretName, options: TagOptions): Promise<void>

  /**
   * Deletes a secret, recoverably; for good with `purge: true`. Returns when the service has settled.
   *
   * @throws {SecretError} `UNSUPPORTED` where the backend has no trash and `purge` is not given.
   */
  delete(name: SecretName, options?: DeleteOptions): Promise<DeleteResult>

  /** Takes a deleted secret out of the trash. */
  restore(name: SecretName, options?: CallOptions): Promise<void>

  /** What this store has done: calls, requests, hits and what they cost by estimate. */
  stats(): StoreStats
}

export type NoSchemas = Readonly<Record<never, never>>

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the call rejects with `TIMEOUT`. Default: what the deadline layer says. */
  readonly deadlineMs?: number | undefined
}

export interface GetOptions extends CallOptions {
  /** An exact version id. */
  readonly version?: string | undefined
  /** Default `current`. */
  readonly stage?: Stage | undefined
  /** One field of a JSON object, instead of the whole value. */
  readonly field?: string | undefined
  /** Milliseconds. How old a cached answer may be; 0 asks the backend. Default: what the cache allows. */
  readonly maxAgeMs?: number | undefined
}

export interface GetManyOptions extends CallOptions {
  /** Default 20: one call of aws with `batch: true`. */
  readonly concurrency?: number | undefined
}

export interface PrefetchOptions extends GetManyOptions {
  /** Whether a missing name is an error. Default true. */
  readonly required?: boolean | undefined
}

export interface AcceptedOptions extends CallOptions {
  /** Milliseconds for which the previous value is accepted beside a new one. */
  readonly overlapMs: number
  /** Milliseconds. How old a cached answer may be. Default: what the cache allows. */
  readonly maxAgeMs?: number | undefined
}

/** `deadlineMs` bounds each read, and `signal` the reads: what the function does is its own to bound. */
export interface WithSecretOptions extends CallOptions {
  /** Whether what the function threw is an authentication failure. Ready-made: `isAuthError.pg` and its siblings. */
  readonly isAuthError: IsAuthError
  /** Default false. */
  readonly ladder?: boolean | undefined
}

/** A name, some names, or what a listing shows. */
export type WatchSelector = SecretName | readonly SecretName[] | Pick<ListOptions, 'prefix' | 'tags'>

export interface WatchOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds between two looks, give or take a fifth. Default 60,000. */
  readonly intervalMs?: number | undefined
  /** Anything that arrives here means "look soon": it is not read. A source that ends leaves the polling. */
  readonly events?: AsyncIterable<unknown> | undefined
  /** Milliseconds over which a fleet spreads its looks after an event, by chance. Default 30,000. */
  readonly eventSpreadMs?: number | undefined
}

export interface SecretChange {
  readonly name: string
  /** `gone`: deleted, recoverably or not. `changed`: another current version, another state of it, or other metadata. */
  readonly change: 'appeared' | 'changed' | 'gone'
  /** The current version, where the look has told it. */
  readonly version?: string
}

export interface ListOptions extends CallOptions {
  /** Names that begin with this text. */
  readonly prefix?: string | undefined
  /** Secrets that carry all of these. */
  readonly tags?: Tags | undefined
}

export interface PutOptions extends CallOptions {
  /** Store only if this version is current. */
  readonly ifVersion?: string | undefined
  /** Store only if there is no version yet. Default false. */
  readonly ifAbsent?: boolean | undefined
  /** Default `current`. */
  readonly stage?: 'current' | 'pending' | undefined
  /** Replaces the tags. Default: the tags stay. */
  readonly tags?: Tags | undefined
  /** Informational. Never inherited from an older version. */
  readonly expiresAt?: Date | undefined
  /** Makes the put repeatable, where `capabilities.putIdempotent`. */
  readonly idempotencyKey?: string | undefined
  /** What to do when the name lies in the trash. Default `fail`. */
  readonly onDeleted?: 'fail' | 'restore' | undefined
  /** What a native rotation handed to its function. */
  readonly rotationToken?: string | undefined
}

export interface PutResult {
  readonly version: string
}

export interface FencedOptions extends CallOptions {
  /** The version that must be current. */
  readonly ifCurrent?: string | undefined
}

export interface PromoteResult {
  readonly version: string
  readonly previous?: string
}

export interface RollbackOptions extends FencedOptions {
  /** Default: the version before `ifCurrent`, or before the current one. */
  readonly to?: string | undefined
}

export interface TagOptions extends CallOptions {
  readonly set?: Tags | undefined
  readonly remove?: readonly string[] | undefined
}

export interface DeleteOptions extends CallOptions {
  /** For good, without a way back. Default false. */
  readonly purge?: boolean | undefined
}

export interface DeleteResult {
  readonly recoverableUntil?: Date
}
