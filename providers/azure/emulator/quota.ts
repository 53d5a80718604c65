import { throttled } from './errors.js'
import type { Settings } from './model.js'
import type { OperationName } from './routes.js'

/** How many operations the vault takes in ten seconds of its clock. */
export interface AzureQuota {
  /** Of all operations. Default 4,000. */
  readonly operations?: number
  /** Of new versions. Default 300. */
  readonly sets?: number
}

const windowMs = 10_000

export interface Quota {
  /** @throws {AzureError} `Throttled`, with the time until the next window. */
  take(operation: OperationName, now: number): void
}

/** Windows of ten seconds that begin together. A service without a quota throttles nobody. */
export function createQuota({ quota, facts }: Settings): Quota {
  if (quota === undefined) return { take: () => undefined }
  const { operations = 4_000, sets = 300 } = quota
  let window = Number.NaN
  let taken = { operations: 0, sets: 0 }
  return {
    take(operation, now) {
      const current = Math.floor(now / windowMs)
      if (current !== window) taken = { operations: 0, sets: 0 }
      window = current
      const set = operation === 'SetSecret' || operation === 'RestoreSecret' ? 1 : 0
      if (taken.operations + 1 > operations || taken.sets + set > sets) {
        throw throttled(facts, (current + 1) * windowMs - now)
      }
      taken = { operations: taken.operations + 1, sets: taken.sets + set }
    },
  }
}
