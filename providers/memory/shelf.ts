import type { Entry } from './entry.js'

/** The secrets by canonical name, and what a read that lags behind still shows. */
export interface Shelf {
  /** As it is. A secret whose time in the trash is over is gone. */
  readonly live: (canonical: string, now: number) => Entry | undefined
  /** As a read sees it: as it was `lagMs` ago. */
  readonly seen: (canonical: string, now: number) => Entry | undefined
  readonly canonicals: () => string[]
  readonly keep: (canonical: string, entry: Entry) => void
  readonly drop: (canonical: string) => void
  /** Called before each change. */
  readonly remember: (canonical: string, now: number) => void
}

interface Past {
  /** When this stopped to be so. */
  readonly until: number
  readonly entry: Entry | undefined
}

export function openShelf(lagMs: number): Shelf {
  const entries = new Map<string, Entry>()
  const pasts = new Map<string, readonly Past[]>()

  const unexpired = (entry: Entry | undefined, now: number): Entry | undefined =>
    entry?.recoverableUntil !== undefined && entry.recoverableUntil.getTime() <= now ? undefined : entry
  const live: Shelf['live'] = (canonical, now) => {
    const entry = unexpired(entries.get(canonical), now)
    if (entry === undefined) entries.delete(canonical)
    return entry
  }
  const recent = (canonical: string, now: number): readonly Past[] =>
    (pasts.get(canonical) ?? []).filter(({ until }) => until > now - lagMs)

  return {
    live,
    seen: (canonical, now) => {
      const [past] = recent(canonical, now)
      return past === undefined ? live(canonical, now) : unexpired(past.entry, now)
    },
    canonicals: () => [...new Set([...entries.keys(), ...pasts.keys()])].sort(),
    keep: (canonical, entry) => entries.set(canonical, entry),
    drop: (canonical) => entries.delete(canonical),
    remember: (canonical, now) => {
      if (lagMs === 0) return
      const entry = live(canonical, now)
      const copy = entry && { ...entry, versions: entry.versions.map((version) => ({ ...version })) }
      pasts.set(canonical, [...recent(canonical, now), { until: now, entry: copy }])
    },
  }
}
