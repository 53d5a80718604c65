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
 * second by what each says it was set after. `all` is the whole history, of which a link must be the only one to its
 * version: of two, one is a copy that some script made of our tag, perhaps onto an older version.
 */
export function historyOf(versions: readonly Version[], all: readonly Version[] = versions): History {
  const bySecond = new Map<number, Version[]>()
  for (const version of versions) {
    const second = version.createdOn.getTime()
    bySecond.set(second, [...(bySecond.get(second) ?? []), version])
  }
  const links = linksOf(all)
  const newestFirst = [...bySecond].sort(([left], [right]) => right - left)
  return newestFirst.flatMap(([, group]) => chainOf(group, links)?.map((version) => [version]) ?? [group])
}

/** Which version was set after which, as far as one version alone says so. */
function linksOf(versions: readonly Version[]): ReadonlyMap<string | undefined, Version> {
  const followers = new Map<string | undefined, Version>()
  const copied = new Set<string | undefined>()
  for (const version of versions) {
    const after = version.tags?.[afterTag]
    if (followers.has(after)) copied.add(after)
    followers.set(after, version)
  }
  for (const after of copied) followers.delete(after)
  return followers
}

/** The group newest first, if the links make one whole chain of it. */
function chainOf(
  group: readonly Version[],
  links: ReadonlyMap<string | undefined, Version>,
): Version[] | undefined {
  const followers = group.map(({ version }) => links.get(version))
  const oldest = group.find((version) => !followers.includes(version))
  if (oldest === undefined) return undefined
  const chain = [oldest]
  let next = links.get(oldest.version)
  while (next && group.includes(next)) {
    chain.unshift(next)
    next = links.get(next.version)
  }
  return chain.length === group.length ? chain : undefined
}

/** The newest version, or those of which one is. None where there is no version. */
export function newestOf(history: History): Version[] {
  return history.slice(0, 1).flat()
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
export function earlierThan(history: History, newest: string): History {
  const all = history.flat()
  return historyOf(
    all.filter(({ version }) => version !== newest),
    all,
  )
}

/** Which stages point at a version. */
export function stages(history: History, current: Version | undefined): (version: string) => Stage[] {
  const candidates = current && newestOf(earlierThan(history, current.version))
  const previous = candidates?.length === 1 ? candidates[0] : undefined
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
  return { ...info, ...(expiresAt && { expiresAt }) }
}

/** @throws `UNAVAILABLE` for properties that name no version or no time. */
export function versionFrom(properties: AzureProperties): Version {
  const { version, createdOn } = properties
  if (version === undefined || createdOn === undefined) {
    throw refusal('UNAVAILABLE', 'the answer names no version, or no time of its creation')
  }
  return { ...properties, version, createdOn }
}
