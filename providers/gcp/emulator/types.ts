import { type EnumType, enumOf, field, list, type MessageType, map, message, oneof } from './descriptor.js'
import type * as m from './messages.js'

/** Numbers and names of google.cloud.secretmanager.v1, google.iam.v1, google.cloud.location and google.rpc. */

const empty: MessageType = message<object>({})
const any: MessageType<m.Any> = message<m.Any>({ typeUrl: field(1, 'string'), value: field(2, 'bytes') })

export const status: MessageType<m.Status> = message<m.Status>({
  code: field(1, 'int32'),
  message: field(2, 'string'),
  details: list(3, any),
})

export const errorInfo: MessageType<m.ErrorInfo> = message<m.ErrorInfo>({
  reason: field(1, 'string'),
  domain: field(2, 'string'),
  metadata: map(3, 'string'),
})

export const retryInfo: MessageType<m.RetryInfo> = message<m.RetryInfo>({ retryDelay: field(1, 'duration') })

export const badRequest: MessageType<m.BadRequest> = message<m.BadRequest>({
  fieldViolations: list(1, message({ field: field(1, 'string'), description: field(2, 'string') })),
})

const encryption = message<m.CustomerManagedEncryption>({ kmsKeyName: field(1, 'string') })

const replication = message<m.Replication>({
  automatic: oneof('replication', 1, message({ customerManagedEncryption: field(1, encryption) })),
  userManaged: oneof(
    'replication',
    2,
    message({
      replicas: list(
        1,
        message<m.Replica>({
          location: field(1, 'string'),
          customerManagedEncryption: field(2, encryption),
        }),
      ),
    }),
  ),
})

const rotation = message<m.Rotation>({
  nextRotationTime: field(1, 'timestamp'),
  rotationPeriod: field(2, 'duration'),
  managedRotationStatus: field(
    3,
    message({
      state: field(1, enumOf(['STATE_UNSPECIFIED', 0], ['ACTIVE', 1], ['INACTIVE', 2])),
      error: field(2, status),
    }),
  ),
})

export const secretTypes: EnumType = enumOf(
  ['SECRET_TYPE_UNSPECIFIED', 0],
  ['CLOUD_SQL_DB_CREDENTIALS', 1],
  ['ACCESS_KEY', 2],
  ['CERTIFICATE', 3],
  ['OTHER_DB_CREDENTIALS', 4],
  ['OTHER', 50],
)

export const secret: MessageType<m.Secret> = message<m.Secret>({
  name: field(1, 'string'),
  replication: field(2, replication),
  createTime: field(3, 'timestamp'),
  labels: map(4, 'string'),
  topics: list(5, message({ name: field(1, 'string') })),
  expireTime: oneof('expiration', 6, 'timestamp'),
  ttl: oneof('expiration', 7, 'duration'),
  etag: field(8, 'string'),
  rotation: field(9, rotation),
  versionAliases: map(11, 'int64'),
  annotations: map(13, 'string'),
  versionDestroyTtl: field(14, 'duration'),
  customerManagedEncryption: field(15, encryption),
  tags: map(16, 'string'),
  secretType: field(17, secretTypes),
  policyMember: field(
    18,
    message({ iamPolicyNamePrincipal: field(1, 'string'), iamPolicyUidPrincipal: field(2, 'string') }),
  ),
})

const encryptionStatus = message<m.EncryptionStatus>({ kmsKeyVersionName: field(1, 'string') })

const replicationStatus = message<m.ReplicationStatus>({
  automatic: oneof('status', 1, message({ customerManagedEncryption: field(1, encryptionStatus) })),
  userManaged: oneof(
    'status',
    2,
    message({
      replicas: list(
        1,
        message({
          location: field(1, 'string'),
          customerManagedEncryption: field(2, encryptionStatus),
        }),
      ),
    }),
  ),
})

export const secretVersion: MessageType<m.SecretVersion> = message<m.SecretVersion>({
  name: field(1, 'string'),
  createTime: field(2, 'timestamp'),
  destroyTime: field(3, 'timestamp'),
  state: field(4, enumOf(['STATE_UNSPECIFIED', 0], ['ENABLED', 1], ['DISABLED', 2], ['DESTROYED', 3])),
  replicationStatus: field(5, replicationStatus),
  etag: field(6, 'string'),
  clientSpecifiedPayloadChecksum: field(7, 'bool'),
  scheduledDestroyTime: field(8, 'timestamp'),
  customerManagedEncryption: field(9, encryptionStatus),
})

const payload = message<m.SecretPayload>({
  data: field(1, 'bytes'),
  dataCrc32c: field(2, 'int64', { isOptional: true }),
})

const named = message<m.NamedRequest>({ name: field(1, 'string') })
const namedWithEtag = message<m.NamedRequestWithEtag>({ name: field(1, 'string'), etag: field(2, 'string') })
const listRequest = message<m.ListRequest>({
  parent: field(1, 'string'),
  pageSize: field(2, 'int32'),
  pageToken: field(3, 'string'),
  filter: field(4, 'string'),
})

