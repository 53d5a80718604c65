/** One thing that goes wrong. Fields combine: a rule may delay, take effect, and then drop the answer. */
export interface FaultRule {
  /** The service's name of the operation, or `'*'` for all. */
  readonly operation: string
  /** The service's error code, answered without an effect: `'ThrottlingException'`. */
  readonly error?: string
  /** HTTP status of the error. Default: what the service sends with that code. */
  readonly status?: number
  /** Text of the error. Default: the service's own where known. */
  readonly message?: string
  /** Asks the client to wait, in the service's header. Only with `error` or `status`. */
  readonly retryAfterMs?: number
  /** Waits this long, in real time, before anything else. */
  readonly delayMs?: number
  /** Destroys the socket before the effect, or after it: the write happened and its answer is lost. */
  readonly drop?: 'before' | 'after'
  /** A listing answers an empty page that carries a token; the next page starts where this one would have. */
  readonly emptyPage?: boolean
  /** Reads see the state as it was this long ago on the clock; writes work on the present. */
  readonly lagMs?: number
  /** How many requests it hits. Default: all of them. */
  readonly times?: number
}

export interface Faults {
  /** Adds a rule behind the others. @throws {TypeError} naming the field that is wrong. */
  add(rule: FaultRule): void
  /** Removes all rules. */
  clear(): void
  /** The first rule for an operation that is not used up, used once. */
  take(operation: string): FaultRule | undefined
}

export function createFaults(): Faults {
  let rules: { readonly rule: FaultRule; left: number }[] = []
  return {
    add(rule) {
      checkRule(rule)
      rules.push({ rule: Object.freeze({ ...rule }), left: rule.times ?? Number.POSITIVE_INFINITY })
    },
    clear() {
      rules = []
    },
    take(operation) {
      const entry = rules.find(({ rule }) => rule.operation === operation || rule.operation === '*')
      if (entry === undefined) return undefined
      entry.left -= 1
      if (entry.left <= 0) rules = rules.filter((other) => other !== entry)
      return entry.rule
    },
  }
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isMs = (value: unknown): boolean => typeof value === 'number' && value >= 0 && Number.isFinite(value)
const isStatus = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= 200 && Number(value) < 600

const checks: Readonly<Record<keyof FaultRule, readonly [test: (value: unknown) => boolean, rule: string]>> =
  {
    operation: [isText, "the service's name of an operation, or '*'"],
    error: [isText, 'an error code of the service'],
    status: [isStatus, 'an HTTP status from 200 to 599'],
    message: [(value) => typeof value === 'string', 'a string'],
    retryAfterMs: [isMs, 'a number of milliseconds >= 0'],
    delayMs: [isMs, 'a number of milliseconds >= 0'],
    drop: [(value) => value === 'before' || value === 'after', "'before' or 'after'"],
    emptyPage: [(value) => typeof value === 'boolean', 'true or false'],
    lagMs: [isMs, 'a number of milliseconds >= 0'],
    times: [
      (value) => value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && Number(value) > 0),
      'a whole number > 0',
    ],
  }

function checkRule(rule: FaultRule): void {
  if (rule.operation === undefined)
    throw new TypeError(`fault rule: operation is missing; give ${checks.operation[1]}`)
  for (const [field, value] of Object.entries(rule)) {
    const check = Object.hasOwn(checks, field) ? checks[field as keyof FaultRule] : undefined
    if (check === undefined)
      throw new TypeError(`fault rule: unknown field ${field}; known: ${Object.keys(checks).join(', ')}`)
    if (value !== undefined && !check[0](value))
      throw new TypeError(`fault rule: ${field} must be ${check[1]}`)
  }
}
