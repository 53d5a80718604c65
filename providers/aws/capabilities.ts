import type { Capabilities } from 'strongroom/provider'

/** What AWS Secrets Manager can do. Each fact with the operation, or the lack of one, that it rests on. */
export const capabilities: Capabilities = {
  writable: true,
  list: true,
  // ListSecrets filters by tag-key and tag-value, and lists the tags.
  listByTag: true,
  // The staging label AWSPENDING.
  pending: 'native',
  // UpdateSecretVersionStage fails unless RemoveFromVersionId names the holder of the label.
  putIfVersion: 'atomic',
  // CreateSecret refuses a name that exists; in a secret without a value, the same fence on AWSCURRENT.
  putIfAbsent: 'atomic',
  // ClientRequestToken is the version's id.
  putIdempotent: true,
  // PutSecretValue with a token derived from the revision: its second use fails.
  recordSwap: 'atomic',
  // CreatedDate in milliseconds; nothing breaks a tie.
  versionOrder: 'partial',
  // Versions have no state, and leave only when the service reaps them.
  versionDisable: false,
  versionDestroy: false,
  // A recovery window of 7 to 30 days.
  deleteRecoverable: true,
  // ForceDeleteWithoutRecovery.
  purge: true,
  tagScope: 'secret',
  // SecretBinary beside SecretString.
  binary: 'native',
  // Both take 1 byte or more.
  emptyValue: false,
  caseSensitiveNames: true,
  // AWS promises no read after write.
  freshRead: 'no',
  // Nothing to keep it in.
  expiry: 'none',
  // RotateSecret.
  nativeRotation: true,
}
