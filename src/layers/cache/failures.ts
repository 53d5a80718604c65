import { type ErrorCode, SecretError } from '../../errors.js'
import type { LayerEnv } from '../../layer.js'
import type { AgeClock } from './clock.js'
import type { Identity } from './identity.js'

/** Errors that are not asked for again at once: one broken secret must not cost a request for each reader. */
export interface Failures {
  /** The last error of a read, while it is too early to ask again, and if it was asked for less than `maxAgeMs` ago. */
  readonly recent: (key: string, maxAgeMs?: number) => SecretError | undefined
  /** The same, however long ago: the last that was heard of a read. */
  readonly last: (key: string) => SecretError | undefined
  /** Takes in how a read ended that was sent at `departedAt`; `undefined` for an answer. */
  readonly learn: (identity: Identity, error: unknown, departedAt: number) => void
  readonly forget: (group: string) => void
}

/** The backend could not be asked, or gave no reason. Where it gave one, the next answer may be another. */
const remembered: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'UNAVAILABLE',
  'TIMEOUT',
  'RATE_LIMITED',
  'UNKNOWN',
])
const firstMs = 1_000
const longestMs = 30_000
const maxFailures = 10_000

interface Failure {
  readonly group: string
  readonly error: SecretError
  readonly departedAt: number
  readonly pauseMs: number
  readonly until: number
}

/** The pause doubles with each failure, shortened by chance by up to a fifth; a service may ask for a longer one. */
export function failuresOf({ random }: LayerEnv, clock: AgeClock): Failures {
  const failures = new Map<string, Failure>()

  const keep = (key: string, failure: Failure): void => {
    failures.delete(key)
    failures.set(key, failure)
    if (failures.size <= maxFailures) return
    for (const oldest of failures.keys()) {
      failures.delete(oldest)
      break
    }
  }
  return {
    recent: (key, maxAgeMs = Number.POSITIVE_INFINITY) => {
      const failure = failures.get(key)
      if (failure === undefined) return undefined
      const now = clock.now()
      return now < failure.until && now - failure.departedAt < maxAgeMs ? failure.error : undefined
    },
    last: (key) => failures.get(key)?.error,
    learn: ({ key, group }, error, departedAt) => {
      if (!SecretError.is(error) || !remembered.has(error.code)) {
        failures.delete(key)
        return
      }
      const last = failures.get(key)
      const pauseMs = last === undefined ? firstMs : Math.min(longestMs, last.pauseMs * 2)
      const asked = Math.min(longestMs, error.retryAfterMs ?? 0)
      const until = clock.now() + Math.max(asked, pauseMs * (0.8 + 0.2 * random()))
      keep(key, { group, error: error.with({ attempts: 0 }), departedAt, pauseMs, until })
    },
    forget: (group) => {
      for (const [key, failure] of failures) if (failure.group === group) failures.delete(key)
    },
  }
}
