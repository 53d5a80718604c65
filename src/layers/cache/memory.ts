import type { ErrorCode } from '../../errors.js'
import { SecretError } from '../../errors.js'
import type { LayerEnv } from '../../layer.js'
import type { SecretRecord } from '../../operations.js'
import { type Answer, type EntriesOptions, type Entry, entriesOf } from './entries.js'
import type { Landing } from './flights.js'
import type { Identity } from './identity.js'

export interface MemoryOptions extends EntriesOptions {
  readonly ttlMs: number
  readonly staleIfErrorMs: number
  readonly negativeTtlMs: number
}

/** What the cache believes, and for how long. */
export interface Memory {
  /** An answer that needs no request, and is younger than `maxAgeMs`. */
  readonly fresh: (identity: Identity, maxAgeMs?: number) => Answer | undefined
  /** The value to serve instead of an error, where the error allows it. */
  readonly stale: (identity: Identity, error: unknown, maxAgeMs?: number) => SecretRecord | undefined
  /** Takes in what the backend said to a read that was sent at `departedAt`. */
  readonly learn: (identity: Identity, landing: Landing, departedAt: number) => void
  readonly forget: (group: string) => void
  /** Says that reads of a group may miss a write for so long: what they bring is fresh no longer than that. */
  readonly unsettle: (group: string, forMs: number) => void
  /** Forgets everything, and learns no more. */
  readonly close: () => void
}

/** The backend could not be asked. */
const transient: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['UNAVAILABLE', 'TIMEOUT', 'RATE_LIMITED'])
/**
 * The backend has spoken: of the whole secret, or of the version that was asked for. `NOT_FOUND` speaks of a version
 * too; it takes the place of what was known.
 */
const ofSecret: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'PENDING_DELETION',
])
const ofVersion: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['DISABLED', 'INVALID_VALUE'])

export function memoryOf(options: MemoryOptions, { now, random }: LayerEnv): Memory {
  const { ttlMs, staleIfErrorMs, negativeTtlMs } = options
  const entries = entriesOf(options)
  const unsettledUntil = new Map<string, number>()
  let closed = false

  const freshUntil = (group: string, departedAt: number): number => {
    const full = departedAt + ttlMs * (0.8 + 0.2 * random())
    const settledAt = unsettledUntil.get(group)
    return settledAt === undefined || settledAt <= departedAt ? full : Math.min(full, settledAt)
  }
  /** A clock that has stepped back makes every age doubtful. */
  const isYoung = ({ confirmedAt }: Entry, limitMs: number, maxAgeMs = limitMs): boolean => {
    const ageMs = now() - confirmedAt
    return ageMs >= 0 && ageMs < Math.min(limitMs, maxAgeMs)
  }

  return {
    fresh: ({ key }, maxAgeMs) => {
      const entry = entries.find(key)
      if (entry === undefined) return undefined
      return isYoung(entry, entry.freshUntil - entry.confirmedAt, maxAgeMs) ? entry.answer : undefined
    },
    stale: ({ key }, error, maxAgeMs) => {
      if (!SecretError.is(error) || !transient.has(error.code)) return undefined
      const entry = entries.find(key)
      if (entry === undefined || !('record' in entry.answer)) return undefined
      return isYoung(entry, staleIfErrorMs, maxAgeMs) ? entry.answer.record : undefined
    },
    learn: (identity, landing, departedAt) => {
      if (closed) return
      const { key, group } = identity
      if (landing.status === 'fulfilled') {
        const answer = { record: Object.freeze(landing.value) }
        const until = freshUntil(group, departedAt)
        entries.keep({ ...identity, answer, confirmedAt: departedAt, freshUntil: until })
        return
      }
      const error: unknown = landing.reason
      if (!SecretError.is(error)) return
      if (ofSecret.has(error.code)) entries.dropGroup(group)
      if (ofVersion.has(error.code)) entries.drop(key)
      if (error.code !== 'NOT_FOUND') return
      const answer = { missing: error.with({ attempts: 0 }) }
      entries.keep({ ...identity, answer, confirmedAt: departedAt, freshUntil: departedAt + negativeTtlMs })
    },
    forget: entries.dropGroup,
    unsettle: (group, forMs) => {
      for (const [other, until] of unsettledUntil) if (until <= now()) unsettledUntil.delete(other)
      unsettledUntil.set(group, Math.max(unsettledUntil.get(group) ?? 0, now() + forMs))
    },
    close: () => {
      closed = true
      entries.clear()
    },
  }
}
