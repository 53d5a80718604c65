import {
  beforeEffect,
  type ProviderContext,
  refusal,
  type SecretError,
  type Stage,
  type Tags,
  type VersionInfo,
} from 'strongroom/provider'
import {
  type Answer,
  dataOf,
  dateField,
  field,
  isAbsent,
  isObject,
  numberField,
  serverTime,
  textField,
  unusable,
} from './answer.js'
import { apiPath } from './names.js'
import type { Service } from './service.js'

/** What KV keeps about a name. */
export interface KeyState {
  /** 0 for a name without any version. */
  readonly current: number
  /** Newest first. */
  readonly versions: readonly KeyVersion[]
  readonly tags: Tags
  readonly updatedAt: Date
}

export interface KeyVersion {
  readonly number: number
  readonly createdAt: Date
  readonly isDeleted: boolean
  readonly isDestroyed: boolean
}

/** The metadata of a name; `undefined` for one that was never written, or of which nothing is left. */
export async function readState(
  { send, mount }: Service,
  ref: string,
  context: ProviderContext,
): Promise<KeyState | undefined> {
  const answer = await send({ method: 'GET', path: apiPath(mount, 'metadata', ref) }, context)
  if (isAbsent(answer)) return undefined
  const reading = async (): Promise<KeyState> =>
    stateOf(dataOf(answer), Math.max(context.now(), serverTime(answer)))
  return beforeEffect(reading())
}

/** The metadata of a name that has a version, which is not deleted. */
export async function readLive(service: Service, ref: string, context: ProviderContext): Promise<KeyState> {
  const state = await readAny(service, ref, context)
  if (isDeleted(state)) throw pendingDeletion()
  return state
}

/** The metadata of a name that has a version, deleted or not. */
export async function readAny(service: Service, ref: string, context: ProviderContext): Promise<KeyState> {
  const state = await readState(service, ref, context)
  if (state === undefined || state.current === 0) throw noSecret()
  return state
}

/** Of what the metadata endpoint, or an item of OpenBao's detailed listing, says. */
export function stateOf(data: unknown, now: number): KeyState {
  const versions = field(data, 'versions')
  if (!isObject(data) || !isObject(versions)) throw unusable('versions')
  return {
    current: numberField(data, 'current_version'),
    updatedAt: dateField(data, 'updated_time'),
    tags: tagsOf(field(data, 'custom_metadata')),
    versions: Object.keys(versions)
      .map((number) => versionOf(Number(number), versions[number], now))
      .sort((left, right) => right.number - left.number),
  }
}

/** A time of deletion may lie ahead, where versions end by themselves. */
function versionOf(number: number, version: unknown, now: number): KeyVersion {
  if (!isObject(version)) throw unusable('versions')
  return {
    number,
    createdAt: dateField(version, 'created_time'),
    isDeleted:
      textField(version, 'deletion_time') !== '' && dateField(version, 'deletion_time').getTime() <= now,
    isDestroyed: version['destroyed'] === true,
  }
}

export function tagsOf(metadata: unknown): Tags {
  if (!isObject(metadata)) return {}
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, String(value)]))
}

export function currentOf({ current, versions }: KeyState): KeyVersion | undefined {
  return versions.find(({ number }) => number === current)
}

/** A secret is in the trash when its current version is: that is what a plain reader meets. */
export function isDeleted(state: KeyState): boolean {
  const current = currentOf(state)
  return current?.isDeleted === true && !current.isDestroyed
}

/** Whether anything is left that can be read, or be brought back. */
export function holdsVersions({ versions }: KeyState): boolean {
  return versions.some(({ isDestroyed }) => !isDestroyed)
}

/** The version before the current one, of those that are kept. */
export function previousOf({ current, versions }: KeyState): KeyVersion | undefined {
  return versions.find(({ number }) => number < current)
}

export function infoOf(state: KeyState, version: KeyVersion): VersionInfo {
  return {
    version: String(version.number),
    createdAt: version.createdAt,
    state: version.isDestroyed ? 'destroyed' : version.isDeleted ? 'disabled' : 'enabled',
    stages: stagesOf(state, version.number),
  }
}

export function stagesOf(state: KeyState, number: number): readonly Stage[] {
  if (number === state.current) return ['current']
  return number === previousOf(state)?.number ? ['previous'] : []
}

/** The number of a version, for an id that can be one. */
export function numberOf(version: string): number | undefined {
  const number = /^[1-9]\d*$/.test(version) ? Number(version) : Number.NaN
  return Number.isSafeInteger(number) ? number : undefined
}

/** The version with that id. */
export function versionNamed(state: KeyState, version: string): KeyVersion {
  const number = numberOf(version)
  const found = state.versions.find((each) => each.number === number)
  if (found === undefined) throw noVersion(version)
  return found
}

export function noSecret(): SecretError {
  return refusal('NOT_FOUND', 'there is no such secret')
}

export function noVersion(version: string): SecretError {
  return refusal(
    'NOT_FOUND',
    `there is no version ${version}; versions are numbers from 1, of which the oldest go`,
  )
}

export function destroyed(version: string | number): SecretError {
  return refusal('NOT_FOUND', `version ${version} is destroyed`)
}

export function pendingDeletion(): SecretError {
  return refusal('PENDING_DELETION', 'its current version is deleted; restore it first')
}

/** For an older version that somebody has deleted by itself. */
export function disabled(version: string | number): SecretError {
  return refusal(
    'DISABLED',
    `version ${version} is deleted by itself; bring it back with "vault kv undelete"`,
  )
}

/** What a read says of a version whose data is gone or hidden: 404 with the metadata. */
export function withheld({
  status,
  body,
}: Answer): { readonly isDestroyed: boolean; readonly version: number } | undefined {
  const metadata = field(field(body, 'data'), 'metadata')
  if (status !== 404 || !isObject(metadata)) return undefined
  return { isDestroyed: metadata['destroyed'] === true, version: numberField(metadata, 'version') }
}
