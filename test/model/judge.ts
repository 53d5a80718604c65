import { type Secret, SecretError } from 'strongroom'
import { textOf } from './backend.js'
import { type Confirmation, isVersion, Ledger, transient } from './ledger.js'

export const ttlMs = 100_000
export const staleIfErrorMs = 400_000
export const negativeTtlMs = 5_000
export const maxEntries = 3
export const lateWriteMs = 60_000
const longestMemoMs = 30_000
/** The first pause after a failure is at least so long. */
const pauseMs = 799

/** A call of `get`. */
export interface Read {
  readonly name: string
  readonly what: string
  readonly maxAgeMs: number | undefined
  readonly controller: AbortController
  readonly time: number
  readonly at: number
  /** What this store had seen of `current` by then. */
  readonly knownEpoch: number
  done: boolean
}

export interface Clocks {
  /** Milliseconds that have gone by, frozen or not. */
  readonly elapsed: () => number
  /** The same as the cache counts: older rather than younger. */
  readonly counted: () => number
}

/** An invariant that does not hold. */
export class Broken extends Error {}

/**
 * What must hold whatever happens:
 *
 * 1. *Real*: a value is one that the backend gave for this name, and for what was asked for.
 * 2. *Young*: it was asked for at most twice `ttlMs` before the call (less with `maxAgeMs`), or it has just arrived.
 * 3. *Stale with a bound*: marked, only after the backend could not be asked, less than `staleIfErrorMs` old.
 * 4. *Spoken*: after a refusal has arrived, no read gives what was known before it.
 * 5. *Never back*: no read gives an older `current` than this store had seen, or written, when the read began.
 * 6. *Doubt*: what was read after a write whose outcome is unknown is asked for anew when the doubt is over.
 * 7. *Errors*: a reader gets an error that is its own, or one that may be remembered, and not from before a write.
 * 8. *One request* at a time for a question; none for what is fresh; none just after a failure; no write twice.
 * 9. *Refreshed*: what is past its time is asked for when it is read, though nobody waits.
 * 10. *Apart*: who did not abort is not aborted; who comes after the end is told so.
 * 11. *Bounded*: no more is held than allowed; at the end there are no timers, no listeners and no open reads.
 */
export class Judge {
  readonly ledger: Ledger = new Ledger()
  readonly served: { fresh: number; stale: number; failed: number } = { fresh: 0, stale: 0, failed: 0 }
  readonly #clocks: Clocks
  readonly #quietUntil: Map<string, number> = new Map()
  #broken: Broken | undefined

  constructor(clocks: Clocks) {
    this.#clocks = clocks
  }

  claim(holds: boolean, invariant: string): void {
    if (!holds) this.#broken ??= new Broken(invariant)
  }

