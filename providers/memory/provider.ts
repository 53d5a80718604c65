import {
  type Capabilities,
  checkFields,
  defineProvider,
  type Fields,
  type Limits,
  type NameConvention,
  nameCodec,
  type SecretInput,
  type SecretProvider,
  SecretValue,
  shelfCapabilities,
  shelfLimits,
  shelfOperations,
} from 'strongroom/provider'
import { laggingShelf } from './lagging-shelf.js'

export interface MemoryOptions {
  /** A path before every name. Default none. */
  readonly prefix?: string | undefined
  readonly names?: NameConvention | undefined
  /** Secrets to start with, by name. Default none. */
  readonly seed?: Readonly<Record<string, SecretInput>> | undefined
  /**
   * Facts to switch down, so that a test meets what a real backend lacks. Default: all that the contract knows.
   * `versionOrder: 'partial'` also makes version ids random and times whole seconds; `checked` lets other writers in
   * between the comparison and the write; `tagScope: 'version'` keeps tags with each version.
   */
  readonly capabilities?: Partial<Capabilities> | undefined
  readonly limits?: Partial<Limits> | undefined
  /** Items in a page of a listing. Default 100. */
  readonly pageSize?: number | undefined
  /**
   * How far behind reads are, unless `freshRead` is `always`; records and reads `by-version`, where it says so, are never
   * behind. Default 0.
   */
  readonly lagMs?: number | undefined
  /** How long a deleted secret can be restored. Default 30 days. */
  readonly recoveryWindowMs?: number | undefined
}

const fields: Fields<MemoryOptions> = {
  prefix: true,
  names: true,
  seed: true,
  capabilities: true,
  limits: true,
  pageSize: true,
  lagMs: true,
  recoveryWindowMs: true,
}

/**
 * Secrets in the memory of this process: for tests, for trying things out, and as the reference of the contract. The
 * values are gone with the provider.
 */
export function memory(options: MemoryOptions = {}): SecretProvider {
  checkFields('memory', options, fields)
  const { pageSize = 100, recoveryWindowMs = 30 * 86_400_000 } = options
  const capabilities = { ...shelfCapabilities, ...options.capabilities }
  const limits = { ...shelfLimits, ...options.limits }
  const names = nameCodec({
    allowed: '\\P{Cc}',
    foldsCase: !capabilities.caseSensitiveNames,
    prefix: options.prefix,
    names: options.names,
  })
  const shelf = laggingShelf(
    { entries: new Map(), records: new Map(), count: 0 },
    capabilities.freshRead === 'always' ? 0 : (options.lagMs ?? 0),
  )
  const { foldsCase } = names
  const operations = shelfOperations(shelf, { capabilities, limits, foldsCase, pageSize, recoveryWindowMs })

  const context = {
    signal: new AbortController().signal,
    now: Date.now,
    sleep: async (): Promise<void> => {},
  }
  for (const [name, value] of Object.entries(options.seed ?? {})) {
    const ref = names.encode(names.prefix + name)
    const canonical = foldsCase ? ref.toLowerCase() : ref
    const input = {
      ref,
      canonical,
      value: SecretValue.from(value),
      stage: 'current',
      onDeleted: 'fail',
    } as const
    void operations.put(input, context)
  }

  return defineProvider('memory', {
    capabilities,
    limits,
    names,
    classify: () => ({ code: 'UNKNOWN' }),
    ...operations,
  })
}
