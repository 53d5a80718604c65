import type { ErrorCode, Operation } from 'strongroom/provider'
import { operationNames } from '../../../src/operations.js'
import type { Fault } from './faults.js'
import type { Service } from './services.js'

/** What one cell must be. */
export interface Cell {
  readonly code: ErrorCode | 'ok'
  /** Requests that reach the server; attempts to connect, where the fault is that none does. */
  readonly calls: number
  /** Whether the error must say that its outcome is unknown. */
  readonly doubt: boolean
}

interface Row {
  readonly code: ErrorCode
  /** Writes of which nobody can tell whether they took effect. Default none. */
  readonly doubt?: readonly Operation[]
  /** Default 1. */
  readonly calls?: { readonly [K in Operation]?: number }
  readonly instead?: { readonly [K in Operation]?: ErrorCode | 'ok' }
}

const absent: Readonly<Record<Service['name'], readonly Operation[]>> = {
  aws: ['setVersionState'],
  azure: ['promote', 'discard'],
  gcp: ['promote', 'discard', 'restore'],
  'gcp-grpc': ['promote', 'discard', 'restore'],
  vault: ['promote', 'discard'],
}

const awsWrites: readonly Operation[] = [
  'put',
  'promote',
  'discard',
  'tag',
  'delete',
  'restore',
  'swapRecord',
]
/** They read first, so that a fault that strikes at once leaves nothing in doubt. */
const readFirst: readonly Operation[] = ['put', 'tag', 'swapRecord']
const azureWrites: readonly Operation[] = [...readFirst, 'setVersionState', 'delete', 'restore']
const writeAtOnce = azureWrites.filter((operation) => !readFirst.includes(operation))
/** The client's poller reads the secret before it asks for it back, and takes any error for "not yet". */
const recovering = { calls: { restore: 2 } } as const

/** The oldest SDK that scripts/sdks.mjs tries takes an answer without output, as of TagResource, without reading it. */
const isOldestSdk = process.env['STRONGROOM_SDKS']?.endsWith('/floor') === true

const taken: Partial<Row> = { doubt: awsWrites.filter((each) => each !== 'tag'), instead: { tag: 'ok' } }
const broken: Row = { code: 'UNAVAILABLE', doubt: awsWrites }
const unreadable: Row = isOldestSdk ? { ...broken, ...taken } : broken
const azureBroken: Row = { code: 'UNAVAILABLE', doubt: writeAtOnce, ...recovering }

/** The first record reads its parent; the others read the version, or the labels, under whose etag they write. */
const gcpWrites: readonly Operation[] = ['put', 'tag', 'setVersionState', 'delete', 'swapRecord']
const gcpBroken: Row = { code: 'UNAVAILABLE', doubt: ['put', 'delete'] }

/** Only the record is written without a look before. */
const vaultWrites: readonly Operation[] = ['put', 'tag', 'delete', 'restore', 'setVersionState', 'swapRecord']
const vaultBroken: Row = { code: 'UNAVAILABLE', doubt: ['swapRecord'] }
/** The server said that it did nothing, or a redirect was not followed. */
const vaultUndone: Row = { code: 'UNAVAILABLE' }

const gcpRows: Readonly<Record<Fault, Row>> = {
  refused: { code: 'UNAVAILABLE' },
  dns: { code: 'UNAVAILABLE' },
  tls: { code: 'CONFIG_INVALID' },
  'reset-before': gcpBroken,
  'reset-during': gcpBroken,
  'reset-after': gcpBroken,
  'cut-body': gcpBroken,
  'bad-json': gcpBroken,
  'wrong-type': gcpBroken,
  '3xx': gcpBroken,
  '400': { code: 'INVALID_VALUE' },
  '401': { code: 'UNAUTHENTICATED' },
  '403': { code: 'PERMISSION_DENIED' },
  // A put creates what it does not find; a record that is not there is no record, and has no parent.
  '404': { code: 'NOT_FOUND', calls: { put: 2, swapRecord: 2 }, instead: { readRecord: 'ok' } },
  // Met by reads, which send no etag.
  '409': { code: 'UNKNOWN' },
  '429': { code: 'RATE_LIMITED' },
  '429-retry-after': { code: 'RATE_LIMITED' },
  '500': gcpBroken,
  '503': gcpBroken,
  hang: { code: 'TIMEOUT', doubt: gcpWrites },
  'reply-lost': {
    code: 'UNAVAILABLE',
    doubt: gcpWrites,
    calls: { tag: 2, setVersionState: 2, swapRecord: 2 },
  },
  'foreign-403': { code: 'PERMISSION_DENIED' },
  'foreign-404': gcpBroken,
}

