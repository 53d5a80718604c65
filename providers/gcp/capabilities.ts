import type { Capabilities } from 'strongroom/provider'

/** What Google Cloud Secret Manager can do. Each fact with the call, or the lack of one, that it rests on. */
export const capabilities: Capabilities = {
  writable: true,
  list: true,
  // ListSecrets carries the labels of each secret, and filters by them.
  listByTag: true,
  // `latest` is the newest version, whatever its state: nothing can wait in the secret itself.
  pending: 'none',
  // AddSecretVersion takes no etag and no request id.
  putIfVersion: 'checked',
  // CreateSecret and AddSecretVersion are two requests.
  putIfAbsent: 'checked',
  putIdempotent: false,
  // The etag of the sibling secret whose annotations hold the record.
  recordSwap: 'atomic',
  // Versions are numbered from 1, and no number is used twice.
  versionOrder: 'total',
  // DisableSecretVersion, EnableSecretVersion, DestroySecretVersion.
  versionDisable: true,
  versionDestroy: true,
  // DeleteSecret is immediate, and nothing brings a secret back.
  deleteRecoverable: false,
  purge: true,
  // Labels belong to the secret.
  tagScope: 'secret',
  // SecretPayload.data is bytes.
  binary: 'native',
  // "Secret Payload cannot be empty".
  emptyValue: false,
  caseSensitiveNames: true,
  // Consistency page: only reading by number the version that was just added is consistent.
  freshRead: 'by-version',
  // expireTime destroys the secret, which is something else.
  expiry: 'none',
  // Rotation schedules only publish a message.
  nativeRotation: false,
}

/**
 * With `currentAlias`. Which version is current, pending or previous stands in the aliases of the secret, which change
 * under its etag: the fence of every compare.
 */
export const aliasCapabilities: Capabilities = {
  ...capabilities,
  pending: 'native',
  putIfVersion: 'atomic',
  putIfAbsent: 'atomic',
}
