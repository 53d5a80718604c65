import { refusal, type SecretError } from 'strongroom/provider'

export type Transport = 'grpc' | 'rest'

/** Where requests go. */
export interface Endpoint {
  readonly transport: Transport
  /** Absent: the service's own host, as the client knows it. */
  readonly host?: string
  readonly port?: number
  /** Plain text on loopback: an emulator, which must never meet the credentials of a cloud. */
  readonly isPlain: boolean
}

export interface EndpointOptions {
  readonly endpoint?: string | undefined
  readonly transport?: Transport | undefined
  readonly location?: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

const emulatorVariable = 'SECRET_MANAGER_EMULATOR_HOST'
const defaultPort = 443

/**
 * The endpoint of an option, else of the emulator variable, else of the region, else the service's own.
 *
 * @throws {SecretError} `CONFIG_INVALID` for what is no address, and for plain text beyond loopback.
 */
export function endpointOf({ endpoint, transport, location }: EndpointOptions, env: Environment): Endpoint {
  if (endpoint !== undefined) return parse('endpoint', endpoint, transport)
  const emulator = env[emulatorVariable]
  if (emulator !== undefined && emulator !== '') {
    const found = parse(emulatorVariable, emulator, transport)
    if (found.isPlain) return found
    throw invalid(`${emulatorVariable} names no loopback address; plain text works on loopback only`)
  }
  const own = { transport: transport ?? 'grpc', isPlain: false }
  if (location === undefined) return own
  const universe = env['GOOGLE_CLOUD_UNIVERSE_DOMAIN'] ?? 'googleapis.com'
  return { ...own, host: `secretmanager.${location}.rep.${universe}` }
}

export function invalid(problem: string): SecretError {
  return refusal('CONFIG_INVALID', `gcp: ${problem}`)
}

function parse(field: string, text: string, transport: Transport | undefined): Endpoint {
  const scheme = /^([a-z]+):\/\//i.exec(text)?.[1]?.toLowerCase()
  const url = scheme === undefined ? `host://${text}` : text
  if (!['http', 'https', undefined].includes(scheme) || !URL.canParse(url)) {
    throw invalid(`${field} must be like "127.0.0.1:9085", "https://host" or "http://127.0.0.1:9086"`)
  }
  const { hostname, port, pathname, search, hash, username, password } = new URL(url)
  if (username !== '' || password !== '') {
    throw invalid(`${field} must not carry a user or password; pass a credential instead`)
  }
  if (hostname === '' || !['', '/'].includes(pathname) || search !== '' || hash !== '') {
    throw invalid(`${field} must be a host and a port, and nothing else`)
  }
  const isLoopback = loopback.test(hostname)
  if (scheme === 'http' && !isLoopback) {
    throw invalid(`${field} is plain http on ${hostname}, which would show secrets; use https`)
  }
  const isPlain = scheme === 'http' || (scheme === undefined && isLoopback)
  return {
    transport: transport ?? (scheme === undefined ? 'grpc' : 'rest'),
    host: hostname,
    port: port === '' ? (scheme === 'http' ? 80 : defaultPort) : Number(port),
    isPlain,
  }
}

const loopback = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i
