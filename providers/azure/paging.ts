import { AsyncLocalStorage } from 'node:async_hooks'
import { type JsonObject, type JsonValue, parseJson, refusal } from 'strongroom/provider'
import type { AzurePages, AzureProperties } from './client.js'

interface Request {
  url: string
  abortSignal?: unknown
}

interface Answer {
  readonly status: number
  readonly bodyAsText?: string | null
}

interface Reading {
  readonly signal: AbortSignal
  /** `undefined` until a page was seen. */
  next: { readonly link: string | undefined } | undefined
}

export interface Pager {
  /** For the pipeline of the SDK. */
  readonly policy: {
    readonly name: string
    sendRequest<Q extends Request, R extends Answer>(request: Q, next: (request: Q) => Promise<R>): Promise<R>
  }
  /** One page. Of a client without the policy all that is left. */
  readonly read: (pages: AzurePages, cursor: string | undefined, signal: AbortSignal) => Promise<AzurePage>
}

export interface AzurePage {
  readonly items: AzureProperties[]
  readonly cursor?: string
}

/**
 * Pages one at a time. `byPage` of the SDK (4.11.2, 4.12.0) drops the link to the next page, and sends all pages but
 * the first without the abort signal; a policy in its pipeline puts both back.
 */
export function pager(origin: string): Pager {
  const readings = new AsyncLocalStorage<Reading>()

  const read: Pager['read'] = async (pages, cursor, signal) => {
    const reading: Reading = { signal, next: undefined }
    const iterator = pages.byPage(cursor === undefined ? {} : { continuationToken: linkOf(cursor, origin) })
    const items: AzureProperties[] = []
    do {
      signal.throwIfAborted()
      const page = await readings.run(reading, () => iterator.next())
      if (page.done === true) return { items }
      items.push(...page.value)
    } while (reading.next === undefined)
    const { link } = reading.next
    return link === undefined ? { items } : { items, cursor: cursorOf(link) }
  }

  return {
    read,
    policy: {
      name: 'strongroomPagingPolicy',
      async sendRequest(request, next) {
        if (new URL(request.url).origin !== origin) {
          throw refusal('UNAVAILABLE', `the vault points to another host than ${origin}, which gets no token`)
        }
        const reading = readings.getStore()
        if (reading === undefined) return next(request)
        withSignal(request, reading.signal)
        const answer = await next(request)
        if (answer.status === 200) reading.next = { link: nextLink(parseJson(answer.bodyAsText ?? '')) }
        return answer
      },
    },
  }
}

function withSignal(request: Request, signal: AbortSignal): void {
  request.abortSignal ??= signal
}

function nextLink(body: JsonValue): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const link = (body as JsonObject)['nextLink']
  return typeof link === 'string' ? link : undefined
}

/** A link without its host, so that whoever holds a cursor cannot aim a request. */
function cursorOf(link: string): string {
  if (!URL.canParse(link)) throw refusal('UNAVAILABLE', 'the link to the next page is not a URL')
  const { pathname, search } = new URL(link)
  return pathname + search
}

function linkOf(cursor: string, origin: string): string {
  if (!/^\/secrets[/?]/.test(cursor)) {
    throw refusal('INVALID_VALUE', 'the cursor is not one that a page of this store gave')
  }
  return new URL(cursor, origin).href
}
