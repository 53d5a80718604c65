import type { ErrorCode } from 'strongroom'

/** An answer of the backend to a read that counted. `at` numbers what happens, in order. */
export interface Confirmation {
  readonly name: string
  /** The stage or version that was asked for. */
  readonly what: string
  readonly version: string
  /** How often `current` had moved. */
  readonly epoch: number
  readonly departedAt: number
  /** By the clock of the cache, to which clock steps forward are time gone by. */
  readonly countedAt: number
  readonly at: number
}

export interface Refusal {
  readonly name: string
  readonly what: string
  readonly code: ErrorCode
  readonly time: number
  readonly at: number
}

/** A write of this store began or ended. */
export interface WriteMoment {
  readonly at: number
  readonly time: number
  /** It ended, and nobody knows how. */
  readonly doubtful: boolean
}

export const spokenOfSecret: readonly ErrorCode[] = [
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'PENDING_DELETION',
]
const spoken: readonly ErrorCode[] = [...spokenOfSecret, 'NOT_FOUND', 'DISABLED', 'INVALID_VALUE']
export const transient: readonly ErrorCode[] = ['UNAVAILABLE', 'TIMEOUT', 'RATE_LIMITED']

/** What has happened, as far as this store could know of it. */
export class Ledger {
  readonly confirmations: Confirmation[] = []
  /** The backend has spoken. */
  readonly refusals: Refusal[] = []
  /** It could not be asked, or gave no reason. */
  readonly failures: Refusal[] = []
  readonly #writes: Map<string, WriteMoment[]> = new Map()
  readonly #epochs: Map<string, number> = new Map()
  #events = 0

  get events(): number {
    return this.#events
  }

  next(): number {
    this.#events += 1
    return this.#events
  }

  refuse(refusal: Omit<Refusal, 'at'>): void {
    const list = spoken.includes(refusal.code) ? this.refusals : this.failures
    list.push({ ...refusal, at: this.next() })
  }

  write(name: string, moment: Omit<WriteMoment, 'at'>): void {
    this.#writes.set(name, [...this.writes(name), { ...moment, at: this.next() }])
  }

  writes(name: string): readonly WriteMoment[] {
    return this.#writes.get(name) ?? []
  }

  /** What this store has seen of `current`. */
  known(name: string): number {
    return this.#epochs.get(name) ?? 0
  }

  see(name: string, epoch: number): void {
    this.#epochs.set(name, Math.max(this.known(name), epoch))
  }

  /** Answers from which a version may have come: to the same question, or to any where the version was asked for. */
  sources(name: string, what: string, version: string): readonly Confirmation[] {
    return this.confirmations.filter(
      (each) => each.name === name && each.version === version && (each.what === what || isVersion(what)),
    )
  }

  /** Answers to one question, the last one first. */
  answers(name: string, what: string): readonly Confirmation[] {
    return this.confirmations.filter((each) => each.name === name && each.what === what).reverse()
  }

  /** The last time that the backend has spoken against what would answer a question. */
  refusal(name: string, what: string, before: number): Refusal | undefined {
    return this.refusals.findLast(
      (each) =>
        each.name === name && each.at < before && (spokenOfSecret.includes(each.code) || each.what === what),
    )
  }

  /** How many questions have an answer, which a memory may hold. */
  questions(): number {
    return new Set([...this.confirmations, ...this.refusals].map(({ name, what }) => `${name} ${what}`)).size
  }
}

export function isVersion(what: string): boolean {
  return /^v\d+$/.test(what)
}
