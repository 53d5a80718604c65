import type { ErrorCode } from '../errors.js'
import { SecretError } from '../errors.js'
import type { Input, Operation, PutInput, Stage, Tags, VersionState } from '../operations.js'
import { effects } from '../operations.js'
import type { Capabilities, SecretProvider } from '../provider.js'
import { SecretValue } from '../secret.js'

/**
 * What is refused before anything is sent: operations and arguments that the capabilities deny (`UNSUPPORTED`),
 * values and tags over the limits, and programming mistakes (`TypeError`).
 */
export function admit<K extends Operation>(provider: SecretProvider, operation: K, input: Input<K>): void {
  const require = requirer(provider)
  const rule: Rule<K> = rules[operation]
  if (effects[operation] === 'write') require(provider.capabilities.writable, operation, 'writable')
  rule(input, { ...provider, require })
}

type Require = (allowed: boolean, what: string, fact: keyof Capabilities, instead?: string) => void
interface Backend extends SecretProvider {
  readonly require: Require
}
type Rule<K extends Operation> = (input: Input<K>, backend: Backend) => void

const stages: readonly Stage[] = ['current', 'previous', 'pending', 'newest-enabled']
const versionStates: readonly VersionState[] = ['enabled', 'disabled', 'destroyed']
const maxRecordBytes = 2048

const rules: { readonly [K in Operation]: Rule<K> } = {
  get({ version, stage }, { capabilities, require }) {
    if (version !== undefined && stage !== undefined) {
      throw new TypeError('get: give version or stage, not both; a version is exact already')
    }
    if (version !== undefined) checkVersion('version', version)
    if (stage !== undefined) oneOf('stage', stage, stages)
    require(stage !== 'pending' || capabilities.pending === 'native', 'stage "pending"', 'pending')
    require(stage !== 'previous' || capabilities.versionOrder !== 'none', 'stage "previous"', 'versionOrder')
  },
  put(input, backend) {
    const { capabilities, require } = backend
    checkValue(input.value, backend)
    checkPreconditions(input, backend)
    if (input.tags !== undefined) checkTags(input.tags, backend)
    if (input.expiresAt !== undefined) {
      require(capabilities.expiry !== 'none', 'expiresAt', 'expiry')
      if (!isDate(input.expiresAt)) throw new TypeError('expiresAt must be a valid Date')
    }
    oneOf('onDeleted', input.onDeleted, ['fail', 'restore'])
  },
  promote({ version, ifCurrent }, { capabilities, require }) {
    require(capabilities.pending === 'native', 'promote', 'pending', 'use a rotation')
    checkVersion('version', version)
    if (ifCurrent !== undefined) checkVersion('ifCurrent', ifCurrent)
  },
  discard({ version }, { capabilities, require }) {
    require(capabilities.pending === 'native', 'discard', 'pending', 'use a rotation')
    checkVersion('version', version)
  },
  describe() {},
  listPage({ prefix, tags, cursor }, backend) {
    const { capabilities, require } = backend
    require(capabilities.list, 'list', 'list')
    require(tags === undefined || capabilities.listByTag, 'list by tags', 'listByTag')
    if (prefix !== undefined && typeof prefix !== 'string') throw new TypeError('prefix must be a string')
    if (tags !== undefined) checkTagMap('tags', tags)
    checkCursor(cursor)
  },
  versionsPage({ cursor }) {
    checkCursor(cursor)
  },
  setVersionState({ version, state }, { capabilities, require }) {
    checkVersion('version', version)
    oneOf('state', state, versionStates)
    if (state === 'destroyed') require(capabilities.versionDestroy, 'state "destroyed"', 'versionDestroy')
    else require(capabilities.versionDisable, `state "${state}"`, 'versionDisable')
  },
  tag({ set, remove }, backend) {
    checkTags(set, backend)
    if (!Array.isArray(remove) || !remove.every((key) => typeof key === 'string')) {
      throw new TypeError('remove must be an array of tag keys')
    }
    const both = remove.find((key) => Object.hasOwn(set, key))
    if (both !== undefined) throw new TypeError(`tag ${JSON.stringify(both)} is in both set and remove`)
    if (remove.length > 0) backend.require(backend.capabilities.tagScope !== 'none', 'tags', 'tagScope')
  },
  delete({ purge }, { capabilities, require }) {
    if (typeof purge !== 'boolean') throw new TypeError('purge must be a boolean')
    if (purge) require(capabilities.purge, 'purge', 'purge')
    else
      require(capabilities.deleteRecoverable, 'recoverable delete', 'deleteRecoverable', 'pass purge: true')
  },
  restore(_, { capabilities, require }) {
    require(capabilities.deleteRecoverable, 'restore', 'deleteRecoverable')
  },
  readRecord(_, { capabilities, require }) {
    require(capabilities.recordSwap !== 'none', 'readRecord', 'recordSwap')
  },
  swapRecord({ record, ifRevision }, { capabilities, require }) {
    require(capabilities.recordSwap !== 'none', 'swapRecord', 'recordSwap')
    if (typeof ifRevision !== 'string') throw new TypeError('ifRevision must be what readRecord gave')
    if (record === null) return
    if (typeof record?.nonce !== 'string' || record.nonce === '' || typeof record.of !== 'string') {
      throw new TypeError('record must be { nonce, of, rotation?, hold? }, with a fresh nonce, or null')
    }
    const size = Buffer.byteLength(JSON.stringify(record))
    if (size > maxRecordBytes)
      throw refuse('TOO_LARGE', `the record takes ${size} bytes; the limit is ${maxRecordBytes}`)
  },
}

