import { refusal, type Stage, type VersionInfo } from 'strongroom/provider'
import type { AzureProperties } from './client.js'
import { timeFrom } from './expiry.js'
import { afterTag } from './tags.js'

export interface Version extends AzureProperties {
  readonly version: string
  readonly createdOn: Date
}

/** Newest first. Versions that cannot be told apart stand in one group. */
export type History = readonly (readonly Version[])[]

/**
 * Versions in the order in which they were set: by creation, which the service keeps in whole seconds, and within a
 * second by what each says it was set after.
 */
export function historyOf(versions: readonly Version[]): History {
  const bySecond = new Map<number, Version[]>()
  for (const version of versions) {
    const second = version.createdOn.getTime()
    bySecond.set(second, [...(bySecond.get(second) ?? []), version])
  }
  const newestFirst = [...bySecond].sort(([left], [right]) => right - left)
  return newestFirst.flatMap(([, group]) => chainOf(group)?.map((version) => [version]) ?? [group])
}

/** The group newest first, if what its versions say makes one whole chain of it. */
function chainOf(group: readonly Version[]): Version[] | undefined {
  const ids = new Set(group.map(({ version }) => version))
  const [oldest, ...others] = group.filter(({ tags }) => !ids.has(tags?.[afterTag] ?? ''))
  if (oldest === undefined || others.length > 0) return undefined
  const chain = [oldest]
  const followers = (): Version[] => group.filter(({ tags }) => tags?.[afterTag] === chain[0]?.version)
  for (let next = followers(); next.length === 1; next = followers()) chain.unshift(...next)
  return chain.length === group.length ? chain : undefined
}

/** The only candidate. @throws `CONFLICT` for several, since a guess would be a wrong value. */
export function certain(candidates: readonly Version[], what: string): Version {
  const [first, ...others] = candidates
  if (first === undefined) throw refusal('NOT_FOUND', `no version is ${what}`)
  if (others.length === 0) return first
  throw refusal(
    'CONFLICT',
    `${candidates.length} versions of the same second may be ${what}, and the vault keeps no order; name one`,
  )
}

/** The history of what was there before one version, which must be the newest. */
export function before(history: History, newest: string): History {
  return historyOf(history.flat().filter(({ version }) => version !== newest))
}

/** Which stages point at a version. */
export function stages(history: History, current: Version | undefined): (version: string) => Stage[] {
  const [group = []] = current === undefined ? [] : before(history, current.version)
  const previous = group.length === 1 ? group[0] : undefined
  return (version) => {
    if (version === current?.version) return ['current']
    return version === previous?.version ? ['previous'] : []
  }
}

export function infoOf(
  { version, createdOn, enabled, expiresOn }: Version,
  stages: readonly Stage[],
): VersionInfo {
  const state = enabled === false ? 'disabled' : 'enabled'
  const info = { version, createdAt: createdOn, state, stages } as const
  const expiresAt = timeFrom(expiresOn)
  return expiresAt === undefined ? info : { ...info, expiresAt }
}

/** @throws `UNAVAILABLE` for properties that name no version or no time. */
export function versionFrom(properties: AzureProperties): Version {
  const { version, createdOn } = properties
  if (version === undefined || createdOn === undefined) {
    throw refusal('UNAVAILABLE', 'the answer names no version, or no time of its creation')
  }
  return { ...properties, version, createdOn }
}
