import type { AzureAnswer } from './client.js'

/** What an error may be asked: an allow-list. Its own message, its request and its response body are not on it. */
export interface Facts {
  readonly name: string
  readonly status: number | undefined
  /** The service's outer code, or the code of the socket. */
  readonly code: string | undefined
  readonly innerCode: string | undefined
  /** The service's sentence, of an answer that parsed. */
  readonly detail: string | undefined
  readonly answer: AnswerFacts
}

export interface AnswerFacts {
  readonly requestId?: string | undefined
  readonly retryAfterMs?: number | undefined
}

/** An answer of which the SDK could make neither a result nor an error: a redirect, an empty or foreign body. */
export class UnreadableAnswer extends Error {
  readonly statusCode: number
  readonly answer: AnswerFacts

  constructor({ status, headers }: AzureAnswer) {
    super()
    this.statusCode = status
    this.answer = answerFacts(headers)
  }
}

/** The status of the answer that an error is about, if there was one. */
export function statusOf(error: unknown): number | undefined {
  return factsOf(error).status
}

export function factsOf(error: unknown): Facts {
  const code = codeIn(error)
  const parsed = code !== 'PARSE_ERROR'
  const body = parsed ? field(field(error, 'details'), 'error') : undefined
  const status = field(error, 'statusCode')
  const name = field(error, 'name')
  const detail = field(body, 'message')
  return {
    name: typeof name === 'string' ? name : '',
    status: typeof status === 'number' ? status : undefined,
    code: parsed ? code : undefined,
    innerCode: codeIn(field(body, 'innerError')),
    detail: typeof detail === 'string' ? detail : undefined,
    answer:
      error instanceof UnreadableAnswer
        ? error.answer
        : answerFacts(field(field(error, 'response'), 'headers')),
  }
}

/** A code is a word; anything else may be a text of the service. */
function codeIn(holder: unknown): string | undefined {
  const code = field(holder, 'code')
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : undefined
}

function answerFacts(headers: unknown): AnswerFacts {
  if (!hasGet(headers)) return {}
  const requestId = headers.get('x-ms-request-id')
  return { requestId, retryAfterMs: retryAfterMs(headers) }
}

/** Milliseconds, in one of three headers; a date counts from the answer's own. */
function retryAfterMs(headers: AzureAnswer['headers']): number | undefined {
  const inMs = headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms')
  const after = headers.get('retry-after')
  const candidates = [
    Number(inMs ?? Number.NaN),
    Number(after ?? Number.NaN) * 1000,
    Date.parse(String(after)) - Date.parse(String(headers.get('date'))),
  ]
  return candidates.find((candidate) => candidate >= 0)
}

function hasGet(headers: unknown): headers is AzureAnswer['headers'] {
  return typeof field(headers, 'get') === 'function'
}

export function field(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined
}
