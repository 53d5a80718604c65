import { randomUUID } from 'node:crypto'
import type { Operation, SecretName, WorkflowRecord } from '../../operations.js'
import type { CallOptions, SecretStore } from '../../store.js'
import type { Needs } from './case.js'
import { collect } from './expect.js'

/** What a sample call is about. */
export interface Subject {
  readonly name: SecretName
  readonly version: string
  readonly value: string
  readonly revision: string
}

type Sample = (store: SecretStore, subject: Subject, options?: CallOptions) => Promise<unknown>

/** A plain call of each operation; traits are tried on these. */
export const samples: { readonly [K in Operation]: Sample } = {
  get: (store, { name }, options) => store.get(name, { ...options, maxAgeMs: 0 }),
  put: (store, { name, value }, options) => store.put(name, value, options),
  promote: (store, { name, version }, options) => store.promote(name, version, options),
  discard: (store, { name, version }, options) => store.discard(name, version, options),
  describe: (store, { name }, options) => store.describe(name, options),
  listPage: (store, _, options) => collect(store.list(options)),
  versionsPage: (store, { name }, options) => collect(store.versions(name, options)),
  setVersionState: (store, { name, version }, options) =>
    store.setVersionState(
      name,
      version,
      store.capabilities.versionDisable ? 'disabled' : 'destroyed',
      options,
    ),
  tag: (store, { name }, options) => store.tag(name, { ...options, set: { team: 'red' } }),
  delete: (store, { name }, options) =>
    store.delete(name, { ...options, purge: !store.capabilities.deleteRecoverable }),
  restore: (store, { name }, options) => store.restore(name, options),
  readRecord: (store, { name }, options) => store.readRecord(name, options),
  swapRecord: (store, { name, revision }, options) =>
    store.swapRecord(name, sampleRecord('case'), { ...options, ifRevision: revision }),
}

/** The facts by which a backend has an operation at all. */
export const operationNeeds: { readonly [K in Operation]: readonly Needs[] } = {
  get: [{}],
  put: [{ writable: true }],
  promote: [{ writable: true, pending: 'native' }],
  discard: [{ writable: true, pending: 'native' }],
  describe: [{}],
  listPage: [{ list: true }],
  versionsPage: [{}],
  setVersionState: [
    { writable: true, versionDisable: true },
    { writable: true, versionDestroy: true },
  ],
  tag: [{ writable: true, tagScope: ['secret', 'version'] }],
  delete: [
    { writable: true, deleteRecoverable: true },
    { writable: true, purge: true },
  ],
  restore: [{ writable: true, deleteRecoverable: true }],
  readRecord: [{ recordSwap: ['atomic', 'checked'] }],
  swapRecord: [{ writable: true, recordSwap: ['atomic', 'checked'] }],
}

/** A record with a fresh nonce. */
export function sampleRecord(
  of: string,
  rotation: WorkflowRecord['rotation'] = { phase: 'idle' },
): WorkflowRecord {
  return { nonce: randomUUID(), of, ...(rotation && { rotation }) }
}
