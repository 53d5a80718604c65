import type { Capabilities, Limits } from '../provider.js'

/** Everything that the contract knows, in its strongest form. */
export const shelfCapabilities: Capabilities = Object.freeze({
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

/** Chosen, not measured: wide enough to hold what any of the four clouds holds. */
export const shelfLimits: Limits = Object.freeze({
  maxValueBytes: 1_048_576,
  maxNameLength: 1024,
  namePattern: /^.+$/u,
  maxTags: 64,
  tagKeyPattern: /^.+$/su,
  tagValuePattern: /^.*$/su,
  maxTagKeyLength: 256,
  maxTagValueLength: 256,
  readsPerSecond: 1_000_000,
  writesPerSecond: 1_000_000,
  writesPerNewSecret: 1,
  propagationMs: 0,
  cacheTtlMs: 300_000,
  pricePer10kReads: 0,
})
