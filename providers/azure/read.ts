import {
  type ProviderContext,
  type ProviderOperations,
  type ProviderOutput,
  refusal,
  type Stage,
  type Tags,
} from 'strongroom/provider'
import type { AzureSecret } from './client.js'
import { decodeValue } from './content.js'
import { currentOf, disabledCurrent, readHistory } from './current.js'
import { isDisabled, isMissing } from './errors.js'
import { certain, earlierThan, infoOf, newestOf, stages, type Version, versionFrom } from './history.js'
import { userTags } from './tags.js'
import { lookInTrash, missing } from './trash.js'
import type { Vault } from './vault.js'

type Reads = Pick<ProviderOperations, 'get' | 'describe' | 'listPage' | 'versionsPage'>

/** A version id is 32 hex digits; any other text in its place would be a route of the service. */
const versionId = /^[0-9a-f]{32}$/i

export function isVersionId(version: string): boolean {
  return versionId.test(version)
}

export function reads(vault: Vault, nameOf: (ref: string) => string): Reads {
  return {
    async get({ ref, version, stage = 'current' }, context) {
      const name = nameOf(ref)
      try {
        if (version !== undefined) return await byVersion(vault, name, version, context)
        return await byStage[stage](vault, name, context)
      } catch (error) {
        throw isMissing(error) ? await missing(vault, name, context, error) : error
      }
    },

    async describe({ ref }, context) {
      const name = nameOf(ref)
      const id = idOf(vault, name)
      const history = await readHistory(vault, name, context)
      if (history.length === 0) return { id, ...(await describeDeleted(vault, name, context)) }
      const current = await currentOf(vault, name, history, context)
      if (current === undefined)
        throw refusal('CONFLICT', 'which version is current cannot be told; list them')
      return {
        id,
        state: 'active',
        current: infoOf(current, ['current']),
        tags: userTags(current.tags),
        ...(current.updatedOn && { changedAt: current.updatedOn }),
      }
    },

    async listPage({ cursor, tags: wanted = {} }, context) {
      const page = await vault.list(cursor, context)
      const items = page.items.map(({ name, tags, updatedOn }) => ({
        ref: name,
        id: idOf(vault, name),
        tags: userTags(tags),
        ...(updatedOn && { changedAt: updatedOn }),
      }))
      return { ...page, items: items.filter(({ tags }) => hasAll(tags, wanted)) }
    },

    async versionsPage({ ref, cursor }, context) {
      if (cursor !== undefined)
        throw refusal('INVALID_VALUE', 'the history is one page, which gave no cursor')
      const name = nameOf(ref)
      const history = await readHistory(vault, name, context)
      if (history.length === 0) throw await missing(vault, name, context)
      const current = await currentOf(vault, name, history, context)
      const stagesOf = stages(history, current)
      const versions =
        current === undefined ? history.flat() : [current, ...earlierThan(history, current.version).flat()]
      return { items: versions.map((version) => infoOf(version, stagesOf(version.version))) }
    },
  }
}

type Read = (vault: Vault, name: string, context: ProviderContext) => Promise<ProviderOutput<'get'>>

const byStage: { readonly [S in Stage]: Read } = {
  async current(vault, name, context) {
    return recordOf(await vault.get(name, undefined, context), ['current'])
  },

  async previous(vault, name, context) {
    const current = await vault.get(name, undefined, context).catch(undefinedIfDisabled)
    const previous =
      current?.properties.previousVersion ?? (await previousInHistory(vault, name, current, context))
    return recordOf(await vault.get(name, previous, context), ['previous'])
  },

  async 'newest-enabled'(vault, name, context) {
    const current = await vault.get(name, undefined, context).catch(undefinedIfDisabled)
    if (current !== undefined) return recordOf(current, ['current'])
    const history = await readHistory(vault, name, context)
    const groups = history.map((group) => group.filter(({ enabled }) => enabled !== false))
    const newest = groups.find((group) => group.length > 0)
    if (newest === undefined) throw refusal('DISABLED', 'every version is disabled; enable one')
    const { version } = certain(newest, 'the newest enabled one')
    return recordOf(
      await vault.get(name, version, context),
      stages(history, disabledCurrent(history))(version),
    )
  },

  async pending() {
    throw refusal('NOT_FOUND', 'no version is pending')
  },
}

async function previousInHistory(
  vault: Vault,
  name: string,
  current: AzureSecret | undefined,
  context: ProviderContext,
): Promise<string> {
  const history = await readHistory(vault, name, context)
  const { version } = current === undefined ? disabledCurrent(history) : versionFrom(current.properties)
  return certain(newestOf(earlierThan(history, version)), 'previous').version
}

/** Two requests: an answer does not say whether its version is the current one. */
async function byVersion(
  vault: Vault,
  name: string,
  version: string,
  context: ProviderContext,
): Promise<ProviderOutput<'get'>> {
  if (!isVersionId(version)) throw noVersion(version)
  const found = await vault.get(name, version, context)
  const current = await vault.get(name, undefined, context).catch(undefinedIfDisabled)
  if (current?.properties.version === found.properties.version) return recordOf(found, ['current'])
  const isPrevious = current?.properties.previousVersion === found.properties.version
  return recordOf(found, isPrevious ? ['previous'] : [])
}

function recordOf({ properties, value }: AzureSecret, stages: readonly Stage[]): ProviderOutput<'get'> {
  const version: Version = versionFrom(properties)
  return {
    ...infoOf(version, stages),
    tags: userTags(version.tags),
    value: decodeValue(value, version.contentType),
  }
}

async function describeDeleted(
  vault: Vault,
  name: string,
  context: ProviderContext,
): Promise<Omit<ProviderOutput<'describe'>, 'id'>> {
  const found = await lookInTrash(vault, name, context)
  if (typeof found === 'string') throw refusal('NOT_FOUND', 'there is no such secret')
  const { properties, scheduledPurgeDate, deletedOn } = found
  return {
    state: 'deleted',
    tags: userTags(properties.tags),
    ...(scheduledPurgeDate && { recoverableUntil: scheduledPurgeDate }),
    ...(deletedOn && { changedAt: deletedOn }),
  }
}

function idOf(vault: Vault, name: string): string {
  return `${vault.url}/secrets/${name}`
}

function hasAll(tags: Tags, wanted: Tags): boolean {
  return Object.entries(wanted).every(([key, value]) => tags[key] === value)
}

function undefinedIfDisabled(error: unknown): undefined {
  if (!isDisabled(error)) throw error
}

export function noVersion(version: string): Error {
  return refusal('NOT_FOUND', `there is no version ${version}; a version id is 32 hexadecimal digits`)
}
