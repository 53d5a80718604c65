import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { resolveEndpoint } from './endpoint.js'
import { type AwsClient, type AwsOptions, invalid } from './options.js'

/** A client that is made at the first call. */
export interface LazyClient {
  readonly open: () => AwsClient
  readonly close: () => void
}

/** What an emulator gets to see in place of the credentials of a cloud. */
const dummyCredentials = { accessKeyId: 'strongroom', secretAccessKey: 'strongroom' }

/** @throws {SecretError} `CONFIG_INVALID` for an endpoint that must not be used. */
export function lazyClient({
  region,
  endpoint: given,
  profile,
  credentials: explicit,
}: AwsOptions): LazyClient {
  const endpoint = resolveEndpoint(given, process.env)
  const isAnonymous = endpoint?.isPlain === true && explicit === undefined && profile === undefined
  const credentials = isAnonymous ? dummyCredentials : explicit
  const make = (): SecretsManagerClient => {
    const made = new SecretsManagerClient({
      // One retry layer, the store's: attempts would multiply.
      maxAttempts: 1,
      retryMode: 'standard',
      // A backstop under the store's own timeout; without the last flag the SDK only warns.
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
      ...(region !== undefined && { region }),
      ...(endpoint !== undefined && { endpoint: endpoint.url }),
      ...(profile !== undefined && { profile }),
      ...(credentials !== undefined && { credentials }),
    })
    if (endpoint === undefined) refusePlainHttp(made)
    return made
  }
  let client: SecretsManagerClient | undefined
  return {
    open: () => {
      client ??= make()
      return client
    },
    close: () => client?.destroy(),
  }
}

/** The profile may hold an `endpoint_url` that only the SDK reads: ambient credentials must not follow it to HTTP. */
function refusePlainHttp(client: SecretsManagerClient): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { protocol } = args.request as { readonly protocol?: string }
      if (protocol === 'http:') {
        throw invalid('endpoint_url of the AWS profile is plain http; give it as endpoint, with credentials')
      }
      return next(args)
    },
    { step: 'build', name: 'strongroomRefusePlainHttp' },
  )
}
