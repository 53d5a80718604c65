import { createRequire } from 'node:module'
import { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import type { Emulator } from 'strongroom/testing'
import type { Transport } from './harness.js'

/** What the official client is made of, in the very copies that it loads. */
const fromHere = createRequire(import.meta.url)
export const fromSdk: NodeJS.Require = createRequire(fromHere.resolve('@google-cloud/secret-manager'))
const fromGax = createRequire(fromSdk.resolve('google-gax'))

/** The official client. It is given credentials that are none: it would look for some, and may find real ones. */
export function sdkClient(transport: Transport, { url, restUrl = '' }: Emulator): SecretManagerServiceClient {
  const { GoogleAuth, PassThroughClient } = fromGax('google-auth-library')
  const { credentials } = fromGax('@grpc/grpc-js')
  const [apiEndpoint, port] = (transport === 'grpc' ? url : new URL(restUrl).host).split(':')
  return new SecretManagerServiceClient({
    apiEndpoint,
    port: Number(port),
    auth: new GoogleAuth({ authClient: new PassThroughClient() }),
    ...(transport === 'grpc'
      ? { sslCreds: credentials.createInsecure() }
      : { fallback: true, protocol: 'http' }),
  } as ConstructorParameters<typeof SecretManagerServiceClient>[0])
}
