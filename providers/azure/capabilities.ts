import type { Capabilities } from 'strongroom/provider'

/** Azure Key Vault as it is: the README says where each fact comes from. */
export const capabilities: Capabilities = Object.freeze({
  writable: true,
  list: true,
  listByTag: true,
  pending: 'none',
  putIfVersion: 'checked',
  putIfAbsent: 'checked',
  putIdempotent: false,
  recordSwap: 'checked',
  versionOrder: 'partial',
  versionDisable: true,
  versionDestroy: false,
  deleteRecoverable: true,
  purge: true,
  tagScope: 'version',
  binary: 'encoded',
  emptyValue: true,
  caseSensitiveNames: false,
  freshRead: 'no',
  expiry: 'informational',
  nativeRotation: false,
})
