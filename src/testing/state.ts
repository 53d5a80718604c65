import { type Journal, openJournal } from './journal.js'

/** A named set of plain JSON documents. A document is frozen when it is set: to change it, set another. */
export interface Collection<T extends object> {
  get(key: string): T | undefined
  set(key: string, document: T): void
  delete(key: string): void
  /** In the order in which the keys were first set. */
  entries(): readonly (readonly [key: string, document: T])[]
}

export interface Transaction {
  collection<T extends object>(name: string): Collection<T>
}

/** A whole state as JSON: collections, their keys in order, their documents. It holds the values of the secrets. */
export interface StateDump {
  readonly service: string
  readonly format: 1
  readonly collections: Readonly<Record<string, readonly (readonly [key: string, document: object])[]>>
}

export interface State {
  /**
   * Runs one request. Its changes become visible, and reach the journal as one line, when `run` returns; when it
   * throws there are none. With `lagMs`, reads see the state as it was then; writes still work on the present.
   */
  transact<R>(run: (transaction: Transaction) => R, options?: { readonly lagMs?: number }): R
  dump(): StateDump
  /** Replaces everything. @throws {TypeError} when the dump is of another service or format. */
  load(dump: StateDump): void
  reset(): void
  /** Lets go of the data folder. */
  close(): void
}

export interface StateOptions {
  readonly service: string
  /** Milliseconds since the epoch: dates the past that a lagging read sees. */
  readonly now: () => number
  /** Folder to keep the state in, made if missing. Default: memory only. */
  readonly dataDir?: string
  /** Changes that a lagging read can look back over. Default 1,000. */
  readonly historyLength?: number
}

/** `null` deletes. */
export type Mutation = readonly [collection: string, key: string, document: object | null]

type Documents = Map<string, object>
interface Past {
  readonly at: number
  readonly collection: string
  readonly key: string
  readonly before: object | undefined
}

/**
 * @throws {Error} when another process uses the folder, or its journal is damaged anywhere but in its last line.
 */
export function openState({ service, now, dataDir, historyLength = 1_000 }: StateOptions): State {
  const collections = new Map<string, Documents>()
  let past: Past[] = []
  const journal: Journal | undefined =
    dataDir === undefined ? undefined : openJournal(dataDir, service, (batch) => apply(batch), snapshot)

  function documents(name: string): Documents {
    let found = collections.get(name)
    if (found === undefined) {
      found = new Map()
      collections.set(name, found)
    }
    return found
  }
  function apply(batch: readonly Mutation[]): void {
    for (const [name, key, document] of batch) {
      if (document === null) documents(name).delete(key)
      else documents(name).set(key, freeze(document))
    }
  }
  function* snapshot(): Iterable<readonly Mutation[]> {
    for (const [name, entries] of collections) {
      for (const [key, document] of entries) yield [[name, key, document]]
    }
  }
  function commit(batch: readonly Mutation[]): void {
    if (batch.length === 0) return
    journal?.append(batch)
    const at = now()
    for (const [collection, key] of batch) {
      past.push({ at, collection, key, before: documents(collection).get(key) })
    }
    if (past.length > 2 * historyLength) past = past.slice(-historyLength)
    apply(batch)
    journal?.compactIfLarge()
  }
  function asOf(time: number): (name: string) => Documents {
    const changes = past.filter((change) => change.at > time)
    return (name) => {
      const view = new Map(documents(name))
      for (const { collection, key, before } of changes.toReversed()) {
        if (collection !== name) continue
        if (before === undefined) view.delete(key)
        else view.set(key, before)
      }
      return view
    }
  }
  return {
    transact(run, { lagMs = 0 } = {}) {
      const changes = new Map<string, Map<string, object | null>>()
      const read = lagMs > 0 ? asOf(now() - lagMs) : documents
      const result = run({
        collection: <T extends object>(name: string) =>
          overlay<T>(() => read(name), changesOf(changes, name)),
      })
      commit(
        [...changes].flatMap(([name, entries]) =>
          [...entries].map(([key, document]) => [name, key, document] as const),
        ),
      )
      return result
    },
    dump: () => ({
      service,
      format: 1,
      collections: Object.fromEntries([...collections].map(([name, entries]) => [name, [...entries]])),
    }),
    load(dump) {
      if (dump?.service !== service || dump.format !== 1 || typeof dump.collections !== 'object') {
        throw new TypeError(`this is no state of the ${service} emulator; load what its dump() gave`)
      }
      const batches = Object.entries(structuredClone(dump.collections)).map(([name, entries]) =>
        entries.map(([key, document]) => [name, key, document] as const),
      )
      collections.clear()
      for (const batch of batches) apply(batch)
      past = []
      journal?.compact()
    },
    reset() {
      collections.clear()
      past = []
      journal?.compact()
    },
    close: () => journal?.close(),
  }
}

function changesOf<T>(changes: Map<string, Map<string, T>>, name: string): Map<string, T> {
  const found = changes.get(name) ?? new Map<string, T>()
  changes.set(name, found)
  return found
}

function overlay<T extends object>(
  read: () => Documents,
  changes: Map<string, object | null>,
): Collection<T> {
  return {
    get(key) {
      const changed = changes.get(key)
      return (changed === undefined ? read().get(key) : (changed ?? undefined)) as T | undefined
    },
    set(key, document) {
      changes.set(key, freeze(document))
    },
    delete(key) {
      changes.set(key, null)
    },
    entries() {
      const merged = new Map(read())
      for (const [key, document] of changes) {
        if (document === null) merged.delete(key)
        else merged.set(key, document)
      }
      return [...merged] as [string, T][]
    },
  }
}

function freeze<T extends object>(document: T): T {
  if (Object.isFrozen(document)) return document
  for (const value of Object.values(document)) if (typeof value === 'object' && value !== null) freeze(value)
  return Object.freeze(document)
}
