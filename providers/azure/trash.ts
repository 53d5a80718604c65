import { type ProviderContext, type ProviderOperations, refusal } from 'strongroom/provider'
import type { AzureDeletedSecret } from './client.js'
import {
  afterEffect,
  beforeWriting,
  inDoubt,
  isDenied,
  isDisabled,
  isMissing,
  isSettling,
  undefinedIfRecovering,
  undefinedIfSettling,
} from './errors.js'
import { settled } from './settle.js'
import type { Vault } from './vault.js'

/** `hidden`: this identity may not look into the trash. */
type InTrash = AzureDeletedSecret | 'absent' | 'hidden'

export async function lookInTrash(vault: Vault, name: string, context: ProviderContext): Promise<InTrash> {
  try {
    return await vault.getDeleted(name, context)
  } catch (error) {
    if (isMissing(error)) return 'absent'
    if (isDenied(error)) return 'hidden'
    throw error
  }
}

/**
 * Tells a name in the trash from one that is not there, which the service does not: one more request, on `NOT_FOUND`
 * only. Gives the error to throw.
 */
export async function missing(
  vault: Vault,
  name: string,
  context: ProviderContext,
  otherwise: unknown = refusal('NOT_FOUND', 'there is no such secret'),
): Promise<unknown> {
  const found = await beforeWriting(lookInTrash(vault, name, context))
  if (typeof found === 'string') return otherwise
  const until =
    found.scheduledPurgeDate === undefined ? '' : ` until ${found.scheduledPurgeDate.toISOString()}`
  return refusal('PENDING_DELETION', `it lies in the trash of the vault${until}; restore it first`)
}

export function trash(
  vault: Vault,
  nameOf: (ref: string) => string,
): Pick<ProviderOperations, 'delete' | 'restore'> {
  return {
    async delete({ ref, purge }, context) {
      const name = nameOf(ref)
      const deleted = await remove(vault, name, purge, context)
      if (purge) await empty(vault, name, deleted, context)
      const until = purge ? undefined : deleted?.scheduledPurgeDate
      return until === undefined ? {} : { recoverableUntil: until }
    },
    async restore({ ref }, context) {
      await recover(vault, nameOf(ref), context)
      return undefined
    },
  }
}

/** Deletes, and waits until the trash holds it. `undefined` for a purge that found nothing to delete first. */
async function remove(
  vault: Vault,
  name: string,
  purge: boolean,
  context: ProviderContext,
): Promise<AzureDeletedSecret | undefined> {
  const begin = () => vault.beginDelete(name, context).catch(undefinedIfRecovering)
  const poller = await settled(context, begin).catch(async (error: unknown) => {
    if (purge && (isMissing(error) || isSettling(error))) return undefined
    throw isMissing(error) ? await missing(vault, name, context, error) : error
  })
  const started = poller?.getResult()
  if (poller === undefined || poller.isDone()) return started
  const look = async (): Promise<AzureDeletedSecret | undefined> => {
    const found = await lookInTrash(vault, name, context)
    if (found === 'hidden') return started
    return found === 'absent' ? undefined : found
  }
  return afterEffect(settled(context, look))
}

/** Purges what lies in the trash, and waits until it is gone. */
async function empty(
  vault: Vault,
  name: string,
  deleted: AzureDeletedSecret | undefined,
  context: ProviderContext,
): Promise<void> {
  if (deleted !== undefined && deleted.recoveryId === undefined) return
  const level = deleted?.properties.recoveryLevel
  if (level !== undefined && !level.includes('Purgeable')) {
    throw onlyDeleted(`the vault is protected against purging (${level})`)
  }
  const purge = () => vault.purge(name, context).then(() => true, undefinedIfSettling)
  await settled(context, purge).catch((error: unknown) => {
    if (deleted === undefined) throw error
    throw isDenied(error) ? onlyDeleted('this identity may not purge') : inDoubt(error)
  })
  const look = async (): Promise<true | undefined> => {
    const found = await lookInTrash(vault, name, context)
    return typeof found === 'string' ? true : undefined
  }
  await afterEffect(settled(context, look))
}

function onlyDeleted(reason: string): Error {
  return refusal('PERMISSION_DENIED', `${reason}; the secret is deleted, and gone when its retention ends`)
}

/**
 * Takes a name out of the trash, and waits until it can be read. The SDK asks for the secret first, and does nothing
 * when an answer from before the deletion still comes: hence the look into the trash at the end, and again.
 */
export async function recover(vault: Vault, name: string, context: ProviderContext): Promise<void> {
  await settled(context, async () => {
    if (!(await beginRecovery(vault, name, context))) return undefined
    const left = await afterEffect(lookInTrash(vault, name, context))
    return typeof left === 'string' ? true : undefined
  })
}

async function beginRecovery(vault: Vault, name: string, context: ProviderContext): Promise<boolean> {
  const presence = (): Promise<Presence> => lookFor(vault, name, context)
  try {
    const poller = await vault.beginRecover(name, context)
    // What this identity may not read has come back all the same, as far as it can tell.
    const isBack = async () => ((await presence()) === 'absent' ? undefined : true)
    if (!poller.isDone()) await afterEffect(settled(context, isBack))
    return true
  } catch (error) {
    if (isSettling(error)) return false
    if (isMissing(error) && (await presence()) === 'live') return true
    throw error
  }
}

type Presence = 'live' | 'absent' | 'hidden'

async function lookFor(vault: Vault, name: string, context: ProviderContext): Promise<Presence> {
  try {
    await vault.get(name, undefined, context)
    return 'live'
  } catch (error) {
    if (isDisabled(error)) return 'live'
    if (isMissing(error)) return 'absent'
    if (isDenied(error)) return 'hidden'
    throw error
  }
}
