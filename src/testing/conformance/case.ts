import type { Capabilities } from '../../provider.js'
import type { Ability, Harness } from './harness.js'

/** Facts that a case stands on: a value of each capability, or several of which one will do. */
export type Needs = {
  readonly [Fact in keyof Capabilities]?: Capabilities[Fact] | readonly Capabilities[Fact][]
}

interface Sentence {
  /** `operation/what`. Never changes and is never used again. */
  readonly id: string
  /** What the contract says, in one sentence. */
  readonly title: string
  /** What the harness must be able to do; where it cannot, the case is skipped and says so. Default nothing. */
  readonly uses?: readonly Ability[]
  readonly run: (h: Harness) => Promise<void>
}

interface Everywhere extends Sentence {
  readonly needs?: never
  readonly otherwise?: never
}

interface WhereSupported extends Sentence {
  /** Facts of the backend, or alternatives of which one set will do. */
  readonly needs: Needs | readonly Needs[]
  /** The opposite, which must hold where the needs are not met. */
  readonly otherwise: (h: Harness) => Promise<void>
}

/** One testable sentence of the contract, as data. */
export type ConformanceCase = Everywhere | WhereSupported

/** Whether a backend has what a case stands on. */
export function meets(capabilities: Capabilities, needs: Needs | readonly Needs[] = {}): boolean {
  const alternatives = Array.isArray(needs) ? (needs as readonly Needs[]) : [needs as Needs]
  return alternatives.some((facts) =>
    Object.entries(facts).every(([fact, wanted]) => {
      const value = capabilities[fact as keyof Capabilities]
      return Array.isArray(wanted) ? wanted.includes(value) : wanted === value
    }),
  )
}
