import { type Exchange, exchangeOver, exchangeOverOwn } from './client.js'
import { type Endpoint, endpointOf, invalid } from './endpoint.js'
import { readEnvironment, type VaultEnvironment } from './environment.js'
import { loginWith } from './login.js'
import type { VaultOptions } from './options.js'
import { loginSession, type Session, tokenSession } from './session.js'
import { openTransport } from './transport.js'

export interface Connection {
  readonly exchange: Exchange
  /** Absent for a client that the user made, whose token is the user's. */
  readonly session: Session | undefined
  readonly close: () => void
}

const mebibyte = 1_048_576
/** For an emulator, or a server in dev mode: ambient credentials never leave for plain http. */
const loopbackToken = 'root'

/** @throws {SecretError} `CONFIG_INVALID` for an address that must not be used, and for missing credentials. */
export function connect(options: VaultOptions): Connection {
  const { client } = options
  if (client !== undefined) {
    return { exchange: exchangeOverOwn(client), session: undefined, close: () => {} }
  }
  const environment = readEnvironment(process.env)
  const endpoint = locate(options.address, environment)
  const transport = openTransport(endpoint, {
    caFile: options.caFile ?? environment.caFile,
    skipVerify: options.skipVerify ?? environment.skipVerify,
    redirectHosts: options.redirectHosts ?? [],
    maxAnswerBytes: options.maxAnswerBytes ?? 32 * mebibyte,
  })
  const namespace = options.namespace ?? environment.namespace
  const exchange = exchangeOver(transport, endpoint.origin, namespace)
  const settings = { exchange, random: Math.random }
  const session =
    options.auth === undefined
      ? tokenSession(options.token ?? ambientToken(endpoint, environment), settings)
      : loginSession(loginWith(options.auth, exchange), settings)
  return {
    exchange,
    session,
    close: () => {
      session.close()
      transport.close()
    },
  }
}

function locate(address: string | undefined, environment: VaultEnvironment): Endpoint {
  if (address !== undefined) return endpointOf('address', address)
  if (environment.address !== undefined) return endpointOf('VAULT_ADDR', environment.address)
  throw invalid('no server is named; give address, or set VAULT_ADDR')
}

function ambientToken({ origin, isPlain }: Endpoint, { token, address }: VaultEnvironment): string {
  const isMeant = !isPlain || (address !== undefined && originOf(address) === origin)
  if (token !== undefined && isMeant) return token
  if (isPlain) return loopbackToken
  throw invalid('there is no token; give token or auth, or set VAULT_TOKEN')
}

function originOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).origin : undefined
}
