import type { AuditEntry } from '../audit.js'

/** Answers from the cache, gathered by what they were about. */
export interface Tally {
  count: number
  /** Handed over: what comes later needs another one. */
  closed: boolean
}

export interface HitBook {
  /** The tally to which hits like this one belong; it begins with nothing. */
  readonly open: (entry: AuditEntry) => Tally
  readonly add: (entry: AuditEntry) => void
  readonly flush: () => void
}

interface Page extends Tally {
  first: AuditEntry
}

/** Holds entries of hits until they are flushed; `began` runs when the first one comes. */
export function hitBookOf(began: () => void, take: (entry: AuditEntry) => void): HitBook {
  const pages = new Map<string, Page>()

  const pageOf = (entry: AuditEntry): Page => {
    const { operation, namespace, secret, version, stage, outcome, source } = entry
    const key = JSON.stringify([operation, namespace, secret, version, stage, outcome, source])
    const known = pages.get(key)
    if (known !== undefined) return known
    if (pages.size === 0) began()
    const page: Page = { first: entry, count: 0, closed: false }
    pages.set(key, page)
    return page
  }
  return {
    open: pageOf,
    add: (entry) => {
      const page = pageOf(entry)
      const attempts = page.count === 0 ? entry.attempts : page.first.attempts + entry.attempts
      const latencyMs = Math.max(page.first.latencyMs, entry.latencyMs)
      page.first = Object.freeze({ ...page.first, attempts, latencyMs })
      page.count += 1
    },
    flush: () => {
      for (const page of pages.values()) {
        page.closed = true
        take(Object.freeze({ ...page.first, count: page.count }))
      }
      pages.clear()
    },
  }
}
