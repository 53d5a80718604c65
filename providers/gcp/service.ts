import { refusal } from 'strongroom/provider'
import type { ListAnswer, Method, Requests } from './client.js'
import type { Connection } from './connect.js'
import { faultOf } from './errors.js'
import type { GcpCreateOptions } from './options.js'
import { backstopMs } from './rest.js'

/**
 * Makes one request, once.
 *
 * @throws {Fault} for whatever the client throws; nothing of its error is kept.
 */
export type Send = <M extends Method>(
  method: M,
  request: Requests[M]['request'],
  signal: AbortSignal,
) => Promise<Requests[M]['answer']>

/** What every operation of this provider works with. */
export interface Service {
  readonly send: Send
  /** Where new secrets and listings lie. */
  readonly parent: string
  readonly secretOf: (ref: string) => string
  readonly create: GcpCreateOptions
  readonly isRegional: boolean
}

type Call = Promise<readonly unknown[]> & { cancel?(): void }
type InnerCall = (request: unknown, options: object) => Call

/**
 * Calls go in below the client's public methods, which write requests and answers to the log, end the process where
 * the credentials fail, and give a promise that cannot be cancelled.
 */
export function sender({ open, headers }: Connection): Send {
  return async (method, request, signal) => {
    signal.throwIfAborted()
    const [client, own] = await whileWanted(Promise.all([open(), headers()]), signal)
    signal.throwIfAborted()
    const inner: unknown = Reflect.get(client.innerApiCalls, method)
    if (typeof inner !== 'function') throw refusal('CONFIG_INVALID', `gcp: the client has no call ${method}`)
    try {
      const call = (inner as InnerCall)(request, optionsOf(request, own))
      const answer = await whileWanted(call, signal, () => call.cancel?.())
      return (isList(method) ? listOf(answer) : (answer[0] ?? {})) as never
    } catch (error) {
      throw faultOf(error)
    }
  }
}

/** No retries and no pages of the client's own; the header by which Google finds the place of a secret. */
function optionsOf(request: object, headers: Readonly<Record<string, string>>): object {
  const { name, parent, secret } = request as Partial<Record<'name' | 'parent', string>> & {
    secret?: { name?: string }
  }
  const place = { name, parent, 'secret.name': parent === undefined ? secret?.name : undefined }
  const known = Object.entries(place).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return {
    retry: { retryCodes: [] },
    timeout: backstopMs,
    autoPaginate: false,
    otherArgs: { headers: { ...headers, 'x-goog-request-params': String(new URLSearchParams(known)) } },
  }
}

function isList(method: Method): boolean {
  return method === 'listSecrets' || method === 'listSecretVersions'
}

/** The client gives the items, the next request, and the answer as it came. */
function listOf([items, , raw]: readonly unknown[]): ListAnswer<never> {
  const { nextPageToken } = (raw ?? {}) as { nextPageToken?: unknown }
  return {
    items: Array.isArray(items) ? (items as never[]) : [],
    nextPageToken: typeof nextPageToken === 'string' ? nextPageToken : '',
  }
}

/** The answer, or an end when the signal is aborted: a client may go on waiting. */
async function whileWanted<T>(answer: Promise<T>, signal: AbortSignal, cancel?: () => void): Promise<T> {
  let onAbort = (): void => {}
  const unwanted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(signal.reason)
      cancel?.()
    }
    signal.addEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([answer, unwanted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
