import { type Entry, type Shelf, type ShelfState, shelfOf, unexpired } from 'strongroom/provider'

interface Past {
  /** When this stopped to be so. */
  readonly until: number
  readonly entry: Entry | undefined
}

/** A shelf whose reads see it as it was `lagMs` ago. */
export function laggingShelf(state: ShelfState, lagMs: number): Shelf {
  const shelf = shelfOf(state)
  const { live } = shelf
  const pasts = new Map<string, readonly Past[]>()
  const recent = (canonical: string, now: number): readonly Past[] =>
    (pasts.get(canonical) ?? []).filter(({ until }) => until > now - lagMs)

  return {
    ...shelf,
    seen: (canonical, now) => {
      const [past] = recent(canonical, now)
      return past === undefined ? live(canonical, now) : unexpired(past.entry, now)
    },
    canonicals: () => [...new Set([...shelf.canonicals(), ...pasts.keys()])].sort(),
    remember: (canonical, now) => {
      if (lagMs === 0) return
      const entry = live(canonical, now)
      const copy = entry && { ...entry, versions: entry.versions.map((version) => ({ ...version })) }
      pasts.set(canonical, [...recent(canonical, now), { until: now, entry: copy }])
    },
  }
}
