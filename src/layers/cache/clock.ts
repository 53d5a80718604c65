import { systemTiming, type Timing } from '../../timing.js'
import { atEndOfTurn, turn } from '../../turn.js'

/** Measures ages: milliseconds that never run backwards, and that go on while the process is frozen. */
export interface AgeClock {
  readonly now: () => number
  /** The same, as it was when this turn of the event loop first asked: a look at the system's clocks costs more than a hit. */
  readonly coarse: () => number
  /** Whether time may stand still within a turn: not where a test may set the clock in the middle of one. */
  readonly standsStill: () => boolean
}

/** The wall clock is told in whole milliseconds: so much it may seem to fall behind without having been set. */
const roundingMs = 2
/** A turn that never ends still looks at the clock now and then. */
const readsPerLook = 256
const realNow = Date.now

/**
 * Two clocks watch each other. The steady one is not fooled when the wall clock is set; the wall clock goes on while
 * the machine sleeps, when the steady one may stand still. What the wall clock gains on the other counts as gone by:
 * where the two disagree, things are older rather than younger.
 */
export function ageClockOf({ now, uptime }: Timing): AgeClock {
  let gain = now() - uptime()
  let slept = 0
  let latest = 0
  let latestTurn = 0
  let reads = 0

  const look = (): number => {
    const steady = uptime()
    const lead = now() - steady
    if (lead > gain) slept += lead - gain
    if (lead > gain || lead < gain - roundingMs) gain = lead
    latest = steady + slept
    return latest
  }
  const standsStill = (): boolean => now === systemTiming.now && Date.now === realNow
  const coarse = (): number => {
    if (!standsStill()) return look()
    if (latestTurn === turn.id && reads > 0) {
      reads -= 1
      return latest
    }
    if (latestTurn !== turn.id) atEndOfTurn(nothing)
    latestTurn = turn.id
    reads = readsPerLook
    return look()
  }
  return { now: look, coarse, standsStill }
}

/** A turn ends only if somebody waits for its end. */
function nothing(): void {}
