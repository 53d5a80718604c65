import { beforeEffect, Fault, type ProviderContext } from 'strongroom/provider'
import { type Answer, faultOf, isTokenRefused } from './answer.js'
import type { Exchange, VaultRequest } from './client.js'
import type { VaultCreateOptions } from './options.js'
import type { Session } from './session.js'

/** Makes one request under the token in use; an answer that is an error is an answer. */
export type Send = (request: VaultRequest, context: ProviderContext) => Promise<Answer>

/** What every operation of this provider works with. */
export interface Service {
  readonly send: Send
  readonly mount: string
  readonly valueKey: string
  readonly create: VaultCreateOptions
  /** The spelling of the system namespace. */
  readonly systemRef: string
}

/**
 * A token that the server refuses is replaced once, where there is a login for it. Its words for that are not a
 * promise, so that they are checked: one more request, on such a refusal only.
 */
export function sender(exchange: Exchange, session: Session | undefined): Send {
  const isTokenGood = async (token: string | undefined, signal: AbortSignal): Promise<boolean> => {
    const request = { method: 'GET', path: '/auth/token/lookup-self', token } as const
    return !isTokenRefused(await beforeEffect(exchange(request, signal)))
  }

  const send: Send = async (request, { now, signal }) => {
    const token = session && (await beforeEffect(session.token(now, signal)))
    const answer = await exchange({ ...request, token }, signal)
    if (!isTokenRefused(answer)) return answer
    if (await isTokenGood(token, signal)) throw denied(answer)
    if (session === undefined || token === undefined) throw refused(answer)
    const fresh = await session.replace(token, now, signal)
    const second = await exchange({ ...request, token: fresh }, signal)
    if (isTokenRefused(second)) throw refused(second)
    return second
  }
  return (request, context) =>
    request.method === 'GET' ? beforeEffect(send(request, context)) : send(request, context)
}

function denied(answer: Answer): Fault {
  return new Fault({ ...faultOf(answer).failure, code: 'PERMISSION_DENIED' })
}

function refused(answer: Answer): Fault {
  const detail = 'the token is wrong, revoked or has ended'
  return new Fault({ ...faultOf(answer).failure, code: 'UNAUTHENTICATED', detail })
}
