import type { ErrorCode } from './errors.js'
import { SecretError } from './errors.js'
import type { NameCodec } from './names.js'
import type { Input, Operation, Operations, Output, Page } from './operations.js'
import { operationNames } from './operations.js'

/**
 * # Writing a provider
 *
 * A provider teaches the thirteen operations to one backend. It writes what the backend has and leaves the rest out;
 * {@link defineProvider} answers `UNSUPPORTED` for what is absent. Around every provider stands the boundary, always
 * on. Before a provider is called, the boundary
 *
 * - has checked the name, put the prefix before it and encoded it: the provider receives `ref`, the backend's own
 *   spelling (or the identifier that the user passed through), and never a user's name;
 * - has refused every operation and argument that `capabilities` denies, and every value, tag and name that `limits`
 *   forbids: the provider never writes `UNSUPPORTED` and never drops an option in silence.
 *
 * After it, the boundary turns what was thrown into a {@link SecretError} with the help of {@link Classify}, checks
 * the shape of the answer, decodes names, and hides system names from listings.
 *
 * A provider **must**
 * 1. send at most what one call needs, once: the SDK's own retries and caches are off;
 * 2. pass `context.signal` to its client, and stop between two requests when it is aborted;
 * 3. keep *missing*, *denied*, *disabled*, *pending deletion* and *unreachable* apart;
 * 4. never put a value, a token or an SDK object into anything that it throws or logs;
 * 5. return when the service has settled: a `get` after a `put` of the same store sees it as far as
 *    `capabilities.freshRead` says.
 *
 * A provider **may** throw `refusal` where it finds out by itself (a compare that fails, a tie it cannot
 * break); everything else that it throws goes through its `classify`. It may assume that inputs are valid by
 * `limits`, and that nobody calls it after `close`.
 */
export interface SecretProvider {
  /** One word: the folder, the subpath, the URL scheme and the factory. */
  readonly name: string
  readonly capabilities: Capabilities
  readonly limits: Limits
  readonly names: NameCodec
  readonly operations: ProviderOperations
  readonly classify: Classify
  /** Ends what the factory opened. A client that the user passed in is the user's to end. */
  readonly close: () => Promise<void>
}

/** What a backend can do: "this store, now". Static by configuration, asked without the network, frozen. */
export interface Capabilities {
  readonly writable: boolean
  readonly list: boolean
  readonly listByTag: boolean
  /** Whether pending values live in the secret itself; then `promote` and `discard` exist too. */
  readonly pending: 'native' | 'none'
  /** `checked` reads, compares, writes: another writer can slip in between. */
  readonly putIfVersion: 'atomic' | 'checked' | 'none'
  readonly putIfAbsent: 'atomic' | 'checked' | 'none'
  /** A put with an `idempotencyKey` may be repeated without making a second version. */
  readonly putIdempotent: boolean
  readonly recordSwap: 'atomic' | 'checked' | 'none'
  /** `partial`: by creation time, with ties that cannot be broken. */
  readonly versionOrder: 'total' | 'partial' | 'none'
  readonly versionDisable: boolean
  readonly versionDestroy: boolean
  readonly deleteRecoverable: boolean
  readonly purge: boolean
  /** `version`: tags belong to a version and are carried over by the provider. */
  readonly tagScope: 'secret' | 'version' | 'none'
  /** `encoded`: bytes are stored as text with a marker, and come back as bytes. */
  readonly binary: 'native' | 'encoded'
  readonly emptyValue: boolean
  readonly caseSensitiveNames: boolean
  /** Which reads see a write that has returned. */
  readonly freshRead: 'always' | 'by-version' | 'no'
  readonly expiry: 'informational' | 'none'
  /** The service runs rotations of its own. */
  readonly nativeRotation: boolean
}

/** The numbers that shared code needs, each with its source in the provider's file. Frozen. */
export interface Limits {
  readonly maxValueBytes: number
  /** Of the encoded full name, in characters. */
  readonly maxNameLength: number
  /** What an encoded full name must match. */
  readonly namePattern: RegExp
  readonly maxTags: number
  readonly tagKeyPattern: RegExp
  readonly tagValuePattern: RegExp
  readonly maxTagKeyLength: number
  readonly maxTagValueLength: number
  readonly readsPerSecond: number
  readonly writesPerSecond: number
  /** Requests that storing a new secret takes. */
  readonly writesPerNewSecret: number
  /** How long a write may stay unseen by another reader. */
  readonly propagationMs: number
  /** What a cache should keep a value for, by default. */
  readonly cacheTtlMs: number
  /** US dollars. */
  readonly pricePer10kReads: number
}

/** Which secret an operation is about, in the backend's words. */
export interface Target {
  /** The backend's spelling of the name, or the identifier that the user passed as `{ id }`. */
  readonly ref: string
  /** The comparable full name: what records and siblings are derived from. */
  readonly canonical: string
}

export interface RecordTarget extends Target {
  /** The spelling of the system name at which the record of `canonical` lives, where it is a sibling. */
  readonly recordRef: string
}

type WithoutName<T> = Omit<T, 'name' | 'namespace'>
type RecordOperation = 'readRecord' | 'swapRecord'

