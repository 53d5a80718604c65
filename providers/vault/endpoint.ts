import { refusal } from 'strongroom/provider'

export interface Endpoint {
  /** Scheme, host and port. */
  readonly origin: string
  readonly isLoopback: boolean
  readonly isPlain: boolean
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * Where the server answers.
 *
 * @throws {SecretError} `CONFIG_INVALID`, naming the field and the rule.
 */
export function endpointOf(source: string, address: string): Endpoint {
  const shown = JSON.stringify(address)
  if (!URL.canParse(address)) {
    throw invalid(`${source} ${shown} is not a URL; write https://vault.example.com:8200`)
  }
  const url = new URL(address)
  const isLoopback = loopback.test(url.hostname)
  const isPlain = url.protocol === 'http:'
  if (url.username !== '' || url.password !== '')
    throw invalid(`${source} carries a user or password; drop it`)
  if (!isPlain && url.protocol !== 'https:') throw invalid(`${source} ${shown} must be https`)
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw invalid(
      `${source} ${shown} has more than a host; the mount and the names have options of their own`,
    )
  }
  if (isPlain && !isLoopback) {
    throw invalid(`${source} ${shown} must be https; plain http, which shows secrets, works on loopback only`)
  }
  return { origin: url.origin, isLoopback, isPlain }
}

export function invalid(problem: string): Error {
  return refusal('CONFIG_INVALID', `vault: ${problem}`)
}
