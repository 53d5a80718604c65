import type { GetInput, SecretRecord } from './operations.js'

/** What the layers say about giving a value again that one of them holds, without a call. */
export interface Gate {
  /** How many times it may be given in this turn of the event loop, before the next question. 0 is not at all. */
  readonly grant: () => number
  /** Takes down how many times it was given, by the end of the turn; at once where only one was granted. */
  readonly count: (times: number) => void
}

/** A value that a layer holds. */
export interface Hit extends Gate {
  readonly record: SecretRecord
  /** Runs when it is held no longer: nothing is given from then on. */
  readonly onEnd: (run: () => void) => void
}

/** Asked once for a name; `undefined` while nothing fresh is held. */
export type OpenHit = (input: GetInput) => Hit | undefined

/**
 * How a layer outside the cache takes part in hits. Asked once for each hit that is opened, it gives its own gate around
 * the inner one; `undefined` where it has to see a call every time.
 */
export type JoinHit = (hit: Hit, input: GetInput) => Gate | undefined

/** Reads that no handler runs for: what the layers decide about them, joined into one gate. */
export interface Hits {
  readonly open: OpenHit
  /** Whether every layer outside the cache takes part. If one does not, it has to see each `get`; `peek` is no call. */
  readonly complete: boolean
}

export const noHits: Hits = Object.freeze({ open: () => undefined, complete: false })

/** What a layer has said of hits while it was wrapped. */
export interface HitOffers {
  readonly offered?: OpenHit | undefined
  readonly join?: JoinHit | undefined
}

/** Hits as they are seen outside of one more layer. */
export function hitsAround(inner: Hits, { offered, join }: HitOffers): Hits {
  if (offered !== undefined) return { open: offered, complete: true }
  if (join === undefined) return { open: inner.open, complete: false }
  return {
    complete: inner.complete,
    open: (input) => {
      const hit = inner.open(input)
      const gate = hit && join(hit, input)
      return gate && { ...hit, ...gate }
    },
  }
}
