/** What is used of a `SecretManagerServiceClient` of `@google-cloud/secret-manager`; an instance of that class fits. */
export interface GcpClient {
  initialize(): Promise<unknown>
  /** The calls of the service, by method: functions that give a promise with a `cancel`. */
  readonly innerApiCalls: object
  close(): Promise<void>
}

/** A client of `google-auth-library`, or anything else that gives the headers of a request. */
export interface GcpCredential {
  getRequestHeaders(url?: string): Promise<GcpHeaders>
  readonly universeDomain?: string
}

/** A `Headers`. */
export interface GcpHeaders {
  forEach(callback: (value: string, key: string) => void): void
}

/** The requests that this provider makes, and what of their answers it reads. */
export interface Requests {
  accessSecretVersion: { request: Named; answer: AccessAnswer }
  addSecretVersion: { request: AddRequest; answer: VersionAnswer }
  createSecret: { request: CreateRequest; answer: SecretAnswer }
  deleteSecret: { request: NamedEtag; answer: unknown }
  destroySecretVersion: { request: NamedEtag; answer: VersionAnswer }
  disableSecretVersion: { request: NamedEtag; answer: VersionAnswer }
  enableSecretVersion: { request: NamedEtag; answer: VersionAnswer }
  getSecret: { request: Named; answer: SecretAnswer }
  getSecretVersion: { request: Named; answer: VersionAnswer }
  listSecretVersions: { request: ListRequest; answer: ListAnswer<VersionAnswer> }
  listSecrets: { request: ListRequest; answer: ListAnswer<SecretAnswer> }
  updateSecret: { request: UpdateRequest; answer: SecretAnswer }
}

export type Method = keyof Requests

export interface Named {
  readonly name: string
}

export interface NamedEtag extends Named {
  readonly etag?: string
}

export interface AddRequest {
  readonly parent: string
  readonly payload: { readonly data: Uint8Array; readonly dataCrc32c: number }
}

export interface CreateRequest {
  readonly parent: string
  readonly secretId: string
  readonly secret: SecretFields
}

export interface UpdateRequest {
  readonly secret: SecretFields & NamedEtag
  readonly updateMask: { readonly paths: readonly string[] }
}

export interface ListRequest {
  readonly parent: string
  readonly pageSize: number
  readonly pageToken: string
  readonly filter: string
}

export interface SecretFields {
  readonly labels?: StringMap
  readonly annotations?: StringMap
  readonly versionAliases?: StringMap
  readonly replication?: Replication
  readonly customerManagedEncryption?: Encryption
  readonly topics?: readonly Named[]
  readonly ttl?: Duration
  readonly versionDestroyTtl?: Duration
}

export type StringMap = Readonly<Record<string, string>>

export interface Replication {
  readonly automatic?: { readonly customerManagedEncryption?: Encryption | null } | null
  readonly userManaged?: { readonly replicas?: readonly Replica[] | null } | null
}

export interface Replica {
  readonly location?: string | null
  readonly customerManagedEncryption?: Encryption | null
}

export interface Encryption {
  readonly kmsKeyName?: string | null
}

export interface Duration {
  readonly seconds: number
}

/** Seconds are text where the client keeps 64 bits. */
export interface Timestamp {
  readonly seconds?: unknown
  readonly nanos?: unknown
}

export interface SecretAnswer {
  readonly name?: string | null
  readonly etag?: string | null
  readonly labels?: StringMap | null
  readonly annotations?: StringMap | null
  /** Numbers, as text. */
  readonly versionAliases?: Readonly<Record<string, unknown>> | null
  readonly createTime?: Timestamp | null
  readonly replication?: Replication | null
  readonly customerManagedEncryption?: Encryption | null
}

export interface VersionAnswer {
  readonly name?: string | null
  readonly etag?: string | null
  readonly state?: unknown
  readonly createTime?: Timestamp | null
}

export interface AccessAnswer {
  readonly name?: string | null
  readonly payload?: { readonly data?: unknown; readonly dataCrc32c?: unknown } | null
}

export interface ListAnswer<Item> {
  readonly items: readonly Item[]
  readonly nextPageToken: string
}
