import { memory } from 'strongroom/memory'
import { type ErrorCode, refusal, type SecretProvider, SecretValue, type Stage } from 'strongroom/provider'
import { type Held, held } from '../layers/support.js'

/** A version as the backend knows it. */
export interface Version {
  readonly id: string
  disabled: boolean
}

/** One secret of the backend: the truth. */
interface Truth {
  readonly versions: Version[]
  /** Versions that were ever made: no id is used twice. */
  made: number
  readonly stages: Partial<Record<Stage, Version>>
  /** Counts how often `current` has moved: what a reader has seen of it is never undone. */
  epoch: number
  refusal: ErrorCode | undefined
}

export interface ReadRequest {
  readonly kind: 'read'
  readonly name: string
  /** The stage or version that was asked for. */
  readonly what: string
  readonly departedAt: number
  readonly answer: Held<unknown>
  readonly signal: AbortSignal
  /** Set when the backend has carried it out. */
  outcome: { readonly version: Version; readonly epoch: number } | ErrorCode | undefined
  open: boolean
}

export interface WriteRequest {
  readonly kind: 'write'
  readonly name: string
  readonly answer: Held<unknown>
  readonly apply: () => unknown
  outcome: { readonly result: unknown; readonly epoch: number } | undefined
  open: boolean
}

export type Request = ReadRequest | WriteRequest

const stages: readonly string[] = ['current', 'previous', 'pending', 'newest-enabled']

/** A backend that carries out and answers each request when told: in any order, late, twice wrong, or not at all. */
export class Backend {
  readonly requests: Request[] = []
  readonly provider: SecretProvider
  readonly #truths = new Map<string, Truth>()

  constructor(now: () => number, sent: (request: Request) => void) {
    const send = (request: Request): Promise<unknown> => {
      this.requests.push(request)
      sent(request)
      return request.answer.promise
    }
    const write = (name: string, apply: (truth: Truth) => unknown): Promise<unknown> =>
      send({
        kind: 'write',
        name,
        answer: held(),
        apply: () => apply(this.truth(name)),
        outcome: undefined,
        open: true,
      })
    const base = memory()
    const operations: Partial<SecretProvider['operations']> = {
      get: ({ ref, version, stage = 'current' }, { signal }) => {
        const answer = held<unknown>()
        signal.addEventListener('abort', () => answer.reject(new Error('aborted')))
        const what = version ?? stage
        const asked = { name: ref, what, departedAt: now(), answer, signal }
        return send({ kind: 'read', ...asked, outcome: undefined, open: true }) as never
      },
      put: ({ ref, stage }) => write(ref, (truth) => this.store(truth, stage)) as never,
      promote: ({ ref, version }) => write(ref, (truth) => this.promote(truth, version)) as never,
      setVersionState: ({ ref, version, state }) =>
        write(ref, (truth) => this.disable(truth, version, state === 'disabled')) as never,
      delete: ({ ref }) => write(ref, (truth) => this.remove(truth)) as never,
    }
    this.provider = {
      ...base,
      capabilities: { ...base.capabilities, putIdempotent: false },
      classify: () => ({ code: 'UNKNOWN' }),
      operations: { ...base.operations, ...operations },
    }
  }

  truth(name: string): Truth {
    const known = this.#truths.get(name)
    if (known !== undefined) return known
    const truth: Truth = { versions: [], made: 0, stages: {}, epoch: 0, refusal: undefined }
    this.#truths.set(name, truth)
    return truth
  }

  store(truth: Truth, stage: 'current' | 'pending'): { version: string } {
    truth.made += 1
    const version = { id: `v${truth.made}`, disabled: false }
    truth.versions.push(version)
    if (stage === 'pending') truth.stages.pending = version
    else this.#move(truth, version)
    return { version: version.id }
  }

  promote(truth: Truth, id: string): object {
    const version = truth.versions.find((each) => each.id === id)
    if (version === undefined) return refusal('NOT_FOUND', 'no such version')
    if (truth.stages.current !== version) this.#move(truth, version)
    if (truth.stages.pending === version) delete truth.stages.pending
    return { version: id }
  }

  disable(truth: Truth, id: string, disabled: boolean): undefined {
    const version = truth.versions.find((each) => each.id === id)
    if (version !== undefined) version.disabled = disabled
  }

  remove(truth: Truth): object {
    for (const stage of Object.keys(truth.stages)) delete truth.stages[stage as Stage]
    truth.versions.splice(0, truth.versions.length)
    truth.epoch += 1
    return {}
  }

  /** Carries a request out, once. */
  process(request: Request): void {
    if (request.outcome !== undefined) return
    const truth = this.truth(request.name)
    if (request.kind === 'read') request.outcome = this.#look(truth, request.what)
    else request.outcome = { result: request.apply(), epoch: truth.epoch }
  }

  open(pick: number): Request | undefined {
    const open = this.requests.filter((request) => request.open)
    return open[pick % Math.max(1, open.length)]
  }

  #move(truth: Truth, version: Version): void {
    const { current } = truth.stages
    if (current !== undefined) truth.stages.previous = current
    truth.stages.current = version
    truth.epoch += 1
  }

  #look(truth: Truth, what: string): ReadRequest['outcome'] {
    if (truth.refusal !== undefined) return truth.refusal
    const stage = what === 'newest-enabled' ? 'current' : (what as Stage)
    const version = stages.includes(what) ? truth.stages[stage] : truth.versions.find(({ id }) => id === what)
    if (version === undefined) return 'NOT_FOUND'
    return version.disabled ? 'DISABLED' : { version, epoch: truth.epoch }
  }
}

/** What the backend hands out for a version: its value says whose it is. */
export function recordOf(name: string, { id }: Version): object {
  return {
    version: id,
    createdAt: new Date(0),
    state: 'enabled',
    stages: [],
    tags: {},
    value: SecretValue.text(textOf(name, id)),
  }
}

export function textOf(name: string, version: string): string {
  return `the value of ${name} ${version}`
}
