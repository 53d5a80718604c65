import type { ErrorCode, SecretErrorFields } from '../errors.js'
import { defined, SecretError } from '../errors.js'
import type { LayerEnv } from '../layer.js'
import { textOf } from '../names.js'
import type { Call, GetInput, Handler, Operation, Output, Stage } from '../operations.js'
import { effects } from '../operations.js'
import { longestTimerMs } from '../timing.js'

export { type Outcome, outcomeOf } from '../errors.js'

/** What a call is about, in words that are no secret: what audit and telemetry may carry. */
export interface Subject {
  readonly secret?: string
  readonly version?: string
  readonly stage?: Stage
}

export function subjectOf({ input }: Call): Subject {
  const { name, version, stage } = input as {
    readonly name?: unknown
    readonly version?: string
    readonly stage?: Stage
  }
  return defined({ secret: textOf(name), version, stage })
}

/** The call that a hit takes the place of. */
export function hitCall(input: GetInput): Call<'get'> {
  return { operation: 'get', input, context: { trail: { source: 'cache', attempts: 0 } } }
}

/** An error that a layer finds out by itself, worded like those of the boundary. */
export function failure(
  env: LayerEnv,
  call: Call,
  code: ErrorCode,
  message: string,
  more: Partial<SecretErrorFields> = {},
): SecretError {
  const { secret } = subjectOf(call)
  const place = `${env.provider}: ${call.operation}${secret === undefined ? '' : ` ${JSON.stringify(secret)}`}`
  return new SecretError({
    code,
    message: `${place}: ${message}`,
    provider: env.provider,
    operation: call.operation,
    attempts: call.context.trail.attempts,
    ...defined({ secret }),
    ...more,
  })
}

/** The error of a call whose signal was aborted: what an outer layer gave as the reason, else `ABORTED`. */
export function endedBy(signal: AbortSignal, env: LayerEnv, call: Call, outcomeUnknown = false): SecretError {
  const reason: unknown = signal.reason
  if (!SecretError.is(reason)) {
    return failure(env, call, 'ABORTED', 'the caller aborted it', { outcomeUnknown })
  }
  return reason.with({
    attempts: call.context.trail.attempts,
    outcomeUnknown: reason.outcomeUnknown || outcomeUnknown,
  })
}

export interface TimeLimit {
  readonly limitMs: number
  /** What a call that has run out of time rejects with. */
  readonly expired: (outcomeUnknown: boolean) => SecretError
  /** Whether an inner layer may still answer, at once, when it hears that the time is up. */
  readonly lastWord: boolean
}

/**
 * Runs the rest of a call under a signal of its own, and settles with the answer, the limit or the caller's abort,
 * whichever comes first: also when nothing below listens to the signal. What comes later is ignored.
 */
export function withinTime<K extends Operation>(
  call: Call<K>,
  next: Handler,
  env: LayerEnv,
  { limitMs, expired, lastWord }: TimeLimit,
): Promise<Output<K>> {
  const { signal, background, trail } = call.context
  const inner = new AbortController()
  const attemptsBefore = trail.attempts
  const inDoubt = (): boolean => effects[call.operation] === 'write' && trail.attempts > attemptsBefore

  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(endedBy(signal, env, call))
    let timeUp: SecretError | undefined
    const release = (): void => {
      cancel()
      stopListening()
    }
    const fail = (error: unknown): void => {
      release()
      reject(timeUp ?? error)
    }
    const stopListening = whenAborted(signal, (aborted) => {
      const error = endedBy(aborted, env, call, inDoubt())
      inner.abort(aborted.reason)
      fail(error)
    })
    const onTimeUp = (): void => {
      timeUp = expired(inDoubt())
      inner.abort(timeUp)
      if (lastWord) cancel = env.after(0, () => fail(timeUp))
      else fail(timeUp)
    }
    let cancel = env.after(Math.min(limitMs, longestTimerMs), onTimeUp, background)
    next({ ...call, context: { ...call.context, signal: inner.signal } }).then((output) => {
      release()
      resolve(output)
    }, fail)
  })
}

/** Runs a function when a signal is aborted; gives what stops the waiting. */
export function whenAborted(signal: AbortSignal | undefined, run: (signal: AbortSignal) => void): () => void {
  if (signal === undefined) return () => {}
  const listener = (): void => run(signal)
  signal.addEventListener('abort', listener)
  return () => signal.removeEventListener('abort', listener)
}

const numberRules = {
  'a number above 0': (value: number): boolean => value > 0,
  'a number, 0 or more': (value: number): boolean => value >= 0,
  'a whole number above 0': (value: number): boolean => value > 0 && Number.isInteger(value),
  'a whole number, 0 or more': (value: number): boolean => value >= 0 && Number.isInteger(value),
  'a number above 0, at most 1': (value: number): boolean => value > 0 && value <= 1,
}

/** @throws {TypeError} naming the option and the rule. */
export function checkNumber(option: string, value: number, rule: keyof typeof numberRules): void {
  if (typeof value !== 'number' || !numberRules[rule](value)) {
    throw new TypeError(`${option} must be ${rule}`)
  }
}
