import { type ErrorCode, SecretError, type SecretStore, type Stage } from 'strongroom'
import { createStore } from '../../src/create-store.js'
import { cache } from '../../src/layers/cache.js'
import { retry } from '../../src/layers/retry.js'
import { failed, listeners } from '../layers/support.js'
import { type FakeTiming, fakeTiming, settle } from '../support/fake-timing.js'
import { Backend, type ReadRequest, type Request, recordOf } from './backend.js'
import { Judge, lateWriteMs, maxEntries, negativeTtlMs, type Read, staleIfErrorMs, ttlMs } from './judge.js'
import { isVersion, transient } from './ledger.js'

const names: readonly string[] = ['a', 'b', 'c']

export type What = Stage | 'known version'

export type Step =
  | { readonly do: 'get'; readonly name: number; readonly what: What; readonly maxAgeMs: number | undefined }
  | { readonly do: 'burst'; readonly name: number }
  | { readonly do: 'peek' }
  | { readonly do: 'put'; readonly name: number; readonly stage: 'current' | 'pending' }
  | { readonly do: 'change'; readonly name: number; readonly act: 'promote' | 'disable' | 'delete' }
  /** Somebody else does it. */
  | { readonly do: 'foreign'; readonly name: number; readonly act: Act }
  /** The backend carries out a request that waits; its answer arrives, carried out now at the latest. */
  | { readonly do: 'process'; readonly pick: number }
  | { readonly do: 'answer'; readonly pick: number }
  | { readonly do: 'answer all' }
  /** It fails instead. A write may have been carried out all the same, or may be later. */
  | { readonly do: 'fail'; readonly pick: number; readonly code: ErrorCode; readonly late: boolean }
  | { readonly do: 'outage'; readonly on: boolean }
  | { readonly do: 'abort'; readonly pick: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'freeze'; readonly ms: number }
  | { readonly do: 'set clock'; readonly ms: number }
  | { readonly do: 'close' }

export type Act = 'put' | 'deny' | 'allow' | 'disable' | 'delete'

/** A store with cache and retry over a scripted backend, driven step by step, and judged after each. */
export class World {
  readonly timing: FakeTiming
  readonly store: SecretStore
  readonly backend: Backend
  readonly judge: Judge
  readonly #reads: Read[] = []
  #outage = false
  #closed = false
  /** Milliseconds for which the process was frozen, and by which the clock was set forward. */
  #frozenMs = 0
  #leadMs = 0

  constructor(jitter: number) {
    this.timing = fakeTiming({ random: () => jitter })
    const elapsed = (): number => this.timing.uptime() + this.#frozenMs
    this.judge = new Judge({ elapsed, counted: () => elapsed() + this.#leadMs })
    this.backend = new Backend(elapsed, (request) => this.#sent(request))
    const { now, uptime, random, after } = this.timing
    const layers = [cache({ ttlMs, staleIfErrorMs, negativeTtlMs, maxEntries }), retry()]
    this.store = createStore({ provider: this.backend.provider, layers, now, uptime, random, after })
    for (const name of names.slice(0, 2)) this.backend.store(this.backend.truth(name), 'current')
  }

  /** @throws {Broken} when an invariant does not hold. */
  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.take(step)
      await settle()
      this.#lookAtRequests()
      this.judge.verdict()
    }
    await this.#finish()
    this.judge.verdict()
  }

  async take(step: Step): Promise<void> {
    const name = 'name' in step ? (names[step.name] ?? '') : ''
    if (step.do === 'get') this.#get(name, this.#named(name, step.what), step.maxAgeMs)
    else if (step.do === 'burst') for (let n = 0; n < 5; n += 1) this.#get(name, 'current', undefined)
    else if (step.do === 'peek') this.#peek()
    else if (step.do === 'put') this.#write(name, this.store.put(name, 'ignored', { stage: step.stage }))
    else if (step.do === 'change') this.#change(name, step.act)
    else if (step.do === 'foreign') this.#foreign(name, step.act)
    else if (step.do === 'wait') await this.timing.advance(step.ms)
    else if (step.do === 'freeze') await this.#jump(step.ms, 'freeze')
    else if (step.do === 'set clock') await this.#jump(step.ms, 'set clock')
    else if (step.do === 'outage') this.#outage = step.on
    else if (step.do === 'abort') this.#reads[step.pick % Math.max(1, this.#reads.length)]?.controller.abort()
    else if (step.do === 'close') await this.#close()
    else if (step.do === 'answer all') this.#answerAll()
    else this.#attend(step)
  }

  #attend(step: Extract<Step, { readonly pick: number }>): void {
    const request = this.backend.open(step.pick)
    if (request === undefined) return
    if (step.do === 'process') this.backend.process(request)
    else if (step.do === 'fail') this.#fail(request, step.code, step.late)
    else this.#answer(request)
  }

