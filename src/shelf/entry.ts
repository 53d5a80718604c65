import { refusal } from '../errors.js'
import type { Stage, Tags, VersionInfo, VersionState } from '../operations.js'
import type { SecretValue } from '../secret.js'

export interface Version {
  readonly id: string
  /** Gone once the version is destroyed. */
  value: SecretValue | undefined
  readonly createdAt: Date
  readonly expiresAt: Date | undefined
  state: VersionState
  /** Where tags belong to a version. */
  tags: Tags | undefined
}

/** A secret on a shelf: versions in the order in which they were stored, and where its stages point. */
export interface Entry {
  readonly versions: Version[]
  current: string | undefined
  previous: string | undefined
  pending: string | undefined
  tags: Tags
  changedAt: Date
  recoverableUntil: Date | undefined
}

export function newEntry(now: Date): Entry {
  return {
    versions: [],
    current: undefined,
    previous: undefined,
    pending: undefined,
    tags: {},
    changedAt: now,
    recoverableUntil: undefined,
  }
}

export function versionOf(entry: Entry, id: string): Version {
  const version = entry.versions.find((candidate) => candidate.id === id)
  if (version === undefined) throw refusal('NOT_FOUND', `there is no version ${id}`)
  return version
}

/** @throws `DISABLED`, or `NOT_FOUND` for a destroyed one. */
export function readable({ id, state, value }: Version): SecretValue {
  if (state === 'disabled')
    throw refusal('DISABLED', `version ${id} is disabled; enable it or read another one`)
  if (value === undefined) throw refusal('NOT_FOUND', `version ${id} was destroyed`)
  return value
}

export function makeCurrent(entry: Entry, id: string): void {
  if (entry.current === id) return
  entry.previous = entry.current
  entry.current = id
}

/** Of a version where they belong to it, else of the secret. */
export function tagsOf(entry: Entry, id: string | undefined = entry.current): Tags {
  return entry.versions.find((version) => version.id === id)?.tags ?? entry.tags
}

/** Current if it is enabled, else the newest enabled version that is not pending. */
export function newestEnabled(entry: Entry): Version | undefined {
  const enabled = entry.versions.filter(({ id, state }) => state === 'enabled' && id !== entry.pending)
  return enabled.find(({ id }) => id === entry.current) ?? enabled.at(-1)
}

export function stagesOf(entry: Entry, id: string): Stage[] {
  const stages: Stage[] = []
  if (entry.current === id) stages.push('current')
  if (entry.previous === id) stages.push('previous')
  if (entry.pending === id) stages.push('pending')
  return stages
}

export function infoOf(entry: Entry, { id, createdAt, state, expiresAt }: Version): VersionInfo {
  const info = { version: id, createdAt, state, stages: stagesOf(entry, id) }
  return expiresAt === undefined ? info : { ...info, expiresAt }
}
