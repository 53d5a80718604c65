import {
  BatchGetSecretValueCommand,
  type BatchGetSecretValueCommandInput,
  type BatchGetSecretValueCommandOutput,
  CreateSecretCommand,
  type CreateSecretCommandInput,
  type CreateSecretCommandOutput,
  DeleteSecretCommand,
  type DeleteSecretCommandInput,
  type DeleteSecretCommandOutput,
  DescribeSecretCommand,
  type DescribeSecretCommandInput,
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  type GetSecretValueCommandOutput,
  ListSecretsCommand,
  type ListSecretsCommandInput,
  type ListSecretsCommandOutput,
  ListSecretVersionIdsCommand,
  type ListSecretVersionIdsCommandInput,
  type ListSecretVersionIdsCommandOutput,
  PutSecretValueCommand,
  type PutSecretValueCommandInput,
  type PutSecretValueCommandOutput,
  RestoreSecretCommand,
  type RestoreSecretCommandInput,
  type RestoreSecretCommandOutput,
  SecretsManagerClient,
  TagResourceCommand,
  type TagResourceCommandInput,
  type TagResourceCommandOutput,
  UntagResourceCommand,
  type UntagResourceCommandInput,
  type UntagResourceCommandOutput,
  UpdateSecretVersionStageCommand,
  type UpdateSecretVersionStageCommandInput,
  type UpdateSecretVersionStageCommandOutput,
} from '@aws-sdk/client-secrets-manager'
import { resolveEndpoint } from './endpoint.js'
import { faultOf } from './errors.js'
import { type AwsClient, type AwsOptions, invalid } from './options.js'

/** The requests that this provider makes. */
interface Requests {
  BatchGetSecretValue: { input: BatchGetSecretValueCommandInput; output: BatchGetSecretValueCommandOutput }
  CreateSecret: { input: CreateSecretCommandInput; output: CreateSecretCommandOutput }
  DeleteSecret: { input: DeleteSecretCommandInput; output: DeleteSecretCommandOutput }
  DescribeSecret: { input: DescribeSecretCommandInput; output: DescribeSecretCommandOutput }
  GetSecretValue: { input: GetSecretValueCommandInput; output: GetSecretValueCommandOutput }
  ListSecretVersionIds: { input: ListSecretVersionIdsCommandInput; output: ListSecretVersionIdsCommandOutput }
  ListSecrets: { input: ListSecretsCommandInput; output: ListSecretsCommandOutput }
  PutSecretValue: { input: PutSecretValueCommandInput; output: PutSecretValueCommandOutput }
  RestoreSecret: { input: RestoreSecretCommandInput; output: RestoreSecretCommandOutput }
  TagResource: { input: TagResourceCommandInput; output: TagResourceCommandOutput }
  UntagResource: { input: UntagResourceCommandInput; output: UntagResourceCommandOutput }
  UpdateSecretVersionStage: {
    input: UpdateSecretVersionStageCommandInput
    output: UpdateSecretVersionStageCommandOutput
  }
}

const commands: { readonly [K in keyof Requests]: new (input: Requests[K]['input']) => object } = {
  BatchGetSecretValue: BatchGetSecretValueCommand,
  CreateSecret: CreateSecretCommand,
  DeleteSecret: DeleteSecretCommand,
  DescribeSecret: DescribeSecretCommand,
  GetSecretValue: GetSecretValueCommand,
  ListSecretVersionIds: ListSecretVersionIdsCommand,
  ListSecrets: ListSecretsCommand,
  PutSecretValue: PutSecretValueCommand,
  RestoreSecret: RestoreSecretCommand,
  TagResource: TagResourceCommand,
  UntagResource: UntagResourceCommand,
  UpdateSecretVersionStage: UpdateSecretVersionStageCommand,
}

/**
 * Makes one request, once.
 *
 * @throws {AwsFault} for whatever the SDK throws; nothing of the SDK's error is kept.
 */
export type Send = <K extends keyof Requests>(
  request: K,
  input: Requests[K]['input'],
  signal: AbortSignal,
) => Promise<Requests[K]['output']>

export interface Connection {
  readonly send: Send
  readonly close: () => void
}

/** @throws {SecretError} `CONFIG_INVALID` for an endpoint that must not be used. */
export function connect(options: AwsOptions): Connection {
  const open = options.client === undefined ? lazily(options) : undefined
  return {
    async send(request, input, signal) {
      signal.throwIfAborted()
      const client: AwsClient = options.client ?? (open as Lazy).client()
      const command = new commands[request](input)
      try {
        return (await client.send(command as never, { abortSignal: signal })) as never
      } catch (error) {
        throw faultOf(error, 'SecretId' in input ? input.SecretId : undefined)
      }
    },
    close: () => open?.close(),
  }
}

interface Lazy {
  readonly client: () => SecretsManagerClient
  readonly close: () => void
}

/** What an emulator gets to see in place of the credentials of a cloud. */
const dummyCredentials = { accessKeyId: 'strongroom', secretAccessKey: 'strongroom' }

function lazily({ region, endpoint: given, profile, credentials: explicit }: AwsOptions): Lazy {
  const endpoint = resolveEndpoint(given, process.env)
  const isAnonymous = endpoint?.isPlain === true && explicit === undefined && profile === undefined
  const credentials = isAnonymous ? dummyCredentials : explicit
  let client: SecretsManagerClient | undefined
  return {
    client() {
      client ??= make()
      return client
    },
    close: () => client?.destroy(),
  }

  function make(): SecretsManagerClient {
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
