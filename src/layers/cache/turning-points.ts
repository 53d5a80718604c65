import type { AgeClock } from './clock.js'

/** Moments at which what is known of a secret may become untrue: no answer that is older stays fresh beyond one. */
export interface TurningPoints {
  readonly add: (group: string, at: number) => void
  /** The first one after a moment; `Infinity` where none is known. */
  readonly after: (group: string, moment: number) => number
}

const maxGroups = 10_000
/** Longer than any read is under way: one that was sent before a turning point may land after it. */
const rememberedMs = 3_600_000

/** What has long passed is forgotten, and in need of room what was heard of first. */
export function turningPointsOf(clock: AgeClock): TurningPoints {
  const byGroup = new Map<string, readonly number[]>()

  return {
    add: (group, at) => {
      const since = clock.now() - rememberedMs
      const kept = (byGroup.get(group) ?? []).filter((other) => other > since && other !== at)
      byGroup.delete(group)
      byGroup.set(group, [...kept, at])
      for (const [other, points] of byGroup) {
        if (byGroup.size <= maxGroups && points.some((point) => point > since)) break
        byGroup.delete(other)
      }
    },
    after: (group, moment) => {
      const ahead = (byGroup.get(group) ?? []).filter((at) => at > moment)
      return Math.min(...ahead, Number.POSITIVE_INFINITY)
    },
  }
}
