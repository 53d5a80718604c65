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
import { faultOf } from './errors.js'
import { lazyClient } from './lazy-client.js'
import type { AwsOptions } from './options.js'

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
 * @throws {Fault} for whatever the SDK throws; nothing of the SDK's error is kept.
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
  const { client: own } = options
  const { open, close } = own === undefined ? lazyClient(options) : { open: () => own, close: () => {} }
  return {
    async send(request, input, signal) {
      signal.throwIfAborted()
      const command = new commands[request](input)
      try {
        return (await open().send(command as never, { abortSignal: signal })) as never
      } catch (error) {
        throw faultOf(error, 'SecretId' in input ? input.SecretId : undefined)
      }
    },
    close,
  }
}
