import type { Timing } from './timing.js'

/** A wait that events may shorten. */
export interface Alarm {
  /** Resolves after so long, sooner when an event asks for it, and at once when the signal is aborted. */
  readonly wait: (delayMs: number) => Promise<void>
  /** Each event shortens the wait, or the next one, to what `spreadMs` gives. An error of the source ends the wait. */
  readonly listen: (events: AsyncIterable<unknown>, spreadMs: () => number) => void
  readonly close: () => void
}

export function alarmOf(timing: Timing, ended: AbortSignal): Alarm {
  let hurriedTo: number | undefined
  let failed: { readonly error: unknown } | undefined
  let rearm = (): void => {}
  let stop = (): void => {}

  const follow = async (iterator: AsyncIterator<unknown>, spreadMs: () => number): Promise<void> => {
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
      if (ended.aborted) return
      hurriedTo = Math.min(hurriedTo ?? Number.POSITIVE_INFINITY, timing.now() + spreadMs())
      rearm()
    }
  }
  return {
    wait: (delayMs) =>
      new Promise((resolve, reject) => {
        const until = timing.now() + delayMs
        let cancel = (): void => {}
        const settle = (): void => {
          cancel()
          ended.removeEventListener('abort', settle)
          hurriedTo = undefined
          rearm = (): void => {}
          if (failed !== undefined && !ended.aborted) reject(failed.error)
          else resolve()
        }
        rearm = (): void => {
          cancel()
          const leftMs = Math.min(until, hurriedTo ?? until) - timing.now()
          if (ended.aborted || failed !== undefined) settle()
          else cancel = timing.after(Math.min(Math.max(0, leftMs), delayMs), settle)
        }
        ended.addEventListener('abort', settle)
        rearm()
      }),
    listen: (events, spreadMs) => {
      const iterator = events[Symbol.asyncIterator]()
      stop = () => void Promise.allSettled([iterator.return?.()])
      follow(iterator, spreadMs).catch((error: unknown) => {
        failed = { error }
        rearm()
      })
    },
    close: () => stop(),
  }
}
