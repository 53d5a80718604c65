/** The time of an emulator: real time plus an offset, or frozen. Services compute what depends on time lazily. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Moves time forward. @throws {RangeError} for a negative or non-finite number of milliseconds. */
  advance(ms: number): void
  /** Sets the time, in milliseconds since the epoch. It may go back. @throws {RangeError} when not finite. */
  set(epochMs: number): void
  /** Calls the listener after each `advance` and `set`. Returns the function that stops it. */
  onChange(listener: (now: number) => void): () => void
}

export interface ClockOptions {
  /** First time, in milliseconds since the epoch. Default: real time. */
  readonly start?: number
  /** Time moves only by `advance` and `set`. Default false. */
  readonly frozen?: boolean
  /** Real time, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
}

export function createClock({ start, frozen = false, now = Date.now }: ClockOptions = {}): Clock {
  const listeners = new Set<(now: number) => void>()
  const real = frozen ? () => 0 : now
  let offset = start === undefined ? (frozen ? now() : 0) : start - real()

  const read = (): number => real() + offset
  const tell = (): void => {
    const time = read()
    for (const listener of [...listeners]) listener(time)
  }
  return {
    now: read,
    advance(ms) {
      if (!(Number.isFinite(ms) && ms >= 0)) {
        throw new RangeError('advance takes a number of milliseconds >= 0; use set to go back')
      }
      offset += ms
      tell()
    },
    set(epochMs) {
      if (!Number.isFinite(epochMs)) throw new RangeError('set takes milliseconds since the epoch')
      offset = epochMs - real()
      tell()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
