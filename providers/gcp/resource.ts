import {
  Fault,
  type ProviderOutput,
  refusal,
  type SecretError,
  type Tags,
  type VersionInfo,
  type VersionState,
} from 'strongroom/provider'
import type { SecretAnswer, Timestamp, VersionAnswer } from './client.js'
import type { Service } from './service.js'

/** A secret without its versions. */
export interface SecretState {
  readonly secretId: string
  readonly etag: string
  readonly labels: Tags
  readonly annotations: Tags
  /** Version ids, by alias. */
  readonly aliases: Readonly<Record<string, string>>
  readonly createdAt: Date
  readonly answer: SecretAnswer
}

export interface Version extends Omit<VersionInfo, 'stages'> {
  readonly etag: string | undefined
}

export async function readSecret(
  service: Service,
  secret: string,
  signal: AbortSignal,
): Promise<SecretState> {
  return secretOf(await service.send('getSecret', { name: secret }, signal))
}

/**
 * One version by its number, `latest` or an alias: never its value.
 *
 * @throws {Fault} `NOT_FOUND` also for a secret without versions.
 */
export async function readVersion(
  service: Service,
  secret: string,
  version: string,
  signal: AbortSignal,
): Promise<Version> {
  return versionOf(await service.send('getSecretVersion', { name: `${secret}/versions/${version}` }, signal))
}

export function secretOf(answer: SecretAnswer): SecretState {
  const { name, etag, labels, annotations, versionAliases, createTime } = answer
  // Without one a change would be no compare-and-set.
  if (typeof etag !== 'string' || etag === '') throw unusable('etag')
  return {
    secretId: lastPart(name, /^projects\/.+\/secrets\/([^/]+)$/, 'name'),
    etag,
    labels: { ...labels },
    annotations: { ...annotations },
    aliases: Object.fromEntries(
      Object.entries(versionAliases ?? {}).map(([alias, number]) => [alias, String(number)]),
    ),
    createdAt: dateOf(createTime),
    answer,
  }
}

export function versionOf({ name, etag, state, createTime }: VersionAnswer): Version {
  return {
    version: versionIn(name),
    state: stateOf(state),
    createdAt: dateOf(createTime),
    etag: etag === null || etag === '' ? undefined : etag,
  }
}

/** What a secret itself says. Its id has the project as the store has it: answers name it by number. */
export function describedAs(
  { parent }: Service,
  ref: string,
  { secretId, labels }: SecretState,
): Omit<ProviderOutput<'describe'>, 'current' | 'pending'> {
  return { id: ref.includes('/') ? ref : `${parent}/secrets/${secretId}`, tags: labels, state: 'active' }
}

/** The number at the end of a version's name, which names its project by number. */
export function versionIn(name: string | null | undefined): string {
  return lastPart(name, /\/versions\/([1-9]\d*)$/, 'version')
}

/** Whether a version id can be one; an alias is none. */
export function isVersionId(version: string): boolean {
  return /^[1-9]\d{0,17}$/.test(version)
}

export function noVersion(version: string): SecretError {
  return refusal('NOT_FOUND', `there is no version ${version}; versions are numbers from 1`)
}

export function destroyed(version: string | undefined): SecretError {
  return refusal(
    'NOT_FOUND',
    `${version === undefined ? 'its current version' : `version ${version}`} is destroyed`,
  )
}

export function disabled(version: string): SecretError {
  return refusal('DISABLED', `version ${version} is disabled; enable it or read another one`)
}

function lastPart(name: string | null | undefined, form: RegExp, what: string): string {
  const part = form.exec(name ?? '')?.[1]
  if (part === undefined) throw unusable(what)
  return part
}

const states: readonly VersionState[] = ['enabled', 'disabled', 'destroyed']

/** The name of the state, or its number. */
function stateOf(state: unknown): VersionState {
  const found = states.find((each, index) => state === each.toUpperCase() || state === index + 1)
  if (found === undefined) throw unusable('state')
  return found
}

function dateOf(time: Timestamp | null | undefined): Date {
  const seconds = Number(String(time?.seconds ?? Number.NaN))
  const date = new Date(seconds * 1000 + Math.floor(Number(time?.nanos ?? 0) / 1e6))
  if (Number.isNaN(date.getTime())) throw unusable('createTime')
  return date
}

export function unusable(field: string): Fault {
  return new Fault({ code: 'UNAVAILABLE', detail: `the answer has no usable ${field}` })
}