  /** @throws {Broken} for the first invariant that did not hold. */
  verdict(): void {
    if (this.#broken !== undefined) throw this.#broken
  }

  answer(read: Read, secret: Secret): void {
    const { ledger } = this
    const { name, what, time, at, knownEpoch, maxAgeMs = Number.POSITIVE_INFINITY } = read
    const { version, stale } = secret
    this.served[stale ? 'stale' : 'fresh'] += 1
    const sources = this.#sources(name, what, secret)
    if (sources.length === 0) return
    const departedAt = Math.max(...sources.map((each) => each.departedAt))
    const arrivedAt = Math.max(...sources.map((each) => each.at))
    const hasJustArrived = arrivedAt > at
    if (stale) {
      const ageMs = this.#clocks.elapsed() - departedAt
      this.claim(ageMs < Math.min(staleIfErrorMs, maxAgeMs), '3: staler than allowed')
      const isNeeded = ledger.failures.some(
        (each) =>
          each.name === name &&
          (each.at > arrivedAt || time - each.time <= longestMemoMs) &&
          transient.includes(each.code),
      )
      this.claim(isNeeded, '3: stale without need')
    } else {
      const limitMs = hasJustArrived ? maxAgeMs : Math.min(ttlMs * 2, maxAgeMs)
      this.claim(departedAt >= time || time - departedAt < limitMs, '2: older than allowed')
    }
    this.#spoken(name, what, at, arrivedAt)
    if (!stale && !hasJustArrived) this.#undoubted(name, departedAt, time)
    if (what !== 'current') return
    const epoch = Math.max(...sources.map((each) => each.epoch))
    this.claim(epoch >= knownEpoch, `5: an older version than was known: ${version}`)
    ledger.see(name, epoch)
  }

  peek(name: string, secret: Secret): void {
    const sources = this.#sources(name, 'current', secret)
    const [latest] = sources.toReversed()
    if (latest === undefined) return
    this.claim(!secret.stale, '3: peek gives what is stale')
    this.claim(this.#clocks.elapsed() - latest.departedAt < ttlMs, '2: peek gives what is not fresh')
    this.#spoken(name, 'current', this.ledger.events + 1, latest.at)
    this.claim(latest.epoch >= this.ledger.known(name), '5: peek gives an older version')
  }

  error(read: Read, error: unknown, closed: boolean): void {
    const { name, what, time, at, maxAgeMs = Number.POSITIVE_INFINITY } = read
    const { refusals, failures } = this.ledger
    this.served.failed += 1
    const code = SecretError.is(error) ? error.code : undefined
    if (code === 'CLOSED') this.claim(closed, '10: closed before the end')
    if (code === 'ABORTED') this.claim(read.controller.signal.aborted, '10: aborted by somebody else')
    if (code === 'CLOSED' || code === 'ABORTED') return
    const last = [...refusals, ...failures].findLast(
      (each) => each.name === name && each.what === what && each.code === code,
    )
    if (last === undefined) {
      this.claim(false, `7: an error out of nowhere: ${String(error)}`)
      return
    }
    const isFailure = failures.includes(last)
    if (last.at > at) {
      if (isFailure) this.#quietUntil.set(`${name} ${what}`, this.#clocks.counted() + pauseMs)
      return
    }
    // The end cuts short the pause between two attempts: then the first one's error is the last word.
    if (closed && isFailure) return
    this.claim(isFailure || code === 'NOT_FOUND', `7: remembers ${code}`)
    const ageMs = time - last.time
    this.claim(ageMs <= (isFailure ? longestMemoMs : negativeTtlMs) && ageMs < maxAgeMs, '7: an old error')
    const isOvertaken = this.ledger.writes(name).some((write) => write.at > last.at && write.at < at)
    this.claim(!isOvertaken, '7: an error from before a write')
  }

  /** A request for a read was sent; `isWanted` by a caller who asked for a young answer. */
  sent(name: string, what: string, isWanted: boolean): void {
    const quietUntil = this.#quietUntil.get(`${name} ${what}`) ?? Number.NEGATIVE_INFINITY
    this.claim(isWanted || this.#clocks.counted() >= quietUntil, '8: asks again just after a failure')
  }

  /** The backend has answered, with a value or a reason: what failed before is over. */
  heard(name: string, what: string): void {
    this.#quietUntil.delete(`${name} ${what}`)
  }

  /** A write began or ended. */
  write(name: string, doubtful: boolean): void {
    this.ledger.write(name, { time: this.#clocks.elapsed(), doubtful })
    for (const key of this.#quietUntil.keys()) if (key.startsWith(`${name} `)) this.#quietUntil.delete(key)
  }

  /** What a plain read finds, where that is sure: `fresh` needs no request, `due` needs one. */
  expectation(name: string, what: string): 'fresh' | 'due' | undefined {
    const { ledger } = this
    const [confirmed, previous] = ledger.answers(name, what)
    if (confirmed === undefined || isVersion(what)) return undefined
    const { at, countedAt } = confirmed
    const isTroubled =
      ledger.refusals.some((each) => each.name === name && each.at > at) ||
      ledger.writes(name).some((each) => each.at > at || each.doubtful) ||
      ledger.questions() > maxEntries ||
      // A read that was repeated counts from its first attempt.
      ledger.failures.some((each) => each.name === name && each.at > (previous?.at ?? 0))
    if (isTroubled) return undefined
    const ageMs = this.#clocks.counted() - countedAt
    if (ageMs < ttlMs * 0.8) return 'fresh'
    return ageMs >= ttlMs && ageMs < ttlMs * 2 - 1 ? 'due' : undefined
  }

  #sources(name: string, what: string, secret: Secret): readonly Confirmation[] {
    const { version } = secret
    this.claim(secret.name === name && secret.value === textOf(name, version), '1: another value')
    const sources = this.ledger.sources(name, what, version)
    this.claim(sources.length > 0, '1: never given for what was asked for')
    return sources
  }

  #spoken(name: string, what: string, before: number, arrivedAt: number): void {
    const refusal = this.ledger.refusal(name, what, before)
    if (refusal !== undefined) this.claim(arrivedAt > refusal.at, '4: what was known before a refusal')
  }

  #undoubted(name: string, departedAt: number, time: number): void {
    for (const write of this.ledger.writes(name)) {
      const endsAt = write.time + lateWriteMs
      const wasInDoubt = write.doubtful && write.time <= departedAt && departedAt < endsAt
      if (wasInDoubt) this.claim(time < endsAt, '6: outlives the doubt about a write')
    }
  }
}
