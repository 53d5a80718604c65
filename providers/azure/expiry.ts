import { AsyncLocalStorage } from 'node:async_hooks'
import { type JsonObject, parseJson } from 'strongroom/provider'

interface Request {
  body?: unknown
}

export interface Expiry {
  /** The last that the client can store. */
  readonly latest: Date
  /** Runs a request of the client that stores this one. */
  readonly during: <T>(expiresOn: Date | undefined, run: () => Promise<T>) => Promise<T>
}

export interface WrittenExpiry extends Expiry {
  /** For the pipeline of the SDK. */
  readonly policy: {
    readonly name: string
    sendRequest<Q extends Request, R>(request: Q, next: (request: Q) => Promise<R>): Promise<R>
  }
}

/** The last time that a client without the policy sends as it is: the SDK squeezes seconds into 32 bits. */
export const plainExpiry: Expiry = Object.freeze<Expiry>({
  latest: new Date(0x7fffffff * 1000),
  during: (_, run) => run(),
})

/**
 * Expiries as they are meant. The SDK (4.11.2, 4.12.0) sends one past 2038-01-19 as a time before 1970; the service itself
 * has no such end. A policy in its pipeline writes the seconds anew.
 */
export function writtenExpiry(): WrittenExpiry {
  const written = new AsyncLocalStorage<Date>()
  return {
    latest: new Date(8.64e15),
    during: (expiresOn, run) => (expiresOn === undefined ? run() : written.run(expiresOn, run)),
    policy: {
      name: 'strongroomExpiryPolicy',
      sendRequest(request, next) {
        const expiresOn = written.getStore()
        if (expiresOn !== undefined && typeof request.body === 'string') {
          request.body = withExpiry(request.body, secondsOf(expiresOn))
        }
        return next(request)
      },
    },
  }
}

function withExpiry(text: string, exp: number): string {
  const body = parseJson(text) as JsonObject
  return JSON.stringify({ ...body, attributes: { ...(body['attributes'] as JsonObject), exp } })
}

/** The service keeps whole seconds. */
function secondsOf(time: Date): number {
  return Math.floor(time.getTime() / 1000)
}

/**
 * A time as the SDK gives it, which passes on what it finds falsy: 0 is 1970. One that no `Date` can hold is never
 * reached, and counts as none.
 */
export function timeFrom(value: unknown): Date | undefined {
  const time = value === 0 ? new Date(0) : value
  return time instanceof Date && !Number.isNaN(time.getTime()) ? time : undefined
}
