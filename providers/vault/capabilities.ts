import type { Capabilities } from 'strongroom/provider'

/** KV version 2 as it is: the README says where each fact comes from. */
export const capabilities: Capabilities = Object.freeze({
  writable: true,
  list: true,
  listByTag: false,
  pending: 'none',
  putIfVersion: 'atomic',
  putIfAbsent: 'atomic',
  putIdempotent: false,
  recordSwap: 'atomic',
  versionOrder: 'total',
  versionDisable: false,
  versionDestroy: true,
  deleteRecoverable: true,
  purge: true,
  tagScope: 'secret',
  binary: 'encoded',
  emptyValue: true,
  caseSensitiveNames: true,
  freshRead: 'always',
  expiry: 'none',
  nativeRotation: false,
})

/** KV version 1 keeps one value a name and nothing beside it; it is read here, and not written. */
export const readOnlyCapabilities: Capabilities = Object.freeze({
  ...capabilities,
  writable: false,
  putIfVersion: 'none',
  putIfAbsent: 'none',
  recordSwap: 'none',
  versionOrder: 'none',
  versionDestroy: false,
  deleteRecoverable: false,
  purge: false,
  tagScope: 'none',
})
