import type { Answer, Scope } from './model.js'
import type { Kind } from './request.js'

/** One operation of the service. */
export interface Operation {
  /** As the OpenAPI document of the service calls it. */
  readonly id: string
  readonly handle: (scope: Scope) => Answer | undefined
  /** Fields that it takes; another is warned of. Default: any. */
  readonly fields?: readonly string[]
  /** Needs no token. */
  readonly isOpen?: true
  /** Needs `sudo` besides, as paths that only root should have do. */
  readonly needsSudo?: true
  /** Answers with the fields of `data` beside it too. */
  readonly isFlat?: true
  /** Whether what a write names is there already; without it, a write is always an update. */
  readonly exists?: (scope: Scope) => boolean
}

/** Paths below a mount, in order, with what may be done on them. Groups of the pattern become the parts of a scope. */
export type Routes = readonly (readonly [
  pattern: RegExp,
  operations: Readonly<Partial<Record<Kind, Operation>>>,
])[]