const rows: Readonly<Record<Service['name'], Readonly<Record<Fault, Row>>>> = {
  aws: {
    refused: { code: 'UNAVAILABLE' },
    dns: { code: 'UNAVAILABLE' },
    tls: { code: 'CONFIG_INVALID' },
    'reset-before': broken,
    'reset-during': broken,
    'reset-after': broken,
    // The answer of TagResource is empty: there is nothing to cut.
    'cut-body': { ...broken, ...taken },
    'bad-json': unreadable,
    'wrong-type': unreadable,
    '3xx': broken,
    '400': { code: 'INVALID_VALUE' },
    '401': { code: 'UNAUTHENTICATED' },
    '403': { code: 'PERMISSION_DENIED' },
    // A put creates what it does not find; a record that is not there is no record.
    '404': { code: 'NOT_FOUND', calls: { put: 2, swapRecord: 2 }, instead: { readRecord: 'ok' } },
    '409': { code: 'ALREADY_EXISTS' },
    '429': { code: 'RATE_LIMITED' },
    '429-retry-after': { code: 'RATE_LIMITED' },
    '500': broken,
    '503': broken,
    hang: { code: 'TIMEOUT', doubt: awsWrites },
    'reply-lost': { ...broken, calls: { promote: 2, discard: 2, swapRecord: 2 } },
    'foreign-403': { code: 'UNAVAILABLE', doubt: awsWrites },
    'foreign-404': { code: 'UNAVAILABLE', doubt: awsWrites },
  },
  azure: {
    refused: { code: 'UNAVAILABLE', ...recovering },
    dns: { code: 'UNAVAILABLE', ...recovering },
    tls: { code: 'CONFIG_INVALID', ...recovering },
    'reset-before': azureBroken,
    'reset-during': azureBroken,
    'reset-after': azureBroken,
    'cut-body': azureBroken,
    'bad-json': azureBroken,
    'wrong-type': azureBroken,
    '3xx': azureBroken,
    '400': { code: 'INVALID_VALUE', ...recovering },
    '401': { code: 'UNAUTHENTICATED', ...recovering },
    '403': { code: 'PERMISSION_DENIED', ...recovering },
    // NOT_FOUND costs one more request, which asks the trash; a record that is not there is no record.
    '404': {
      code: 'NOT_FOUND',
      calls: { get: 2, put: 2, setVersionState: 2, tag: 2, delete: 2, swapRecord: 2, restore: 3 },
      instead: { readRecord: 'ok' },
    },
    // Being deleted: in the trash for all who ask for the secret; a restore waits two minutes for it to end.
    '409': {
      code: 'PENDING_DELETION',
      doubt: ['restore'],
      calls: { restore: 128 },
      instead: { describe: 'CONFLICT', listPage: 'CONFLICT', versionsPage: 'CONFLICT', restore: 'TIMEOUT' },
    },
    '429': { code: 'RATE_LIMITED', ...recovering },
    '429-retry-after': { code: 'RATE_LIMITED', ...recovering },
    '500': azureBroken,
    '503': azureBroken,
    hang: { code: 'TIMEOUT', doubt: azureWrites },
    'reply-lost': {
      code: 'UNAVAILABLE',
      doubt: azureWrites,
      calls: { put: 2, tag: 2, restore: 2, swapRecord: 2 },
    },
    // Who guards the way to the vault says no; a 404 of theirs says nothing of secrets.
    'foreign-403': { code: 'PERMISSION_DENIED', ...recovering },
    'foreign-404': azureBroken,
  },
  gcp: gcpRows,
  'gcp-grpc': { ...gcpRows },
  vault: {
    refused: { code: 'UNAVAILABLE' },
    dns: { code: 'UNAVAILABLE' },
    tls: { code: 'CONFIG_INVALID' },
    'reset-before': vaultBroken,
    'reset-during': vaultBroken,
    'reset-after': vaultBroken,
    'cut-body': vaultBroken,
    'bad-json': vaultBroken,
    'wrong-type': vaultBroken,
    '3xx': vaultUndone,
    '400': { code: 'INVALID_VALUE' },
    // One more request asks whether it is the token.
    '401': {
      code: 'UNAUTHENTICATED',
      calls: Object.fromEntries(operationNames.map((operation) => [operation, 2])),
    },
    '403': { code: 'PERMISSION_DENIED' },
    // A put creates what it does not find; an empty folder is a listing; a record that is not there is no record.
    '404': { code: 'NOT_FOUND', calls: { put: 2 }, instead: { readRecord: 'ok', listPage: 'ok' } },
    '409': { code: 'CONFLICT' },
    '429': { code: 'RATE_LIMITED' },
    '429-retry-after': { code: 'RATE_LIMITED' },
    '500': vaultBroken,
    '503': vaultUndone,
    hang: { code: 'TIMEOUT', doubt: vaultWrites },
    'reply-lost': {
      code: 'UNAVAILABLE',
      doubt: vaultWrites,
      calls: { put: 2, tag: 2, delete: 2, restore: 2, setVersionState: 2 },
    },
    'foreign-403': vaultBroken,
    'foreign-404': vaultBroken,
  },
}

export function expectedCell(service: Service['name'], fault: Fault, operation: Operation): Cell {
  if (absent[service].includes(operation)) return { code: 'UNSUPPORTED', calls: 0, doubt: false }
  const { code, doubt = [], calls = {}, instead = {} } = rows[service][fault]
  return {
    code: instead[operation] ?? code,
    calls: calls[operation] ?? 1,
    doubt: doubt.includes(operation),
  }
}