const policy = message<m.Policy>({
  version: field(1, 'int32'),
  etag: field(3, 'bytes'),
  bindings: list(
    4,
    message<m.Binding>({
      role: field(1, 'string'),
      members: list(2, 'string'),
      condition: field(
        3,
        message({
          expression: field(1, 'string'),
          title: field(2, 'string'),
          description: field(3, 'string'),
          location: field(4, 'string'),
        }),
      ),
    }),
  ),
  auditConfigs: list(
    6,
    message({
      service: field(1, 'string'),
      auditLogConfigs: list(
        3,
        message({
          logType: field(
            1,
            enumOf(['LOG_TYPE_UNSPECIFIED', 0], ['ADMIN_READ', 1], ['DATA_WRITE', 2], ['DATA_READ', 3]),
          ),
          exemptedMembers: list(2, 'string'),
        }),
      ),
    }),
  ),
})

const location = message<m.Location>({
  name: field(1, 'string'),
  labels: map(2, 'string'),
  metadata: field(3, any),
  locationId: field(4, 'string'),
  displayName: field(5, 'string'),
})

/** Requests and responses, by what they are called in the service. */
export const types: {
  readonly empty: MessageType
  readonly named: MessageType<m.NamedRequest>
  readonly namedWithEtag: MessageType<m.NamedRequestWithEtag>
  readonly listRequest: MessageType<m.ListRequest>
  readonly listSecretsResponse: MessageType<m.ListSecretsResponse>
  readonly listSecretVersionsResponse: MessageType<m.ListSecretVersionsResponse>
  readonly createSecretRequest: MessageType<m.CreateSecretRequest>
  readonly addSecretVersionRequest: MessageType<m.AddSecretVersionRequest>
  readonly updateSecretRequest: MessageType<m.UpdateSecretRequest>
  readonly accessSecretVersionResponse: MessageType<m.AccessSecretVersionResponse>
  readonly enableManagedRotationRequest: MessageType<m.EnableManagedRotationRequest>
  readonly rotateSecretRequest: MessageType<m.RotateSecretRequest>
  readonly policy: MessageType<m.Policy>
  readonly setIamPolicyRequest: MessageType<m.SetIamPolicyRequest>
  readonly getIamPolicyRequest: MessageType<m.GetIamPolicyRequest>
  readonly testIamPermissionsRequest: MessageType<m.TestIamPermissionsRequest>
  readonly testIamPermissionsResponse: MessageType<m.TestIamPermissionsResponse>
  readonly location: MessageType<m.Location>
  readonly listLocationsRequest: MessageType<m.ListLocationsRequest>
  readonly listLocationsResponse: MessageType<m.ListLocationsResponse>
} = {
  empty,
  named,
  namedWithEtag,
  listRequest,
  listSecretsResponse: message<m.ListSecretsResponse>({
    secrets: list(1, secret),
    nextPageToken: field(2, 'string'),
    totalSize: field(3, 'int32'),
  }),
  listSecretVersionsResponse: message<m.ListSecretVersionsResponse>({
    versions: list(1, secretVersion),
    nextPageToken: field(2, 'string'),
    totalSize: field(3, 'int32'),
  }),
  createSecretRequest: message<m.CreateSecretRequest>({
    parent: field(1, 'string'),
    secretId: field(2, 'string'),
    secret: field(3, secret),
  }),
  addSecretVersionRequest: message<m.AddSecretVersionRequest>({
    parent: field(1, 'string'),
    payload: field(2, payload),
  }),
  updateSecretRequest: message<m.UpdateSecretRequest>({
    secret: field(1, secret),
    updateMask: field(2, 'mask'),
  }),
  accessSecretVersionResponse: message<m.AccessSecretVersionResponse>({
    name: field(1, 'string'),
    payload: field(2, payload),
  }),
  enableManagedRotationRequest: message<m.EnableManagedRotationRequest>({
    parent: field(1, 'string'),
    cloudSqlSingleUserCredentials: oneof(
      'credentials',
      2,
      message({
        instanceId: field(1, 'string'),
        username: field(2, 'string'),
        password: field(3, 'string'),
      }),
    ),
  }),
  rotateSecretRequest: message<m.RotateSecretRequest>({ parent: field(1, 'string') }),
  policy,
  setIamPolicyRequest: message<m.SetIamPolicyRequest>({
    resource: field(1, 'string'),
    policy: field(2, policy),
    updateMask: field(3, 'mask'),
  }),
  getIamPolicyRequest: message<m.GetIamPolicyRequest>({
    resource: field(1, 'string'),
    options: field(2, message({ requestedPolicyVersion: field(1, 'int32') })),
  }),
  testIamPermissionsRequest: message<m.TestIamPermissionsRequest>({
    resource: field(1, 'string'),
    permissions: list(2, 'string'),
  }),
  testIamPermissionsResponse: message<m.TestIamPermissionsResponse>({ permissions: list(1, 'string') }),
  location,
  listLocationsRequest: message<m.ListLocationsRequest>({
    name: field(1, 'string'),
    filter: field(2, 'string'),
    pageSize: field(3, 'int32'),
    pageToken: field(4, 'string'),
  }),
  listLocationsResponse: message<m.ListLocationsResponse>({
    locations: list(1, location),
    nextPageToken: field(2, 'string'),
  }),
}