  #named(name: string, what: What): string {
    if (what !== 'known version') return what
    return this.judge.ledger.confirmations.findLast((each) => each.name === name)?.version ?? 'v1'
  }

  #get(name: string, what: string, maxAgeMs: number | undefined): void {
    const { judge, store } = this
    const controller = new AbortController()
    const { signal } = controller
    const at = judge.ledger.next()
    const time = this.timing.uptime() + this.#frozenMs
    const knownEpoch = judge.ledger.known(name)
    const read: Read = { name, what, maxAgeMs, controller, time, at, knownEpoch, done: false }
    this.#reads.push(read)
    const isPlain = maxAgeMs === undefined
    const isAsked = this.#openReads(name, what).length > 0
    const expected = isPlain && !isAsked && !this.#closed ? judge.expectation(name, what) : undefined
    const sentBefore = this.#sentReads(name, what)

    const chosen = isVersion(what) ? { version: what } : { stage: what as Stage }
    const options = { ...chosen, signal, ...(isPlain ? {} : { maxAgeMs }) }
    // Half of the reads take the short way, which no layer is called for.
    const isShort = isPlain && what === 'current' && at % 2 === 0
    void (isShort ? store.get(name) : store.get(name, options)).then(
      (secret) => {
        read.done = true
        judge.answer(read, secret)
      },
      (error: unknown) => {
        read.done = true
        judge.error(read, error, this.#closed)
      },
    )
    if (expected === undefined) return
    void settle().then(() => {
      const isSent = this.#sentReads(name, what) > sentBefore
      if (expected === 'fresh') judge.claim(!isSent && read.done, '8: asks for what is fresh')
      else judge.claim(isSent, '9: what is past its time is not asked for')
    })
  }

  #peek(): void {
    const held = names.flatMap((name) => {
      const secret = this.store.peek(name)
      return secret === undefined ? [] : [{ name, secret }]
    })
    for (const { name, secret } of held) this.judge.peek(name, secret)
    this.judge.claim(held.length <= (this.#closed ? 0 : maxEntries), '11: holds too many')
  }

  #write(name: string, output: Promise<unknown>): void {
    this.judge.write(name, false)
    void output.then(
      () => this.judge.write(name, false),
      (error: unknown) => this.judge.write(name, SecretError.is(error) && error.outcomeUnknown),
    )
  }

  #change(name: string, act: 'promote' | 'disable' | 'delete'): void {
    const id = this.backend.truth(name).versions.at(-1)?.id ?? 'v1'
    if (act === 'promote') this.#write(name, this.store.promote(name, id))
    else if (act === 'disable') this.#write(name, this.store.setVersionState(name, id, 'disabled'))
    else this.#write(name, this.store.delete(name))
  }

  #foreign(name: string, act: Act): void {
    const truth = this.backend.truth(name)
    if (act === 'put') this.backend.store(truth, 'current')
    else if (act === 'deny') truth.refusal = 'PERMISSION_DENIED'
    else if (act === 'allow') truth.refusal = undefined
    else if (act === 'delete') this.backend.remove(truth)
    else if (truth.stages.current !== undefined) truth.stages.current.disabled = true
  }

  #sent(request: Request): void {
    if (request.kind === 'write' || this.#closed) return
    const { name, what } = request
    const isWanted = this.#reads.some(
      (read) => !read.done && read.name === name && read.what === what && read.maxAgeMs !== undefined,
    )
    this.judge.sent(name, what, isWanted)
    if (this.#outage) queueMicrotask(() => this.#fail(request, 'UNAVAILABLE', false))
  }

  #answerAll(): void {
    for (const request of this.backend.requests) this.#answer(request)
  }

  #answer(request: Request): void {
    if (!request.open) return
    this.backend.process(request)
    request.open = false
    if (request.kind === 'read') {
      this.#answerRead(request)
      return
    }
    const { result, epoch } = request.outcome ?? { result: undefined, epoch: 0 }
    if (result instanceof Error) request.answer.reject(result)
    else {
      this.judge.ledger.see(request.name, epoch)
      request.answer.resolve(result)
    }
  }

  #answerRead(request: ReadRequest): void {
    const { name, what, departedAt, outcome, signal } = request
    if (typeof outcome === 'string') this.#refuse(request, outcome)
    if (typeof outcome !== 'object' || signal.aborted) return
    const { ledger } = this.judge
    const { version, epoch } = outcome
    const countedAt = departedAt + this.#leadMs
    ledger.confirmations.push({
      name,
      what,
      version: version.id,
      epoch,
      departedAt,
      countedAt,
      at: ledger.next(),
    })
    this.judge.heard(name, what)
    request.answer.resolve(recordOf(name, version))
  }

  #refuse({ name, what, signal, answer }: ReadRequest, code: ErrorCode): void {
    if (!signal.aborted) {
      const { ledger } = this.judge
      ledger.refuse({ name, what, code, time: this.timing.uptime() + this.#frozenMs })
      if (!transient.includes(code) && code !== 'UNKNOWN') this.judge.heard(name, what)
    }
    answer.reject(failed(code))
  }

  #fail(request: Request, code: ErrorCode, late: boolean): void {
    if (!request.open) return
    request.open = false
    if (request.kind === 'read') {
      this.#refuse(request, code)
      return
    }
    const outcomeUnknown = transient.includes(code) || code === 'UNKNOWN'
    request.answer.reject(failed(code, { outcomeUnknown }))
    if (outcomeUnknown && late) this.timing.after(lateWriteMs / 2, () => this.backend.process(request))
  }

  async #jump(ms: number, reason: 'freeze' | 'set clock'): Promise<void> {
    // Clocks are compared when somebody asks: here at once, so that two changes do not cancel each other unseen.
    await this.#look()
    this.timing.jump(ms)
    if (reason === 'freeze') this.#frozenMs += ms
    else this.#leadMs += Math.max(0, ms)
    await this.#look()
  }

  async #look(): Promise<void> {
    await Promise.allSettled([this.store.describe('clock')])
  }

  #openReads(name: string, what: string): readonly ReadRequest[] {
    return this.backend.requests.filter(
      (each): each is ReadRequest =>
        each.open && each.kind === 'read' && !each.signal.aborted && each.name === name && each.what === what,
    )
  }

  #sentReads(name: string, what: string): number {
    const { requests } = this.backend
    return requests.filter((each) => each.kind === 'read' && each.name === name && each.what === what).length
  }

  #lookAtRequests(): void {
    for (const request of this.backend.requests) {
      if (!request.open || request.kind === 'write') continue
      const isOne = this.#openReads(request.name, request.what).length <= 1
      this.judge.claim(isOne, '8: two requests for one question')
    }
  }

  async #close(): Promise<void> {
    this.#closed = true
    await this.store.close()
  }

  /** Answers what waits, closes, and looks at what is left. */
  async #finish(): Promise<void> {
    const { judge, backend, timing } = this
    const writes = (): number => backend.requests.filter(({ kind }) => kind === 'write').length
    const writesBefore = writes()
    this.#outage = false
    for (let round = 0; round < 20; round += 1) {
      this.#answerAll()
      await timing.advance(1_000)
      if (this.#reads.every(({ done }) => done) && !backend.requests.some(({ open }) => open)) break
    }
    await this.#close()
    await timing.advance(lateWriteMs)
    this.#peek()
    judge.claim(writes() === writesBefore, '8: a write twice')
    judge.claim(
      this.#reads.every(({ done }) => done),
      '11: a read that never ends',
    )
    const isHeard = this.#reads.some(({ controller }) => listeners(controller.signal) > 0)
    judge.claim(!isHeard, '11: a listener that stays')
    judge.claim(timing.pending() === 0, '11: a timer that stays')
    const isOpen = backend.requests.some((each) => each.open && each.kind === 'read' && !each.signal.aborted)
    judge.claim(!isOpen, '11: a request that stays')
  }
}
