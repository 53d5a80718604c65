import { SecretError } from './errors.js'
import { checkFields, type Fields } from './fields.js'
import type { SecretName, Stage } from './operations.js'
import type { Secret } from './secret.js'
import type { CallOptions, GetOptions, WithSecretOptions } from './store.js'
import { longestTimerMs, type Timing } from './timing.js'

export interface WithSecretParts {
  readonly get: (name: SecretName, options: GetOptions) => Promise<Secret<unknown>>
  readonly peek: (name: string) => Secret<unknown> | undefined
  readonly pendingIsNative: boolean
  readonly timing: Timing
}

export type WithSecret = <R>(
  name: SecretName,
  use: (secret: Secret<unknown>) => R | Promise<R>,
  options: WithSecretOptions,
) => Promise<R>

type Tried<R> = { readonly result: R } | { readonly error: unknown }

/** However many calls fail: a wrong password must not become a flood of requests. */
const refreshEveryMs = 10_000

const fields: Fields<WithSecretOptions> = { isAuthError: true, ladder: true, signal: true, deadlineMs: true }

/** Runs a function with a secret, and again with what is current by then if its password was refused. */
export function withSecretOver(parts: WithSecretParts): WithSecret {
  const { get, peek, pendingIsNative } = parts
  const refresh = refresherOf(parts)
  const ladderRungs: readonly Stage[] = pendingIsNative ? ['previous', 'pending'] : ['previous']

  return async <R>(
    name: SecretName,
    use: (secret: Secret<unknown>) => R | Promise<R>,
    options: WithSecretOptions,
  ): Promise<R> => {
    checkFields('withSecret', options, fields)
    const { isAuthError, ladder = false, ...limits } = options
    if (typeof use !== 'function') throw new TypeError('withSecret: the second argument must be a function')
    if (typeof isAuthError !== 'function') throw new TypeError('withSecret: isAuthError must be a function')
    const attempt = async (secret: Secret<unknown>): Promise<Tried<R>> => {
      try {
        return { result: await use(secret) }
      } catch (error) {
        if (!isAuthError(error)) throw error
        return { error }
      }
    }

    const first = await get(name, limits)
    const tried = new Set([first.version])
    let last = await attempt(first)
    if ('result' in last) return last.result
    let refused = last.error
    for (const stage of ladder ? (['current', ...ladderRungs] as const) : (['current'] as const)) {
      const known = stage === 'current' && typeof name === 'string' ? peek(name) : undefined
      const isNews = known !== undefined && !tried.has(known.version)
      const secret = isNews ? known : await refresh(name, stage, limits)
      if (limits.signal?.aborted) break
      if (secret === undefined || tried.has(secret.version)) continue
      tried.add(secret.version)
      last = await attempt(secret)
      if ('result' in last) return last.result
      if (stage === 'current') refused = last.error
    }
    throw refused
  }
}

type Refresh = (name: SecretName, stage: Stage, limits: CallOptions) => Promise<Secret<unknown> | undefined>

/** Asks the backend, for all callers at once; `undefined` when it gives nothing, or not in the caller's time. */
function refresherOf({ get, timing }: WithSecretParts): Refresh {
  const asked = new Map<
    string,
    { readonly at: number; readonly answer: Promise<Secret<unknown> | undefined> }
  >()
  const isOld = (at: number): boolean => timing.now() - at >= refreshEveryMs || timing.now() < at

  return (name, stage, limits) => {
    for (const [key, { at }] of asked) if (isOld(at)) asked.delete(key)
    const key = JSON.stringify([name, stage])
    const known = asked.get(key)
    if (known !== undefined) return inTime(known.answer, limits, timing)
    const answer = get(name, { stage, maxAgeMs: 0 }).catch(undefinedIfRefused)
    asked.set(key, { at: timing.now(), answer })
    return inTime(answer, limits, timing)
  }
}

/** What `use` threw says more than that nothing newer could be read. */
function undefinedIfRefused(error: unknown): undefined {
  if (!SecretError.is(error)) throw error
}

function inTime<T>(
  answer: Promise<T>,
  { signal, deadlineMs }: CallOptions,
  { after }: Timing,
): Promise<T | undefined> {
  if (signal === undefined && deadlineMs === undefined) return answer
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      release()
      resolve(undefined)
    }
    const cancel =
      deadlineMs === undefined ? (): void => {} : after(Math.min(deadlineMs, longestTimerMs), giveUp)
    const release = (): void => {
      cancel()
      signal?.removeEventListener('abort', giveUp)
    }
    signal?.addEventListener('abort', giveUp)
    if (signal?.aborted) giveUp()
    answer.then(
      (value) => {
        release()
        resolve(value)
      },
      (error: unknown) => {
        release()
        reject(error)
      },
    )
  })
}
