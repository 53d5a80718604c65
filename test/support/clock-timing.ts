import type { Clock } from 'strongroom/testing'
import type { Timing } from '../../src/timing.js'

/** Time of an emulator's clock, which moves on only where a store waits: by as much as it waits, in the next turn. */
export function clockTiming(
  clock: Clock,
  waited: (delayMs: number) => void = () => {},
): Pick<Timing, 'now' | 'after'> {
  return {
    now: () => clock.now(),
    after: (delayMs, run) => {
      const turn = setImmediate(() => {
        waited(delayMs)
        clock.advance(delayMs)
        run()
      })
      return () => clearImmediate(turn)
    },
  }
}
