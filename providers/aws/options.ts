import {
  checkFields,
  type Fields,
  type NameConvention,
  refusal,
  type SecretError,
  type Tags,
} from 'strongroom/provider'
import { limits } from './limits.js'

/** How {@link aws} reaches AWS Secrets Manager, and how it creates what is not there yet. */
export interface AwsOptions {
  /** Default: what the SDK finds (`AWS_REGION`, then the region of the profile). */
  readonly region?: string | undefined
  /** A path before every name, joined by `/`. Default none. */
  readonly prefix?: string | undefined
  /** A house convention for names. Default: names as they are, escapes for what AWS cannot hold. */
  readonly names?: NameConvention | undefined
  /**
   * Default: `AWS_ENDPOINT_URL_SECRETS_MANAGER`, then `AWS_ENDPOINT_URL`, then the profile, then the region's own.
   * Plain `http` is taken on loopback only, and then meets dummy credentials unless `credentials` or `profile` are
   * given.
   */
  readonly endpoint?: string | undefined
  /** A profile of the AWS configuration files. Default: what the SDK finds. */
  readonly profile?: string | undefined
  /** Default: the SDK's own chain (environment, SSO, profile, process, web identity, container, instance). */
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>) | undefined
  /**
   * A ready-made `SecretsManagerClient`, instead of `region`, `endpoint`, `profile` and `credentials`. Make it with
   * `maxAttempts: 1`, or its retries multiply with the store's. It stays yours to destroy.
   */
  readonly client?: AwsClient | undefined
  /** How new secrets are created. */
  readonly create?: AwsCreateOptions | undefined
  /** How long a deleted secret can be restored: 7 to 30. Default: AWS's own, 30. */
  readonly recoveryWindowDays?: number | undefined
  /**
   * Gathers the reads of one tick into `BatchGetSecretValue` requests of 20, which needs the permission of that name.
   * Reads by version, or of another stage than `current`, go alone. Default false.
   */
  readonly batch?: boolean | undefined
}

export interface AwsCreateOptions {
  /** Default: the key that AWS manages. */
  readonly kmsKeyId?: string | undefined
  /** Default none. */
  readonly description?: string | undefined
  /** Of every secret created here; a put that replaces tags leaves these keys alone. Default none. */
  readonly tags?: Tags | undefined
}

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

/** The part of `SecretsManagerClient` that is called. */
export interface AwsClient {
  send(command: never, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>
}

const regionPattern = /^([a-z]+-)+\d+$/

const fields: Fields<AwsOptions> = {
  region: true,
  prefix: true,
  names: true,
  endpoint: true,
  profile: true,
  credentials: true,
  client: true,
  create: true,
  recoveryWindowDays: true,
  batch: true,
}

/** @throws {SecretError} `CONFIG_INVALID`, naming the option, the rule and what to do. */
export function checkOptions(options: AwsOptions): void {
  checkFields('aws', options, fields)
  const { client, region, recoveryWindowDays, create } = options
  if (client !== undefined) {
    const twice = (['region', 'endpoint', 'profile', 'credentials'] as const).find(
      (field) => options[field] !== undefined,
    )
    if (twice !== undefined) {
      throw invalid(`${twice} is set beside client, which brings its own; give one of them`)
    }
    if (typeof client.send !== 'function') throw invalid('client must be a SecretsManagerClient')
  }
  if (region !== undefined && !regionPattern.test(region)) {
    throw invalid(`region ${JSON.stringify(region)} is not one; write it like "eu-west-1"`)
  }
  if (recoveryWindowDays !== undefined && !isRecoveryWindow(recoveryWindowDays)) {
    throw invalid(`recoveryWindowDays must be a whole number from 7 to 30`)
  }
  for (const [key, value] of Object.entries(create?.tags ?? {})) {
    if (!limits.tagKeyPattern.test(key) || !limits.tagValuePattern.test(value)) {
      throw invalid(`create.tags: AWS does not take the tag ${JSON.stringify(key)}; see its rules for tags`)
    }
  }
}

export function invalid(problem: string): SecretError {
  return refusal('CONFIG_INVALID', `aws: ${problem}`)
}

function isRecoveryWindow(days: number): boolean {
  return Number.isInteger(days) && days >= 7 && days <= 30
}
