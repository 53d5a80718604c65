import type { SecretRecord } from '../../operations.js'
import type { Entries, Entry } from './entries.js'
import type { Identity } from './identity.js'

/** All that is held of one version of a secret, by whatever stage it was read: a version never changes its value. */
export function holdersOf(entries: Entries, { group, secret }: Identity, version: string): readonly Entry[] {
  return entries.ofGroup(group).filter(({ secret: other, answer }) => {
    return other === secret && 'record' in answer && answer.record.version === version
  })
}

/**
 * The record that is held already, where the backend has given the same one again: so that a version stays one object,
 * and its `Secret` too, for as long as nothing about it changes.
 */
export function sharedRecord(entries: Entries, identity: Identity, record: SecretRecord): SecretRecord {
  for (const { answer } of holdersOf(entries, identity, record.version)) {
    if ('record' in answer && isSame(answer.record, record)) return answer.record
  }
  return Object.freeze(record)
}

function isSame(one: SecretRecord, other: SecretRecord): boolean {
  return factsOf(one) === factsOf(other) && one.value.equals(other.value)
}

function factsOf({ name, canonical, stages, state, createdAt, expiresAt, tags, kind }: SecretRecord): string {
  const tagList = tags && Object.entries(tags).sort()
  return JSON.stringify([name, canonical, [...stages].sort(), state, createdAt, expiresAt, tagList, kind])
}