/** What a provider receives: the call's input with the name resolved. */
export type ProviderInput<K extends Operation> = K extends 'listPage'
  ? Omit<Input<'listPage'>, 'namespace' | 'prefix'> & {
      /** Spellings begin with this. A hint: the boundary filters again. */
      readonly refPrefix: string
    }
  : WithoutName<Input<K>> & (K extends RecordOperation ? RecordTarget : Target)

type WithoutNames<T> = Omit<T, 'name' | 'canonical' | 'kind'>

/** What a provider answers: the output without what the boundary knows (name, canonical, kind). */
export type ProviderOutput<K extends Operation> = K extends 'get' | 'describe'
  ? WithoutNames<Output<K>>
  : K extends 'listPage'
    ? Page<
        Omit<Operations['listPage']['output']['items'][number], 'name' | 'canonical'> & {
          readonly ref: string
        }
      >
    : Output<K>

export interface ProviderContext {
  /** Aborted by the caller, the timeout or the deadline. */
  readonly signal: AbortSignal
  /** Epoch milliseconds of the store's clock. */
  readonly now: () => number
  /** Resolves after `delayMs` of the store's clock; rejects when the signal is aborted. */
  readonly sleep: (delayMs: number) => Promise<void>
}

export type ProviderOperation<K extends Operation> = (
  input: ProviderInput<K>,
  context: ProviderContext,
) => Promise<ProviderOutput<K>>

export type ProviderOperations = { readonly [K in Operation]: ProviderOperation<K> }

/** Turns what the SDK threw into facts. Called once per failed call; must not throw, must not keep the error. */
export type Classify = (error: unknown) => Failure

/** What may be said of a service's error. */
export interface Failure {
  readonly code: ErrorCode
  /** The service's own code. */
  readonly providerCode?: string | undefined
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  readonly retryAfterMs?: number | undefined
  /**
   * The service's sentence, only of a typed error whose answer parsed. It is scrubbed of the values in flight and cut
   * at 300 characters; a text that may quote the body must be left out.
   */
  readonly detail?: string | undefined
  /** The request may have been carried out. Default: true for writes that end in `UNAVAILABLE` or `TIMEOUT`. */
  readonly outcomeUnknown?: boolean | undefined
}

export interface ProviderDefinition extends Partial<ProviderOperations> {
  readonly capabilities: Capabilities
  readonly limits: Limits
  readonly names: NameCodec
  readonly classify: Classify
  /** Default: nothing to end. */
  readonly close?: () => Promise<void>
}

/**
 * Makes a provider of what the author wrote. Operations that are absent answer `UNSUPPORTED`, so that the result has
 * no optional methods.
 *
 * @throws {TypeError} when the name is not one word in lower case, or a capability promises an operation that is absent.
 */
export function defineProvider(name: string, definition: ProviderDefinition): SecretProvider {
  const { capabilities, limits, names, classify, close = async (): Promise<void> => {} } = definition
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new TypeError(`defineProvider: name must be one word in lower case; got ${JSON.stringify(name)}`)
  }
  const promised: readonly (readonly [boolean, Operation])[] = [
    [capabilities.writable, 'put'],
    [capabilities.list, 'listPage'],
    [capabilities.pending === 'native', 'promote'],
    [capabilities.pending === 'native', 'discard'],
    [capabilities.recordSwap !== 'none', 'swapRecord'],
    [capabilities.versionDisable || capabilities.versionDestroy, 'setVersionState'],
    [capabilities.deleteRecoverable, 'restore'],
    [capabilities.deleteRecoverable || capabilities.purge, 'delete'],
    [capabilities.tagScope !== 'none' && capabilities.writable, 'tag'],
  ]
  for (const [promise, operation] of promised) {
    if (promise && definition[operation] === undefined) {
      throw new TypeError(
        `defineProvider(${JSON.stringify(name)}): capabilities promise ${operation}, which is absent`,
      )
    }
  }
  const operations = Object.fromEntries(
    operationNames.map((operation) => [operation, definition[operation] ?? absent(operation)]),
  ) as unknown as ProviderOperations
  return Object.freeze({
    name,
    capabilities: Object.freeze({ ...capabilities }),
    limits: Object.freeze({ ...limits }),
    names,
    classify,
    close,
    operations: Object.freeze(operations),
  })
}

function absent(operation: Operation): () => Promise<never> {
  return async () => {
    throw new SecretError({ code: 'UNSUPPORTED', message: `the backend has no ${operation}` })
  }
}

export type { ErrorCode } from './errors.js'
export { errorCodes, refusal, SecretError } from './errors.js'
export { afterEffect, beforeEffect, classifyFault, Fault, isFault, unless } from './fault.js'
export { checkFields, type Fields } from './fields.js'
export { JsonError, parseJson } from './json.js'
export type { NameCodec, NameCodecOptions, NameConvention } from './names.js'
export { fold, nameCodec, systemName } from './names.js'
export type * from './operations.js'
export { type SecretInput, SecretValue } from './secret.js'
export type { Entry, Version } from './shelf/entry.js'
export { shelfCapabilities, shelfLimits } from './shelf/facts.js'
export { type ShelfRules, shelfOperations } from './shelf/operations.js'
export { type Shelf, type ShelfState, shelfOf, unexpired } from './shelf/shelf.js'
export { systemStore } from './store-methods.js'
export { unlessAborted } from './unless-aborted.js'
