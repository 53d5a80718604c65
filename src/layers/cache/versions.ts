import type { SecretRecord, Tags } from '../../operations.js'
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
  return (
    one.name === other.name &&
    one.canonical === other.canonical &&
    one.state === other.state &&
    one.kind === other.kind &&
    one.createdAt?.getTime() === other.createdAt?.getTime() &&
    one.expiresAt?.getTime() === other.expiresAt?.getTime() &&
    one.stages.length === other.stages.length &&
    one.stages.every((stage) => other.stages.includes(stage)) &&
    areSame(one.tags, other.tags) &&
    one.value.equals(other.value)
  )
}

function areSame(one: Tags | undefined, other: Tags | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key])
}
