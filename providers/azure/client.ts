/**
 * What the provider calls of a `SecretClient` of `@azure/keyvault-secrets`; an instance of that class fits.
 */
export interface AzureClient {
  /** `https://my-vault.vault.azure.net` */
  readonly vaultUrl: string
  getSecret(name: string, options?: AzureCallOptions & { version?: string }): Promise<AzureSecret>
  setSecret(name: string, value: string, options?: AzureCallOptions & AzureChanges): Promise<AzureSecret>
  updateSecretProperties(
    name: string,
    version: string,
    options?: AzureCallOptions & AzureChanges,
  ): Promise<AzureProperties>
  getDeletedSecret(name: string, options?: AzureCallOptions): Promise<AzureDeletedSecret>
  beginDeleteSecret(name: string, options?: AzureCallOptions): Promise<AzurePoller<AzureDeletedSecret>>
  beginRecoverDeletedSecret(name: string, options?: AzureCallOptions): Promise<AzurePoller<AzureProperties>>
  purgeDeletedSecret(name: string, options?: AzureCallOptions): Promise<void>
  listPropertiesOfSecrets(options?: AzureCallOptions): AzurePages
  listPropertiesOfSecretVersions(name: string, options?: AzureCallOptions): AzurePages
}

export interface AzureCallOptions {
  abortSignal?: AbortSignal
  /** Called with the last answer of a call, errors included. */
  onResponse?: (answer: AzureAnswer) => void
}

export interface AzureAnswer {
  readonly status: number
  readonly headers: { get(name: string): string | undefined }
  readonly request?: { readonly headers: { has(name: string): boolean } }
}

export interface AzureChanges {
  contentType?: string
  enabled?: boolean
  readonly expiresOn?: Date
  tags?: { [key: string]: string }
}

export interface AzureProperties {
  name: string
  version?: string
  contentType?: string
  enabled?: boolean
  readonly createdOn?: Date
  readonly updatedOn?: Date
  readonly expiresOn?: Date
  readonly recoveryLevel?: string
  /** The secret is the private side of a certificate of the vault. */
  readonly managed?: boolean
  /** Given for secrets that were made after June 2025, and not in listings. */
  readonly previousVersion?: string
  tags?: { [key: string]: string }
}

export interface AzureSecret {
  readonly properties: AzureProperties
  value?: string
}

export interface AzureDeletedSecret {
  readonly properties: AzureProperties
  readonly recoveryId?: string
  readonly scheduledPurgeDate?: Date
  readonly deletedOn?: Date
}

export interface AzurePoller<Result> {
  isDone(): boolean
  getResult(): Result | undefined
}

export interface AzurePages {
  byPage(settings?: { continuationToken?: string }): AsyncIterator<AzureProperties[]>
}

/** A credential of `@azure/identity`, or anything else that gives tokens. */
export interface AzureCredential {
  getToken(scopes: string | string[], options?: AzureTokenOptions): Promise<AzureToken | null>
}

export interface AzureTokenOptions {
  abortSignal?: unknown
  claims?: string
  enableCae?: boolean
  tenantId?: string
}

export interface AzureToken {
  token: string
  /** Epoch milliseconds. */
  expiresOnTimestamp: number
}
