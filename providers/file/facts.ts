import type { Capabilities, Limits } from 'strongroom/provider'

/** Everything that the contract knows: the whole file is read, compared and replaced under one lock. */
export const capabilities: Capabilities = Object.freeze({
  writable: true,
  list: true,
  listByTag: true,
  pending: 'native',
  putIfVersion: 'atomic',
  putIfAbsent: 'atomic',
  putIdempotent: true,
  recordSwap: 'atomic',
  versionOrder: 'total',
  versionDisable: true,
  versionDestroy: true,
  deleteRecoverable: true,
  purge: true,
  tagScope: 'secret',
  binary: 'native',
  emptyValue: true,
  caseSensitiveNames: true,
  freshRead: 'always',
  expiry: 'informational',
  nativeRotation: false,
})

/**
 * Chosen like those of memory: wide enough to hold what any of the four clouds holds. Rates were measured on two cores
 * with a small file and an X25519 key; a passphrase makes each write as slow as its work factor. Nothing is kept in
 * a cache by default, since a read is one look at the file and sees what other processes wrote.
 */
export const limits: Limits = Object.freeze({
  maxValueBytes: 1_048_576,
  maxNameLength: 1024,
  namePattern: /^.+$/u,
  maxTags: 64,
  tagKeyPattern: /^.+$/su,
  tagValuePattern: /^.*$/su,
  maxTagKeyLength: 256,
  maxTagValueLength: 256,
  readsPerSecond: 10_000,
  writesPerSecond: 100,
  writesPerNewSecret: 1,
  propagationMs: 0,
  cacheTtlMs: 0,
  pricePer10kReads: 0,
})

/** Of the sealed file. It is read whole, so that a larger one is refused before it is. */
export const maxFileBytes: number = 64 * 1024 * 1024
