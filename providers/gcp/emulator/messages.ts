/** The messages of the service as objects: members in the spelling of JSON, and absent where they are not set. */

export type Text = Readonly<Record<string, string>>

export interface CustomerManagedEncryption {
  readonly kmsKeyName?: string
}

export interface Replica {
  readonly location?: string
  readonly customerManagedEncryption?: CustomerManagedEncryption
}

export interface Replication {
  readonly automatic?: { readonly customerManagedEncryption?: CustomerManagedEncryption }
  readonly userManaged?: { readonly replicas?: readonly Replica[] }
}

/** Times are milliseconds since the epoch and durations milliseconds, both with a fraction down to a microsecond. */
export interface Rotation {
  readonly nextRotationTime?: number
  readonly rotationPeriod?: number
  readonly managedRotationStatus?: { readonly state?: string | number; readonly error?: Status }
}

export interface Secret {
  readonly name?: string
  readonly replication?: Replication
  readonly createTime?: number
  readonly labels?: Text
  readonly topics?: readonly { readonly name?: string }[]
  readonly expireTime?: number
  readonly ttl?: number
  readonly etag?: string
  readonly rotation?: Rotation
  readonly versionAliases?: Readonly<Record<string, bigint>>
  readonly annotations?: Text
  readonly versionDestroyTtl?: number
  readonly customerManagedEncryption?: CustomerManagedEncryption
  readonly tags?: Text
  readonly secretType?: string | number
  readonly policyMember?: {
    readonly iamPolicyNamePrincipal?: string
    readonly iamPolicyUidPrincipal?: string
  }
}

export interface EncryptionStatus {
  readonly kmsKeyVersionName?: string
}

export interface ReplicationStatus {
  readonly automatic?: { readonly customerManagedEncryption?: EncryptionStatus }
  readonly userManaged?: {
    readonly replicas?: readonly {
      readonly location?: string
      readonly customerManagedEncryption?: EncryptionStatus
    }[]
  }
}

export interface SecretVersion {
  readonly name?: string
  readonly createTime?: number
  readonly destroyTime?: number
  readonly state?: string | number
  readonly replicationStatus?: ReplicationStatus
  readonly etag?: string
  readonly clientSpecifiedPayloadChecksum?: boolean
  readonly scheduledDestroyTime?: number
  readonly customerManagedEncryption?: EncryptionStatus
}

export interface SecretPayload {
  readonly data?: Buffer
  readonly dataCrc32c?: bigint
}

export interface ListRequest {
  readonly parent?: string
  readonly pageSize?: number
  readonly pageToken?: string
  readonly filter?: string
}

export interface ListSecretsResponse {
  readonly secrets?: readonly Secret[]
  readonly nextPageToken?: string
  readonly totalSize?: number
}

export interface ListSecretVersionsResponse {
  readonly versions?: readonly SecretVersion[]
  readonly nextPageToken?: string
  readonly totalSize?: number
}

export interface CreateSecretRequest {
  readonly parent?: string
  readonly secretId?: string
  readonly secret?: Secret
}

export interface AddSecretVersionRequest {
  readonly parent?: string
  readonly payload?: SecretPayload
}

export interface UpdateSecretRequest {
  readonly secret?: Secret
  /** Paths in either spelling. */
  readonly updateMask?: readonly string[]
}

/** Of one secret or one version. */
export interface NamedRequest {
  readonly name?: string
}

export interface NamedRequestWithEtag extends NamedRequest {
  readonly etag?: string
}

export interface AccessSecretVersionResponse {
  readonly name?: string
  readonly payload?: SecretPayload
}

export interface EnableManagedRotationRequest {
  readonly parent?: string
  readonly cloudSqlSingleUserCredentials?: {
    readonly instanceId?: string
    readonly username?: string
    readonly password?: string
  }
}

export interface RotateSecretRequest {
  readonly parent?: string
}

export interface Policy {
  readonly version?: number
  readonly etag?: Buffer
  readonly bindings?: readonly Binding[]
  readonly auditConfigs?: readonly {
    readonly service?: string
    readonly auditLogConfigs?: readonly {
      readonly logType?: string | number
      readonly exemptedMembers?: readonly string[]
    }[]
  }[]
}

export interface Binding {
  readonly role?: string
  readonly members?: readonly string[]
  readonly condition?: {
    readonly expression?: string
    readonly title?: string
    readonly description?: string
    readonly location?: string
  }
}

export interface SetIamPolicyRequest {
  readonly resource?: string
  readonly policy?: Policy
  readonly updateMask?: readonly string[]
}

export interface GetIamPolicyRequest {
  readonly resource?: string
  readonly options?: { readonly requestedPolicyVersion?: number }
}

export interface TestIamPermissionsRequest {
  readonly resource?: string
  readonly permissions?: readonly string[]
}

export interface TestIamPermissionsResponse {
  readonly permissions?: readonly string[]
}

export interface ListLocationsRequest {
  readonly name?: string
  readonly filter?: string
  readonly pageSize?: number
  readonly pageToken?: string
}

export interface Location {
  readonly name?: string
  readonly labels?: Text
  readonly metadata?: Any
  readonly locationId?: string
  readonly displayName?: string
}

export interface ListLocationsResponse {
  readonly locations?: readonly Location[]
  readonly nextPageToken?: string
}

export interface Any {
  readonly typeUrl?: string
  readonly value?: Buffer
}

export interface Status {
  readonly code?: number
  readonly message?: string
  readonly details?: readonly Any[]
}

export interface ErrorInfo {
  readonly reason?: string
  readonly domain?: string
  readonly metadata?: Text
}

export interface RetryInfo {
  readonly retryDelay?: number
}

export interface BadRequest {
  readonly fieldViolations?: readonly { readonly field?: string; readonly description?: string }[]
}
