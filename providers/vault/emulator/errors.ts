import type { Failure } from 'strongroom/testing'
import type { Settings } from './settings.js'

/** An answer that refuses. Thrown before anything is changed. */
export class VaultError extends Error {
  override readonly name = 'VaultError'
  readonly status: number
  readonly errors: readonly string[]
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, errors: readonly string[], headers: Readonly<Record<string, string>> = {}) {
    super(errors[0] ?? `status ${status}`)
    this.status = status
    this.errors = errors
    this.headers = headers
  }
}

export function badRequest(text: string): VaultError {
  return new VaultError(400, [text])
}

/** Absent: an empty list of errors. */
export function notFound(): VaultError {
  return new VaultError(404, [])
}

/** No token, or none that lives. */
export function noToken(): VaultError {
  return new VaultError(403, ['permission denied'])
}

/** A token that lives, and whose policies say no. */
export function denied({ settings }: { readonly settings: Settings }): VaultError {
  const text = 'permission denied'
  return new VaultError(403, [settings.facts.deniedText === 'list' ? inList(text) : text])
}

/** Several errors of the service in one text, also where there is one. */
export function inList(text: string): string {
  return `1 error occurred:\n\t* ${text}\n\n`
}

export function sealed(): VaultError {
  return new VaultError(503, ['Vault is sealed'])
}

export function unsupportedOperation(): VaultError {
  return new VaultError(405, [inList('unsupported operation')])
}

export function unsupportedPath(): VaultError {
  return new VaultError(404, [inList('unsupported path')])
}

const texts: Readonly<Record<number, string>> = {
  400: 'bad request',
  403: 'permission denied',
  405: inList('unsupported operation'),
  412: 'required index state not present',
  413: 'http: request body too large',
  429: 'rate limit quota exceeded',
  500: 'internal error',
  501: 'Vault is not initialized',
  502: 'bad gateway',
  503: 'Vault is sealed',
}

const statusOf: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(texts).map(([status, text]) => [text, Number(status)])),
  [inList('permission denied')]: 403,
  'check-and-set parameter did not match the current version': 400,
  'check-and-set parameter required for this call': 400,
  'invalid role or secret ID': 400,
  'lease is not renewable': 400,
  'wrapping token is not valid or does not exist': 400,
  'namespace not found': 404,
  'no active Vault instance found': 503,
  'node is not active': 503,
}

/** The error that a fault rule asks for. The service has no codes: `error` is one of its texts, or give a status. */
export function failureError({ error, status, message, retryAfterMs }: Failure): VaultError {
  const chosen = status ?? (error === undefined ? 500 : (statusOf[error] ?? 500))
  const text = message ?? error ?? texts[chosen]
  const wait = retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }
  return new VaultError(chosen, text === undefined ? [] : [text], wait)
}
