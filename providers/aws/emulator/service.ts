import { randomUUID } from 'node:crypto'
import {
  type EmulatorRequest,
  JsonError,
  parseJson,
  Refusal,
  type Service,
  type ServiceContext,
} from 'strongroom/testing'
import { batchGetSecretValue } from './batch.js'
import { deleteSecret, removeExpired, restoreSecret } from './deletion.js'
import { AwsError, errorReply, failureReply, reply } from './errors.js'
import { updateSecretVersionStage } from './labels.js'
import { listSecrets } from './listing.js'
import type { Scope, Settings } from './model.js'
import type { Operation } from './operation.js'
import { getRandomPassword } from './passwords.js'
import {
  deleteResourcePolicy,
  getResourcePolicy,
  putResourcePolicy,
  validateResourcePolicy,
} from './policies.js'
import {
  removeRegionsFromReplication,
  replicateSecretToRegions,
  stopReplicationToReplica,
} from './replication.js'
import { createSecret, describeSecret, seedSecret, updateSecret } from './secrets.js'
import { type Credentials, signedRegion, verifySignature } from './sigv4.js'
import { tagResource, untagResource } from './tags.js'
import { getSecretValue, putSecretValue } from './values.js'
import { listSecretVersionIds } from './versions.js'

const reads: Readonly<Record<string, Operation>> = {
  BatchGetSecretValue: batchGetSecretValue,
  DescribeSecret: describeSecret,
  GetRandomPassword: getRandomPassword,
  GetResourcePolicy: getResourcePolicy,
  GetSecretValue: getSecretValue,
  ListSecretVersionIds: listSecretVersionIds,
  ListSecrets: listSecrets,
  ValidateResourcePolicy: validateResourcePolicy,
}

const writes: Readonly<Record<string, Operation>> = {
  CreateSecret: createSecret,
  DeleteResourcePolicy: deleteResourcePolicy,
  DeleteSecret: deleteSecret,
  PutResourcePolicy: putResourcePolicy,
  PutSecretValue: putSecretValue,
  RemoveRegionsFromReplication: removeRegionsFromReplication,
  ReplicateSecretToRegions: replicateSecretToRegions,
  RestoreSecret: restoreSecret,
  StopReplicationToReplica: stopReplicationToReplica,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateSecret: updateSecret,
  UpdateSecretVersionStage: updateSecretVersionStage,
}

const targetPrefix = 'secretsmanager.'

export interface AwsServiceOptions extends Settings {
  readonly region: string
  readonly credentials: Credentials | undefined
  /** Real time, in milliseconds since the epoch, for signatures. */
  readonly wallClock: () => number
}

/** The service behind `POST /`: one operation a request, named by `X-Amz-Target`. */
export function awsService(options: AwsServiceOptions): Service {
  const scopeOf = (context: ServiceContext, operation: string, region: string): Scope => ({
    operation,
    region,
    now: context.now,
    emptyPage: context.emptyPage,
    settings: options,
    secrets: context.collection('secrets'),
    values: context.collection('values'),
    accesses: context.collection('accesses'),
    deletions: context.collection('deletions'),
    counters: context.collection('counters'),
  })
  return {
    name: 'aws',
    operation: nameOf,
    isRead: (operation) => Object.hasOwn(reads, operation),
    handle(request, context) {
      try {
        const operation = operationOf(request)
        if (options.credentials !== undefined)
          verifySignature(request, options.credentials, options.wallClock())
        const scope = scopeOf(context, nameOf(request) ?? '', signedRegion(request) ?? options.region)
        if (!Object.hasOwn(reads, scope.operation)) removeExpired(scope)
        return reply(200, operation.run(bodyOf(request), scope))
      } catch (error) {
        if (error instanceof AwsError) throw new Refusal(errorReply(error))
        throw error
      }
    },
    failure: (_request, failure) => failureReply(failure),
    seed(secrets, context) {
      for (const [name, value] of Object.entries(secrets)) {
        const text = typeof value === 'string' ? value : JSON.stringify(value)
        seedSecret(scopeOf(context, 'CreateSecret', options.region), name, text, randomUUID())
      }
    },
    connect: ({ url }) => ({
      env: {
        AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
        AWS_ACCESS_KEY_ID: options.credentials?.accessKeyId ?? 'test',
        AWS_SECRET_ACCESS_KEY: options.credentials?.secretAccessKey ?? 'test',
        ...(options.credentials?.sessionToken === undefined
          ? {}
          : { AWS_SESSION_TOKEN: options.credentials.sessionToken }),
        AWS_REGION: options.region,
        AWS_DEFAULT_REGION: options.region,
      },
      storeUrl: `aws://${options.region}?endpoint=${encodeURIComponent(url)}`,
    }),
  }
}

function nameOf({ headers }: EmulatorRequest): string | undefined {
  const target = headers['x-amz-target']
  return typeof target === 'string' && target.startsWith(targetPrefix)
    ? target.slice(targetPrefix.length)
    : undefined
}

function operationOf(request: EmulatorRequest): Operation {
  const name = nameOf(request)
  const operations = { ...reads, ...writes }
  const operation = name !== undefined && Object.hasOwn(operations, name) ? operations[name] : undefined
  if (operation === undefined || request.method !== 'POST' || !/^\/+$/.test(request.path)) {
    throw new AwsError('UnknownOperationException')
  }
  return operation
}

function bodyOf({ body }: EmulatorRequest): unknown {
  try {
    return body.length === 0 ? {} : parseJson(body.toString('utf8'))
  } catch (error) {
    if (error instanceof JsonError) throw new AwsError('SerializationException')
    throw error
  }
}
