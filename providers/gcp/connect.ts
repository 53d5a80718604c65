import { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import type { GcpClient, GcpCredential } from './client.js'
import { type Auth, authOver, guard, headersOf, loopbackCredential } from './credential.js'
import { refuseDebugSwitch } from './debug-switch.js'
import { type Endpoint, endpointOf, invalid } from './endpoint.js'
import { faultOf } from './errors.js'
import type { GcpOptions } from './options.js'
import { openCarrier } from './rest.js'

export interface Connection {
  /** The client, ready to be called. */
  readonly open: () => Promise<GcpClient>
  /** Of each request, beside those of the client: a channel in plain text carries no credential by itself. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>
  readonly close: () => Promise<void>
}

/**
 * Makes the official client at the first call, and anew where it could not be made ready: a client keeps its failure
 * to find credentials for ever.
 *
 * @throws {SecretError} `CONFIG_INVALID` for an endpoint that must not be used.
 */
export function connect(options: GcpOptions): Connection {
  const { client } = options
  if (client !== undefined) {
    return { open: openWith(() => client).open, headers: noHeaders, close: async () => {} }
  }
  const endpoint = endpointOf(options, process.env)
  const credential = options.credential ?? (endpoint.isPlain ? loopbackCredential : undefined)
  const { open, opened } = openWith(() => {
    refuseDebugSwitch(process.env)
    return endpoint.transport === 'grpc' ? grpcClient(endpoint, credential) : restClient(endpoint, credential)
  })
  const isBare = endpoint.isPlain && endpoint.transport === 'grpc' && credential !== undefined
  return {
    open,
    headers: isBare ? headersOf(credential) : noHeaders,
    close: async () => {
      await (await opened())?.close()
    },
  }
}

const noHeaders: Connection['headers'] = async () => ({})

interface Opening {
  readonly open: () => Promise<GcpClient>
  /** The client that was opened, if there is one. */
  readonly opened: () => Promise<GcpClient | undefined>
}

function openWith(make: () => GcpClient): Opening {
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
    opened: async () => {
      const [settled] = await Promise.allSettled([opening])
      return settled.status === 'fulfilled' ? settled.value : undefined
    },
  }
}

function grpcClient(endpoint: Endpoint, credential: GcpCredential | undefined): GcpClient {
  const plain = endpoint.isPlain ? { sslCreds: plainText() } : {}
  const client = new SecretManagerServiceClient({
    ...addressOf(endpoint),
    ...authority(credential),
    ...plain,
  })
  guard(client.auth as unknown as Auth)
  return client
}

function restClient(endpoint: Endpoint, credential: GcpCredential | undefined): GcpClient {
  const client = new SecretManagerServiceClient({
    ...addressOf(endpoint),
    ...authority(credential),
    protocol: endpoint.isPlain ? 'http' : 'https',
    fallback: true,
  })
  const auth = client.auth as unknown as Auth
  guard(auth)
  const { fetch, close } = openCarrier(auth)
  Object.assign(auth, { fetch })
  return {
    initialize: () => client.initialize(),
    // Made when the client is made ready.
    get innerApiCalls() {
      return client.innerApiCalls
    },
    close: async () => {
      await client.close()
      close()
    },
  }
}

function addressOf({ host, port }: Endpoint): { readonly apiEndpoint?: string; readonly port?: number } {
  return { ...(host !== undefined && { apiEndpoint: host }), ...(port !== undefined && { port }) }
}

function authority(credential: GcpCredential | undefined): object {
  return credential === undefined ? {} : { auth: authOver(credential) }
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
