import { SecretError, transient } from './errors.js'
import { checkFields, type Fields } from './fields.js'
import { undefinedIfMissing } from './many.js'
import type { SecretInfo, SecretName, SecretSummary } from './operations.js'
import type { CallOptions, ListOptions, SecretChange, WatchOptions, WatchSelector } from './store.js'
import { longestTimerMs, type Timing } from './timing.js'
import { alarmOf } from './watch-alarm.js'

export interface WatchParts {
  readonly describe: (name: SecretName, options: CallOptions) => Promise<SecretInfo>
  readonly list: (options: ListOptions) => AsyncIterable<SecretSummary>
  /** The version that the cache holds. */
  readonly held: (name: string) => string | undefined
  readonly timing: Timing
  readonly onClose: (run: () => void) => void
}

export type Watch = (selector: WatchSelector, options?: WatchOptions) => AsyncIterableIterator<SecretChange>

/** What a poll saw of a secret: the mark differs when something has changed. */
interface Sighting {
  readonly mark: string
  readonly version?: string
}
type Sightings = ReadonlyMap<string, Sighting>

const longestBackOffMs = 300_000
const optionFields: Fields<WatchOptions> = {
  signal: true,
  intervalMs: true,
  events: true,
  eventSpreadMs: true,
}
const filterFields: Fields<Pick<ListOptions, 'prefix' | 'tags'>> = { prefix: true, tags: true }

/** Watches by asking again and again, from the first `next()` until the signal, `return()` or the store's end. */
export function watchOver(parts: WatchParts): Watch {
  const running = new Set<AbortController>()
  parts.onClose(() => {
    for (const each of running) each.abort()
  })
  return (selector, options = {}) => {
    checkFields('watch', options, optionFields)
    const { signal, intervalMs = 60_000, events, eventSpreadMs = 30_000 } = options
    checkMs('intervalMs', intervalMs, 1)
    checkMs('eventSpreadMs', eventSpreadMs, 0)
    const look = lookerOf(parts, selector)
    const ended = new AbortController()
    const end = (): void => ended.abort()
    const loop = changes({ ...parts, look, events, intervalMs, eventSpreadMs, ended: ended.signal }, () => {
      running.add(ended)
      signal?.addEventListener('abort', end)
      if (signal?.aborted) end()
      return () => {
        running.delete(ended)
        signal?.removeEventListener('abort', end)
      }
    })
    return {
      next: () => loop.next(),
      return: () => {
        end()
        return loop.return(undefined)
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
}

interface Looking {
  /** What the watcher took for true before it looked for the first time. */
  readonly before: () => Sightings
  readonly now: (seen: Sightings | undefined, signal: AbortSignal) => Promise<Sightings>
}

interface LoopParts extends WatchParts {
  readonly look: Looking
  readonly events: AsyncIterable<unknown> | undefined
  readonly intervalMs: number
  readonly eventSpreadMs: number
  readonly ended: AbortSignal
}

async function* changes(parts: LoopParts, begin: () => () => void): AsyncGenerator<SecretChange, undefined> {
  const { look, timing, events, eventSpreadMs, intervalMs, ended } = parts
  const finish = begin()
  const alarm = alarmOf(timing, ended)
  if (events !== undefined) alarm.listen(events, () => timing.random() * eventSpreadMs)
  let seen: Sightings | undefined
  let failures = 0
  try {
    while (!ended.aborted) {
      let askedMs = 0
      try {
        const before = seen ?? look.before()
        const found = await look.now(seen, ended)
        yield* seen === undefined ? newsOf(before, found) : differences(before, found)
        seen = found
        failures = 0
      } catch (error) {
        if (ended.aborted) return undefined
        if (!SecretError.is(error) || !transient.has(error.code)) throw error
        failures += 1
        askedMs = error.retryAfterMs ?? 0
      }
      const backOffMs = Math.min(intervalMs * 2 ** failures, Math.max(intervalMs, longestBackOffMs))
      await alarm.wait(Math.min(Math.max(backOffMs * (0.8 + 0.4 * timing.random()), askedMs), longestTimerMs))
    }
    return undefined
  } finally {
    alarm.close()
    finish()
  }
}

function* differences(before: Sightings, found: Sightings): Generator<SecretChange> {
  for (const [name, { mark, version }] of found) {
    const old = before.get(name)
    if (old?.mark === mark) continue
    const change = old === undefined ? 'appeared' : 'changed'
    yield Object.freeze({ name, change, ...(version === undefined ? {} : { version }) })
  }
  for (const name of before.keys()) if (!found.has(name)) yield Object.freeze({ name, change: 'gone' })
}

/** At first only what contradicts the cache is news: all else is how things are. */
function* newsOf(before: Sightings, found: Sightings): Generator<SecretChange> {
  for (const change of differences(before, found)) if (change.change !== 'appeared') yield change
}

function lookerOf({ describe, list, held }: WatchParts, selector: WatchSelector): Looking {
  const seenAs = async (name: SecretName, signal: AbortSignal): Promise<Sighting | undefined> => {
    const info = await describe(name, { signal }).catch(undefinedIfMissing)
    return info?.state === 'active' ? sightingOf(info.current?.version, info.current?.state) : undefined
  }
  if (typeof selector === 'object' && selector !== null && !('id' in selector) && !Array.isArray(selector)) {
    const filter = selector as Pick<ListOptions, 'prefix' | 'tags'>
    checkFields('watch: selector', filter, filterFields)
    return {
      before: () => new Map(),
      now: async (seen, signal) => {
        const found = new Map<string, Sighting>()
        for await (const { name, changedAt } of list({ ...filter, signal })) {
          const mark = changedAt === undefined ? undefined : `changed ${changedAt.getTime()}`
          const known = seen === undefined && mark !== undefined ? { mark } : seen?.get(name)
          const isOld = mark !== undefined && known?.mark === mark
          const sighting = isOld ? known : await seenAs(name, signal)
          if (sighting !== undefined) found.set(name, mark === undefined ? sighting : { ...sighting, mark })
        }
        return found
      },
    }
  }
  const names = (Array.isArray(selector) ? selector : [selector]) as readonly SecretName[]
  if (names.length === 0) throw new TypeError('watch: the list of names is empty')
  return {
    before: () => {
      const versions = names.map((name) => [nameOf(name), held(nameOf(name))] as const)
      return new Map(
        versions.flatMap(([name, version]) => (version === undefined ? [] : [[name, sightingOf(version)]])),
      )
    },
    now: async (_, signal) => {
      const found = new Map<string, Sighting>()
      for (const name of names) {
        const sighting = await seenAs(name, signal)
        if (sighting !== undefined) found.set(nameOf(name), sighting)
      }
      return found
    },
  }
}

function sightingOf(version: string | undefined, state = 'enabled'): Sighting {
  return { mark: `${version} ${state}`, ...(version === undefined ? {} : { version }) }
}

function nameOf(name: SecretName): string {
  return typeof name === 'string' ? name : name.id
}

function checkMs(option: string, value: number, least: number): void {
  if (typeof value === 'number' && value >= least) return
  throw new TypeError(`watch: ${option} must be a number of milliseconds, ${least} or more`)
}
