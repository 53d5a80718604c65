import type { RecordState } from '../operations.js'
import type { Entry } from './entry.js'

/** All that a shelf holds: plain data, changed in place. */
export interface ShelfState {
  /** By canonical name. */
  readonly entries: Map<string, Entry>
  /** By the canonical name that they belong to. */
  readonly records: Map<string, RecordState>
  /** The last number given to a version or a revision. */
  count: number
}

/** How the operations reach the secrets: between the two stands what a test, or a file, wants to know of it. */
export interface Shelf {
  /** As it is. A secret whose time in the trash is over is gone. */
  readonly live: (canonical: string, now: number) => Entry | undefined
  /** As a read sees it. */
  readonly seen: (canonical: string, now: number) => Entry | undefined
  /** Sorted. May name secrets that `seen` does not show. */
  readonly canonicals: () => string[]
  readonly keep: (canonical: string, entry: Entry) => void
  readonly drop: (canonical: string) => void
  /** Called before each change. */
  readonly remember: (canonical: string, now: number) => void
  readonly records: Map<string, RecordState>
  /** A number that was not given before. */
  readonly count: () => number
}

/** A shelf on which every read sees every write. */
export function shelfOf(state: ShelfState): Shelf {
  const { entries, records } = state
  const live: Shelf['live'] = (canonical, now) => {
    const entry = unexpired(entries.get(canonical), now)
    if (entry === undefined) entries.delete(canonical)
    return entry
  }
  return {
    live,
    seen: live,
    canonicals: () => [...entries.keys()].sort(),
    keep: (canonical, entry) => entries.set(canonical, entry),
    drop: (canonical) => entries.delete(canonical),
    remember: () => {},
    records,
    count: () => {
      state.count += 1
      return state.count
    },
  }
}

/** `undefined` for what has lain in the trash for its time. */
export function unexpired(entry: Entry | undefined, now: number): Entry | undefined {
  const { recoverableUntil } = entry ?? {}
  return recoverableUntil !== undefined && recoverableUntil.getTime() <= now ? undefined : entry
}
