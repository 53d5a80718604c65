import { Fault, refusal, SecretError, unlessAborted } from 'strongroom/provider'
import { dataOf, faultOf, field, isTokenRefused } from './answer.js'
import type { Exchange } from './client.js'
import { type Grant, grantOf, type Login, leaseMs } from './login.js'

/** Keeps a token that works at hand. */
export interface Session {
  /** The token to use now. Logs in where there is none; renews beside the call where it is time. */
  readonly token: (now: () => number, signal: AbortSignal) => Promise<string>
  /** Another token than the one that the server refuses. */
  readonly replace: (refused: string, now: () => number, signal: AbortSignal) => Promise<string>
  /** Ends what goes on beside the calls. */
  readonly close: () => void
}

export interface SessionOptions {
  readonly exchange: Exchange
  /** From 0 to below 1. */
  readonly random: () => number
}

interface Held extends Grant {
  readonly endsAt: number
  renewAt: number
  /** What it was first granted for; a renewal that grants much less has come to the end of the token's life. */
  readonly firstLeaseMs: number | undefined
}

/** Renewal begins at two thirds of the lease, a tenth of it earlier or later, so that many do not come at once. */
const renewalFraction = 2 / 3
const jitter = 0.1
const patienceMs = 30_000

/** Tokens of a login method: renewed while the server lets them live, then logged in for again. */
export function loginSession(login: Login, options: SessionOptions): Session {
  return session(login, login, options)
}

/** One token, which is renewed while it can be, and that is all. */
export function tokenSession(token: string, options: SessionOptions): Session {
  const first: Login = async (signal) => {
    const answer = await options.exchange({ method: 'GET', path: '/auth/token/lookup-self', token }, signal)
    if (isTokenRefused(answer)) throw ended()
    // Its policies may not let it look at itself: then nothing is known of its end.
    if (answer.status === 403) return { token, leaseMs: undefined, renewable: false }
    if (answer.status !== 200) throw faultOf(answer)
    const data = dataOf(answer)
    return { token, leaseMs: leaseMs(field(data, 'ttl')), renewable: field(data, 'renewable') === true }
  }
  return session(first, undefined, options)
}

function session(first: Login, again: Login | undefined, { exchange, random }: SessionOptions): Session {
  const closing = new AbortController()
  let held: Held | undefined
  let flight: Promise<Held> | undefined

  /** One at a time, whoever asks; nobody's abort ends it for the others. */
  const share = (get: Login, now: () => number, before?: Held): Promise<Held> => {
    flight ??= within(patienceMs, closing.signal, get)
      .then((grant) => {
        held = hold(grant, now(), random, before)
        return held
      })
      .finally(() => {
        flight = undefined
      })
    return flight
  }

  const renewed = (current: Held): Login => {
    const isAtItsEnd = (current.leaseMs ?? 0) < (current.firstLeaseMs ?? 0) / 2
    if (again !== undefined && (isAtItsEnd || !current.renewable)) return again
    return async (signal) => {
      const { token } = current
      const request = { method: 'POST', path: '/auth/token/renew-self', token, json: {} } as const
      const answer = await exchange(request, signal)
      if (answer.status === 200) return grantOf(answer)
      if (again !== undefined && answer.status < 500 && answer.status !== 429) return again(signal)
      throw faultOf(answer)
    }
  }

  const renewBeside = (current: Held, now: () => number): void => {
    if (flight !== undefined || (again === undefined && !current.renewable)) return
    const next = renewed(current)
    share(next, now, next === again ? undefined : current).catch((error: unknown) => {
      if (!(error instanceof Fault) && !SecretError.is(error) && !closing.signal.aborted) throw error
      // Not yet: the calls go on with the token that works, and the next one after a while tries again.
      current.renewAt = now() + (current.endsAt - now()) / 4
    })
  }

  return {
    async token(now, signal) {
      const current = held
      if (current === undefined || (now() >= current.endsAt && again !== undefined)) {
        return (await unlessAborted(share(again ?? first, now), signal)).token
      }
      if (now() >= current.renewAt) renewBeside(current, now)
      return current.token
    },
    async replace(refused, now, signal) {
      if (again === undefined) throw ended()
      if (held !== undefined && held.token !== refused) return held.token
      return (await unlessAborted(share(again, now), signal)).token
    },
    close: () => closing.abort(refusal('CLOSED', 'the store is closed')),
  }
}

function hold(grant: Grant, now: number, random: () => number, before: Held | undefined): Held {
  const lease = grant.leaseMs ?? Number.POSITIVE_INFINITY
  const spread = 1 + jitter * (2 * random() - 1)
  return {
    ...grant,
    endsAt: now + lease,
    renewAt: now + lease * renewalFraction * spread,
    firstLeaseMs: before?.firstLeaseMs ?? grant.leaseMs,
  }
}

async function within(ms: number, closing: AbortSignal, run: Login): Promise<Grant> {
  const late = AbortSignal.timeout(ms)
  try {
    return await run(AbortSignal.any([closing, late]))
  } catch (error) {
    if (closing.aborted) throw closing.reason
    throw late.aborted ? new Fault({ code: 'TIMEOUT', outcomeUnknown: false }) : error
  }
}

function ended(): Fault {
  return new Fault({
    code: 'UNAUTHENTICATED',
    outcomeUnknown: false,
    detail: 'the token is wrong, revoked or has ended',
  })
}