function checkPreconditions(input: PutInput, { capabilities, limits: _, require }: Backend): void {
  oneOf('stage', input.stage, ['current', 'pending'])
  if (input.ifVersion !== undefined && input.ifAbsent === true) {
    throw new TypeError('put: ifVersion and ifAbsent contradict each other; give one')
  }
  require(input.stage === 'current' ||
    capabilities.pending === 'native', 'stage "pending"', 'pending', 'use a rotation')
  if (input.ifVersion !== undefined) {
    checkVersion('ifVersion', input.ifVersion)
    require(capabilities.putIfVersion !== 'none', 'ifVersion', 'putIfVersion')
  }
  if (input.ifAbsent === true) require(capabilities.putIfAbsent !== 'none', 'ifAbsent', 'putIfAbsent')
  if (input.idempotencyKey !== undefined) {
    if (typeof input.idempotencyKey !== 'string' || input.idempotencyKey === '') {
      throw new TypeError('idempotencyKey must be a string that is not empty')
    }
    require(capabilities.putIdempotent, 'idempotencyKey', 'putIdempotent', 'use ifVersion or ifAbsent')
  }
  if (input.rotationToken !== undefined)
    require(capabilities.nativeRotation, 'rotationToken', 'nativeRotation')
}

function checkValue(value: unknown, { capabilities, limits, name }: Backend): void {
  if (!SecretValue.is(value)) throw new TypeError('value must be a string, bytes or JSON')
  if (value.byteLength === 0 && !capabilities.emptyValue) {
    throw refuse('INVALID_VALUE', `${name} does not hold an empty value; delete the secret instead`)
  }
  const encoded = value.kind === 'binary' && capabilities.binary === 'encoded'
  const size = encoded ? Math.ceil(value.byteLength / 3) * 4 : value.byteLength
  if (size > limits.maxValueBytes) {
    const note = encoded ? ' as base64, which is how this backend keeps bytes' : ''
    throw refuse(
      'TOO_LARGE',
      `the value takes ${size} bytes${note}; the limit on ${name} is ${limits.maxValueBytes}`,
    )
  }
}

function checkTags(tags: Tags, { capabilities, limits, name, require }: Backend): void {
  checkTagMap('tags', tags)
  const entries = Object.entries(tags)
  if (entries.length > 0) require(capabilities.tagScope !== 'none', 'tags', 'tagScope')
  if (entries.length > limits.maxTags) {
    throw refuse('INVALID_VALUE', `tags: ${entries.length} given; ${name} holds ${limits.maxTags}`)
  }
  for (const [key, value] of entries) {
    const shown = JSON.stringify(key)
    if (key === '' || key.length > limits.maxTagKeyLength || !limits.tagKeyPattern.test(key)) {
      const rule = `1 to ${limits.maxTagKeyLength} characters matching ${limits.tagKeyPattern.source}`
      throw refuse('INVALID_VALUE', `tags: the key ${shown} is not one that ${name} takes (${rule})`)
    }
    if (value.length > limits.maxTagValueLength || !limits.tagValuePattern.test(value)) {
      const rule = `at most ${limits.maxTagValueLength} characters matching ${limits.tagValuePattern.source}`
      throw refuse('INVALID_VALUE', `tags: the value of ${shown} is not one that ${name} takes (${rule})`)
    }
  }
}

function checkTagMap(field: string, tags: unknown): void {
  const isMap = typeof tags === 'object' && tags !== null && !Array.isArray(tags)
  if (!isMap || !Object.values(tags).every((value) => typeof value === 'string')) {
    throw new TypeError(`${field} must be an object of strings`)
  }
}

function checkVersion(field: string, version: unknown): void {
  if (typeof version !== 'string' || version === '' || /[\p{Cc}\s/?#]/u.test(version)) {
    throw new TypeError(
      `${field} must be a version id: a string without spaces, slashes or control characters`,
    )
  }
}

function checkCursor(cursor: unknown): void {
  if (cursor !== undefined && typeof cursor !== 'string')
    throw new TypeError('cursor must be what a page gave')
}

function oneOf<T extends string>(field: string, value: T, allowed: readonly T[]): void {
  if (!allowed.includes(value)) throw new TypeError(`${field} must be one of ${allowed.join(', ')}`)
}

function isDate(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime())
}

function requirer(provider: SecretProvider): Require {
  return (allowed, what, fact, instead) => {
    if (allowed) return
    const value = JSON.stringify(provider.capabilities[fact])
    const advice = instead === undefined ? '' : `; ${instead}`
    throw refuse('UNSUPPORTED', `${provider.name} has no ${what} (capabilities.${fact} is ${value})${advice}`)
  }
}

function refuse(code: ErrorCode, message: string): SecretError {
  return new SecretError({ code, message })
}
