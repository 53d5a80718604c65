import type { AgeClock } from './clock.js'

/** Moments at which what is known of a secret may become untrue: no answer that is older stays fresh beyond one. */
export interface TurningPoints {
  readonly add: (group: string, at: number) => void
  /** The first one after a moment; `Infinity` where none is known. */
  readonly after: (group: string, moment: number) => number
}

const maxGroups = 10_000

/** What has passed is forgotten, and in need of room what was heard of first. */
export function turningPointsOf(clock: AgeClock): TurningPoints {
  const byGroup = new Map<string, readonly number[]>()

  return {
    add: (group, at) => {
      const now = clock.now()
      const ahead = (byGroup.get(group) ?? []).filter((other) => other > now && other !== at)
      byGroup.delete(group)
      byGroup.set(group, [...ahead, at])
      for (const [other, points] of byGroup) {
        if (byGroup.size <= maxGroups && points.some((point) => point > now)) break
        byGroup.delete(other)
      }
    },
    after: (group, moment) => {
      const ahead = (byGroup.get(group) ?? []).filter((at) => at > moment)
      return Math.min(...ahead, Number.POSITIVE_INFINITY)
    },
  }
}
