import { invalid } from './options.js'

/** Where requests go, as far as code and environment say; the SDK looks into the profile and the region. */
export interface Endpoint {
  readonly url: string
  /** Plain HTTP on loopback: an emulator, which must never meet the credentials of a cloud. */
  readonly isPlain: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The endpoint of an option, else of the variables that every AWS SDK reads.
 *
 * @throws {SecretError} `CONFIG_INVALID` for what is no URL, and for plain HTTP beyond loopback.
 */
export function resolveEndpoint(given: string | undefined, env: Environment): Endpoint | undefined {
  if (given !== undefined) return parseEndpoint('endpoint', given)
  if (env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']?.toLowerCase() === 'true') return undefined
  for (const variable of ['AWS_ENDPOINT_URL_SECRETS_MANAGER', 'AWS_ENDPOINT_URL']) {
    const value = env[variable]
    if (value !== undefined && value !== '') return parseEndpoint(variable, value)
  }
  return undefined
}

function parseEndpoint(field: string, text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw invalid(`${field} must be a URL like "https://host" or "http://127.0.0.1:4584"`)
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(`${field} must not carry a user or password; pass credentials instead`)
  }
  if (url.search !== '' || url.hash !== '') throw invalid(`${field} must not carry a query or fragment`)
  const isPlain = url.protocol === 'http:'
  if (isPlain && !isLoopback(url.hostname)) {
    throw invalid(`${field} is plain http on ${url.hostname}, which would show secrets; use https`)
  }
  return { url: url.href, isPlain }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
