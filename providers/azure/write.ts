import {
  type ProviderContext,
  type ProviderInput,
  type ProviderOperations,
  type ProviderOutput,
  refusal,
  type Tags,
} from 'strongroom/provider'
import type { AzureChanges } from './client.js'
import { contentTypeFor, encodeValue } from './content.js'
import { readCurrent } from './current.js'
import { beforeWriting, isInTrash, isMissing, undefinedIfRecovering, undefinedIfSettling } from './errors.js'
import type { Version } from './history.js'
import { isVersionId, noVersion } from './read.js'
import { settled } from './settle.js'
import { afterTag, stampedTags, userTags } from './tags.js'
import { missing, recover } from './trash.js'
import type { Vault } from './vault.js'

export interface WriteOptions {
  readonly vault: Vault
  readonly nameOf: (ref: string) => string
  /** Tags of a new secret. */
  readonly createTags: Tags
}

export function writes(options: WriteOptions): Pick<ProviderOperations, 'put' | 'tag' | 'setVersionState'> {
  const { vault, nameOf } = options
  return {
    async put(input, context) {
      checkExpiry(input.expiresAt, vault.latestExpiry)
      const name = nameOf(input.ref)
      const storeWhenFree = (): Promise<ProviderOutput<'put'>> =>
        settled(context, () => store(options, name, input, context).catch(undefinedIfSettling))
      try {
        return await storeWhenFree()
      } catch (error) {
        if (input.onDeleted === 'fail' || !isInTrash(error)) throw error
      }
      if (input.ifAbsent === true) {
        throw refusal('ALREADY_EXISTS', 'its versions lie in the trash of the vault and would come back')
      }
      await recover(vault, name, context)
      return storeWhenFree()
    },

    async tag({ ref, set, remove }, context) {
      const name = nameOf(ref)
      const current = await beforeWriting(readCurrent(vault, name, context))
      if (current === undefined) throw await missing(vault, name, context)
      const had = userTags(current.tags)
      const kept = Object.entries(had).filter(([key]) => !remove.includes(key))
      const tags = stampedTags({ ...Object.fromEntries(kept), ...set }, current.tags?.[afterTag], had)
      await updateWhenThere(vault, name, current.version, { tags }, context)
      return undefined
    },

    async setVersionState({ ref, version, state }, context) {
      if (!isVersionId(version)) throw noVersion(version)
      const name = nameOf(ref)
      const enabled = state === 'enabled'
      await updateWhenThere(vault, name, version, { enabled }, context).catch(async (error: unknown) => {
        throw isMissing(error) ? await missing(vault, name, context, error) : error
      })
      return undefined
    },
  }
}

/** Waits for a recovery that is under way. */
async function updateWhenThere(
  vault: Vault,
  name: string,
  version: string,
  changes: AzureChanges,
  context: ProviderContext,
): Promise<void> {
  await settled(context, () => vault.update(name, version, changes, context).catch(undefinedIfRecovering))
}

/** Reads, compares, writes. The read also brings what the new version keeps: tags, content type, its place. */
async function store(
  { vault, createTags }: WriteOptions,
  name: string,
  input: ProviderInput<'put'>,
  context: ProviderContext,
): Promise<ProviderOutput<'put'>> {
  const current = await beforeWriting(readCurrent(vault, name, context))
  await checkPreconditions(vault, name, input, current, context)
  if (current?.managed === true) {
    throw refusal(
      'INVALID_NAME',
      'a certificate of the vault has this name and keeps its secret; import the certificate anew, or choose another name',
    )
  }
  const had = userTags(current?.tags)
  const tags = current === undefined ? { ...createTags, ...input.tags } : (input.tags ?? had)
  const contentType = contentTypeFor(input.value.kind, current?.contentType)
  const { version } = await vault.set(
    name,
    encodeValue(input.value),
    {
      tags: stampedTags(tags, current?.version, had),
      ...(contentType && { contentType }),
      ...(input.expiresAt && { expiresOn: input.expiresAt }),
    },
    context,
  )
  if (version === undefined) throw refusal('UNAVAILABLE', 'the answer names no version')
  return { version }
}

async function checkPreconditions(
  vault: Vault,
  name: string,
  { ifVersion, ifAbsent }: ProviderInput<'put'>,
  current: Version | undefined,
  context: ProviderContext,
): Promise<void> {
  if (ifAbsent === true && current !== undefined) {
    throw refusal('ALREADY_EXISTS', `version ${current.version} is there already`, current.version)
  }
  if (ifVersion === undefined || ifVersion === current?.version) return
  const moved = refusal('CONFLICT', `${current?.version ?? 'nothing'} is current; read again and decide`)
  throw current === undefined ? await missing(vault, name, context, moved) : moved
}

function checkExpiry(expiresAt: Date | undefined, latest: Date): void {
  if (expiresAt === undefined || expiresAt <= latest) return
  throw refusal(
    'INVALID_VALUE',
    `expiresAt is past ${latest.toISOString()}: a ready-made client sends later times as times before 1970; give azure() the address of the vault instead, or choose an earlier time`,
  )
}
