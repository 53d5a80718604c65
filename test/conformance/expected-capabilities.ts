import type { Capabilities } from 'strongroom/provider'

/** The value of a fact, and why: the reason, with its source in brackets. */
export type Cell<F extends keyof Capabilities> = readonly [value: Capabilities[F], why: string]
export type Row = { readonly [F in keyof Capabilities]: Cell<F> }

/**
 * What each provider must declare. A provider that declares less, to dodge a case, or more, to please, differs from
 * its row here.
 *
 * Sources: [guide] AWS Secrets Manager user guide · [api] its API reference and model · [about] Azure "About Key
 * Vault secrets" · [rest] Azure REST reference and its specification · [recorded] recordings of the real service in
 * azure-sdk-for-js · [node] Node.js documentation of `process.env` · [posix] POSIX, environment variables · [own]
 * what this package does itself.
 */
export const expected: Readonly<Record<'memory' | 'env' | 'aws' | 'azure', Row>> = {
  memory: {
    writable: [true, 'a Map in the process [own]'],
    list: [true, 'all names are at hand [own]'],
    listByTag: [true, 'tags are kept with the secret [own]'],
    pending: ['native', 'a stage beside current and previous [own]'],
    putIfVersion: ['atomic', 'comparison and write are one turn of the event loop [own]'],
    putIfAbsent: ['atomic', 'comparison and write are one turn of the event loop [own]'],
    putIdempotent: [true, 'the key is the id of the version [own]'],
    recordSwap: ['atomic', 'comparison and write are one turn of the event loop [own]'],
    versionOrder: ['total', 'versions are counted [own]'],
    versionDisable: [true, 'a version has a state [own]'],
    versionDestroy: [true, 'a version has a state [own]'],
    deleteRecoverable: [true, 'a trash with a window [own]'],
    purge: [true, 'the entry is dropped [own]'],
    tagScope: ['secret', 'one set of tags a name [own]'],
    binary: ['native', 'bytes are kept as bytes [own]'],
    emptyValue: [true, 'no bytes are bytes too [own]'],
    caseSensitiveNames: [true, 'keys of a Map [own]'],
    freshRead: ['always', 'one copy, in this process [own]'],
    expiry: ['informational', 'kept with the version, enforced by nobody [own]'],
    nativeRotation: [false, 'nothing runs by itself [own]'],
  },
  env: {
    writable: [false, 'a program cannot change what it was started with for others [posix]'],
    list: [true, 'the names of all variables are at hand [node]'],
    listByTag: [false, 'a variable has a name and a value, nothing else [posix]'],
    pending: ['none', 'a variable has one value [posix]'],
    putIfVersion: ['none', 'not writable'],
    putIfAbsent: ['none', 'not writable'],
    putIdempotent: [false, 'not writable'],
    recordSwap: ['none', 'not writable'],
    versionOrder: ['none', 'a variable has one value, and no history [posix]'],
    versionDisable: [false, 'a variable has no state [posix]'],
    versionDestroy: [false, 'not writable'],
    deleteRecoverable: [false, 'not writable'],
    purge: [false, 'not writable'],
    tagScope: ['none', 'a variable has a name and a value, nothing else [posix]'],
    binary: ['encoded', 'values are text without NUL [posix]'],
    emptyValue: [true, 'a variable may be set and empty [posix]'],
    caseSensitiveNames: [true, 'APP and app are two; on Windows they are one, which is out of scope [node]'],
    freshRead: ['always', 'read anew at each call [own]'],
    expiry: ['none', 'a variable has a name and a value, nothing else [posix]'],
    nativeRotation: [false, 'nothing runs by itself'],
  },
  aws: {
    writable: [true, 'CreateSecret, PutSecretValue [api]'],
    list: [true, 'ListSecrets [api]'],
    listByTag: [true, 'ListSecrets filters by tag-key and tag-value [api]'],
    pending: ['native', 'the staging label AWSPENDING [guide]'],
    putIfVersion: [
      'atomic',
      'UpdateSecretVersionStage moves a label only away from the version that RemoveFromVersionId names [api]',
    ],
    putIfAbsent: ['atomic', 'CreateSecret of a name that exists is ResourceExistsException [api]'],
    putIdempotent: [true, 'ClientRequestToken: the same content is no new version [api]'],
    recordSwap: ['atomic', 'a token derived from the revision is used once: ResourceExistsException [api]'],
    versionOrder: ['partial', 'CreatedDate in milliseconds, and no counter [api]'],
    versionDisable: [false, 'a version has labels and no state [api]'],
    versionDestroy: [
      false,
      'no operation removes a version; unlabelled ones are reaped by the service [guide]',
    ],
    deleteRecoverable: [true, 'a recovery window of 7 to 30 days, RestoreSecret [api]'],
    purge: [true, 'ForceDeleteWithoutRecovery [api]'],
    tagScope: ['secret', 'TagResource takes a secret [api]'],
    binary: ['native', 'SecretBinary beside SecretString [api]'],
    emptyValue: [false, 'both take 1 to 65,536 bytes [api]'],
    caseSensitiveNames: [true, 'names that differ in case are different ARNs [guide]'],
    freshRead: ['no', 'no read after write is promised, and older values are served for seconds [guide]'],
    expiry: ['none', 'a version holds nothing to keep it in [api]'],
    nativeRotation: [true, 'RotateSecret [api]'],
  },
  azure: {
    writable: [true, 'PUT /secrets/{name} [rest]'],
    list: [true, 'GET /secrets [rest]'],
    listByTag: [true, 'no filter, but items of the listing carry their tags [rest]'],
    pending: ['none', 'the newest version is what every reader gets [about]'],
    putIfVersion: ['checked', 'no etag and no If-Match on any operation of secrets [rest]'],
    putIfAbsent: ['checked', 'PUT makes a secret or a version, whichever it finds [rest]'],
    putIdempotent: [false, 'each PUT is a new version [rest]'],
    recordSwap: ['checked', 'no etag and no If-Match on any operation of secrets [rest]'],
    versionOrder: ['partial', 'whole seconds and random ids: three versions of one second [recorded]'],
    versionDisable: [true, 'attributes.enabled [about]'],
    versionDestroy: [false, 'DELETE takes a whole secret [rest]'],
    deleteRecoverable: [true, 'soft delete is always on, 7 to 90 days [about]'],
    purge: [true, 'DELETE /deletedsecrets/{name} [rest]'],
    tagScope: ['version', 'tags stand in the bundle of a version, and a PUT starts without [rest]'],
    binary: ['encoded', 'a value is a string; bytes are base64 under a content type [about]'],
    emptyValue: [true, 'an empty value was accepted [recorded]'],
    caseSensitiveNames: [false, 'names are case-insensitive [about]'],
    freshRead: ['no', 'no read after write is promised [rest]'],
    expiry: ['informational', 'exp blocks no read [about]'],
    nativeRotation: [false, 'rotation of secrets is left to functions on Event Grid [about]'],
  },
}
