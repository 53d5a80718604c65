import type { ErrorCode } from '../../errors.js'
import { SecretError, transient } from '../../errors.js'
import type { LayerEnv } from '../../layer.js'
import type { SecretInfo, SecretRecord } from '../../operations.js'
import type { AgeClock } from './clock.js'
import { type Answer, type EntriesOptions, type Entry, entriesOf } from './entries.js'
import type { Landing } from './flights.js'
import type { Identity } from './identity.js'
import { turningPointsOf } from './turning-points.js'
import { holdersOf, sharedRecord } from './versions.js'

export interface MemoryOptions extends EntriesOptions {
  readonly ttlMs: number
  readonly staleIfErrorMs: number
  readonly negativeTtlMs: number
}

/** An answer that needs no request. */
export interface Held {
  readonly entry: Entry
  /** Whether it is time to ask anew. */
  readonly isDue: boolean
}

/** What the cache believes, and for how long. */
export interface Memory {
  /** What may be given without a request, and is younger than `maxAgeMs`. */
  readonly look: (identity: Identity, maxAgeMs?: number) => Held | undefined
  /** How often an entry may be given in this turn; it counts as looked at. */
  readonly grant: (entry: Entry) => number
  /** The value to give instead of an error, where the error allows it. */
  readonly stale: (identity: Identity, error: unknown, maxAgeMs?: number) => SecretRecord | undefined
  /** Takes in what the backend said to a read that was sent at `departedAt`; gives it with the record that is kept. */
  readonly learn: (identity: Identity, landing: Landing, departedAt: number) => Landing
  /** Takes in what a description says of a secret. */
  readonly learnInfo: (group: string, info: SecretInfo, departedAt: number) => void
  readonly forget: (group: string) => void
  /** Says that reads of a group may miss a write for so long: what they bring is fresh no longer than that. */
  readonly unsettle: (group: string, forMs: number) => void
  /** Forgets everything, and learns no more. */
  readonly close: () => void
}

/** The backend has spoken: of the whole secret, or of one version, by whatever stage that was read. */
const ofSecret: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'PENDING_DELETION',
])
const ofVersion: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['NOT_FOUND', 'DISABLED', 'INVALID_VALUE'])

/** So often a value is given in one turn without another look at the clock. */
const grantPerTurn = 1_000

export function memoryOf(options: MemoryOptions, env: LayerEnv, clock: AgeClock): Memory {
  const { ttlMs, staleIfErrorMs, negativeTtlMs } = options
  const entries = entriesOf(options)
  const turningPoints = turningPointsOf(clock)
  let closed = false

  const isYoung = ({ confirmedAt }: Entry, until: number, maxAgeMs = Number.POSITIVE_INFINITY): boolean => {
    const now = clock.now()
    return now >= confirmedAt && now < until && now - confirmedAt < maxAgeMs
  }
  const isUsable = (entry: Entry, maxAgeMs?: number): boolean => isYoung(entry, entry.usableUntil, maxAgeMs)
  /** What was said last of a stage; of a version, by whatever stage it was read. */
  const find = (identity: Identity): Entry | undefined => {
    const { key, version } = identity
    const own = entries.find(key)
    if (version === undefined) return own
    return holdersOf(entries, identity, version).reduce(
      (latest, other) => (latest !== undefined && latest.confirmedAt >= other.confirmedAt ? latest : other),
      own,
    )
  }
  const dropVersion = (identity: Identity): void => {
    const own = entries.find(identity.key)
    const record = own !== undefined && 'record' in own.answer ? own.answer.record : undefined
    const version = identity.version ?? record?.version
    if (own !== undefined) entries.drop(own)
    if (version !== undefined) holdersOf(entries, identity, version).forEach(entries.drop)
  }
  const forget = (group: string): void => entries.ofGroup(group).forEach(entries.drop)
  const ageTime = (date: Date): number => clock.now() + date.getTime() - env.now()
  const keep = (identity: Identity, answer: Answer, departedAt: number): void => {
    const isMissing = 'missing' in answer
    const expiresAt = isMissing ? undefined : answer.record.expiresAt
    const expiry = expiresAt === undefined ? Number.NEGATIVE_INFINITY : ageTime(expiresAt)
    const turn = turningPoints.after(identity.group, departedAt)
    const end = expiry > departedAt ? Math.min(expiry, turn) : turn
    const until = (lifeMs: number): number => Math.min(departedAt + lifeMs, end)
    const freshUntil = until(isMissing ? negativeTtlMs : ttlMs * (0.8 + 0.2 * env.random()))
    const usableUntil = isMissing ? freshUntil : until(ttlMs * 2)
    entries.keep({ ...identity, answer, confirmedAt: departedAt, freshUntil, usableUntil })
  }

  return {
    look: (identity, maxAgeMs) => {
      const entry = find(identity)
      if (entry === undefined) return undefined
      entries.touch(entry)
      if (!isUsable(entry, maxAgeMs)) return undefined
      return { entry, isDue: !isYoung(entry, entry.freshUntil) }
    },
    grant: (entry) => {
      const now = clock.coarse()
      if (now >= entry.freshUntil || now < entry.confirmedAt) return 0
      entries.touch(entry)
      return clock.standsStill() ? grantPerTurn : 1
    },
    stale: (identity, error, maxAgeMs) => {
      if (!SecretError.is(error) || !transient.has(error.code)) return undefined
      const entry = find(identity)
      if (entry === undefined || !('record' in entry.answer)) return undefined
      return isYoung(entry, entry.confirmedAt + staleIfErrorMs, maxAgeMs) ? entry.answer.record : undefined
    },
    learn: (identity, landing, departedAt) => {
      if (closed) return landing
      if (landing.status === 'fulfilled') {
        const record = sharedRecord(entries, identity, landing.value)
        keep(identity, { record }, departedAt)
        return { status: 'fulfilled', value: record }
      }
      const error: unknown = landing.reason
      if (!SecretError.is(error)) return landing
      if (ofSecret.has(error.code)) forget(identity.group)
      if (ofVersion.has(error.code)) dropVersion(identity)
      if (error.code === 'NOT_FOUND') keep(identity, { missing: error.with({ attempts: 0 }) }, departedAt)
      return landing
    },
    learnInfo: (group, { state, current, nativeRotation }, departedAt) => {
      if (closed) return
      const nextAt = nativeRotation?.enabled === true ? nativeRotation.nextAt : undefined
      const rotatesAt = nextAt === undefined ? Number.POSITIVE_INFINITY : ageTime(nextAt)
      if (nextAt !== undefined && rotatesAt > departedAt) turningPoints.add(group, rotatesAt)
      for (const entry of entries.ofGroup(group)) {
        if (rotatesAt > departedAt) entry.endBy(rotatesAt)
        if (state === 'deleted') entries.drop(entry)
        else if (entry.confirmedAt <= departedAt && claimsToBeCurrent(entry, current?.version))
          entry.endBy(departedAt)
      }
    },
    forget,
    unsettle: (group, forMs) => turningPoints.add(group, clock.now() + forMs),
    close: () => {
      closed = true
      entries.clear()
    },
  }
}

/** Whether an entry says of another version than this that it is current. */
function claimsToBeCurrent({ answer }: Entry, version: string | undefined): boolean {
  return 'record' in answer && answer.record.stages.includes('current') && answer.record.version !== version
}
