import type { SecretError } from '../../errors.js'
import type { SecretRecord } from '../../operations.js'
import type { Identity } from './identity.js'

/** What the backend said last: a record, or that there is none. */
export type Answer = { readonly record: SecretRecord } | { readonly missing: SecretError }

/** An answer, and how long it counts. Times are those of the age clock. */
export interface Learned extends Identity {
  readonly answer: Answer
  /** When the read that brought it was sent: the answer is at least as new as that. */
  readonly confirmedAt: number
  /** From then on it is asked for anew. */
  readonly freshUntil: number
  /** Until then it is given while that goes on. */
  readonly usableUntil: number
}

export interface EntriesOptions {
  readonly maxEntries: number
  readonly maxBytes: number
}

/** A bounded memory: what was not looked at for longest goes first. */
export interface Entries {
  readonly find: (key: string) => Entry | undefined
  /** All that is held of a secret. */
  readonly ofGroup: (group: string) => readonly Entry[]
  /** Makes an entry the one that was looked at last. */
  readonly touch: (entry: Entry) => void
  readonly keep: (learned: Learned) => void
  readonly drop: (entry: Entry) => void
  readonly clear: () => void
}

/** A place in the memory, in a ring by when it was looked at. */
export class Entry {
  readonly key: string
  readonly group: string
  readonly secret: string
  readonly answer: Answer
  readonly confirmedAt: number
  freshUntil: number
  usableUntil: number
  /** What is given from it, and ends with its freshness. */
  readonly onEnd: (() => void)[] = []
  newer: Entry = this
  older: Entry = this

  constructor({ key, group, secret, answer, confirmedAt, freshUntil, usableUntil }: Learned) {
    this.key = key
    this.group = group
    this.secret = secret
    this.answer = answer
    this.confirmedAt = confirmedAt
    this.freshUntil = freshUntil
    this.usableUntil = usableUntil
  }

  get byteLength(): number {
    return 'record' in this.answer ? this.answer.record.value.byteLength : 0
  }

  /** Takes its freshness away, no later than at this moment. */
  endBy(time: number): void {
    this.freshUntil = Math.min(this.freshUntil, time)
    this.usableUntil = Math.min(this.usableUntil, time)
    for (const run of this.onEnd.splice(0)) run()
  }
}

export function entriesOf({ maxEntries, maxBytes }: EntriesOptions): Entries {
  const byKey = new Map<string, Entry>()
  const byGroup = new Map<string, Set<Entry>>()
  let newest: Entry | undefined
  let bytes = 0

  const unlink = (entry: Entry): void => {
    const { newer, older } = entry
    older.newer = newer
    newer.older = older
    if (newest === entry) newest = older === entry ? undefined : older
  }
  const link = (entry: Entry): void => {
    const last = newest ?? entry
    const oldest = last.newer
    entry.older = last
    entry.newer = oldest
    last.newer = entry
    oldest.older = entry
    newest = entry
  }
  const drop = (entry: Entry): void => {
    if (byKey.get(entry.key) !== entry) return
    byKey.delete(entry.key)
    const group = byGroup.get(entry.group)
    group?.delete(entry)
    if (group?.size === 0) byGroup.delete(entry.group)
    unlink(entry)
    bytes -= entry.byteLength
    entry.endBy(Number.NEGATIVE_INFINITY)
  }

  return {
    drop,
    find: (key) => byKey.get(key),
    ofGroup: (group) => [...(byGroup.get(group) ?? [])],
    touch: (entry) => {
      if (newest === entry) return
      unlink(entry)
      link(entry)
    },
    keep: (learned) => {
      const replaced = byKey.get(learned.key)
      if (replaced !== undefined) drop(replaced)
      const entry = new Entry(learned)
      byKey.set(entry.key, entry)
      byGroup.set(entry.group, (byGroup.get(entry.group) ?? new Set()).add(entry))
      link(entry)
      bytes += entry.byteLength
      while (newest !== undefined && (byKey.size > maxEntries || bytes > maxBytes)) drop(newest.newer)
    },
    clear: () => {
      for (const entry of byKey.values()) drop(entry)
    },
  }
}
