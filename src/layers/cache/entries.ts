import type { SecretError } from '../../errors.js'
import type { SecretRecord } from '../../operations.js'
import type { Identity } from './identity.js'

/** What the backend said last: a record, or that there is none. */
export type Answer = { readonly record: SecretRecord } | { readonly missing: SecretError }

export interface Entry extends Identity {
  readonly answer: Answer
  /** When the read that brought it was sent, in epoch milliseconds: the answer is at least as new as that. */
  readonly confirmedAt: number
  readonly freshUntil: number
}

export interface EntriesOptions {
  readonly maxEntries: number
  readonly maxBytes: number
}

export interface Entries {
  /** Looking at an entry makes it the youngest. */
  readonly find: (key: string) => Entry | undefined
  readonly keep: (entry: Entry) => void
  readonly drop: (key: string) => void
  readonly dropGroup: (group: string) => void
  readonly clear: () => void
}

/** A bounded memory: what was not looked at for longest goes first. */
export function entriesOf({ maxEntries, maxBytes }: EntriesOptions): Entries {
  const entries = new Map<string, Entry>()
  let bytes = 0

  const drop = (key: string): void => {
    const entry = entries.get(key)
    if (entry === undefined) return
    entries.delete(key)
    bytes -= sizeOf(entry)
  }
  return {
    drop,
    find: (key) => {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry
    },
    keep: (entry) => {
      drop(entry.key)
      entries.set(entry.key, entry)
      bytes += sizeOf(entry)
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries && bytes <= maxBytes) break
        drop(oldest)
      }
    },
    dropGroup: (group) => {
      for (const entry of entries.values()) if (entry.group === group) drop(entry.key)
    },
    clear: () => {
      entries.clear()
      bytes = 0
    },
  }
}

function sizeOf({ answer }: Entry): number {
  return 'record' in answer ? answer.record.value.byteLength : 0
}
