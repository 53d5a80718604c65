import { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import type { GcpClient, GcpCredential } from './client.js'
import { type Auth, authOver, guard, loopbackCredential } from './credential.js'
import { type Endpoint, endpointOf, invalid } from './endpoint.js'
import { faultOf } from './errors.js'
import type { GcpOptions } from './options.js'
import { restFetch } from './rest.js'

export interface Connection {
  /** The client, ready to be called. */
  readonly open: () => Promise<GcpClient>
  readonly close: () => Promise<void>
}

/**
 * Makes the official client at the first call, and anew where it could not be made ready: a client keeps its failure
 * to find credentials for ever.
 *
 * @throws {SecretError} `CONFIG_INVALID` for an endpoint that must not be used.
 */
export function connect(options: GcpOptions): Connection {
  const { client: own, credential } = options
  const make = own === undefined ? maker(endpointOf(options, process.env), credential) : (): GcpClient => own
  let opening: Promise<GcpClient> | undefined
  const ready = async (): Promise<GcpClient> => {
    try {
      const client = make()
      await client.initialize()
      return client
    } catch (error) {
      opening = undefined
      throw faultOf(error)
    }
  }
  return {
    open: () => {
      opening ??= ready()
      return opening
    },
    close: async () => {
      if (own !== undefined || opening === undefined) return
      const [opened] = await Promise.allSettled([opening])
      if (opened.status === 'fulfilled') await opened.value.close()
    },
  }
}

function maker(endpoint: Endpoint, given: GcpCredential | undefined): () => GcpClient {
  const { transport, host, port, isPlain } = endpoint
  const credential = given ?? (isPlain ? loopbackCredential : undefined)
  const address = { ...(host !== undefined && { apiEndpoint: host }), ...(port !== undefined && { port }) }
  const authority = (): object => (credential === undefined ? {} : { auth: authOver(credential) })
  if (transport === 'grpc') {
    return () => {
      const plain = isPlain ? { sslCreds: plainText() } : {}
      const client = new SecretManagerServiceClient({ ...address, ...authority(), ...plain })
      guard(client.auth as unknown as Auth)
      return client
    }
  }
  return () => {
    const protocol = isPlain ? 'http' : 'https'
    const client = new SecretManagerServiceClient({ ...address, ...authority(), protocol, fallback: true })
    const auth = client.auth as unknown as Auth
    guard(auth)
    Object.assign(auth, { fetch: restFetch(auth) })
    return client
  }
}

/** Those of the very gRPC that the client has loaded: it takes none of another copy. */
function plainText(): never {
  const unused = new SecretManagerServiceClient({ auth: authOver(loopbackCredential) as never })
  const module = Reflect.get(unused, '_gaxModule') as GaxModule | undefined
  if (module?.grpc === undefined) {
    throw invalid('this version of @google-cloud/secret-manager has no plain gRPC; use transport "rest"')
  }
  return module.grpc.credentials.createInsecure() as never
}

interface GaxModule {
  readonly grpc?: { readonly credentials: { readonly createInsecure: () => unknown } }
}
