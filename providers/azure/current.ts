import type { ProviderContext } from 'strongroom/provider'
import { isDisabled, isMissing } from './errors.js'
import { certain, type History, historyOf, newestOf, type Version, versionFrom } from './history.js'
import type { Vault } from './vault.js'

/** All versions: the service lists them by id, so that an order needs every page. Empty for a name that is not there. */
export async function readHistory(vault: Vault, name: string, context: ProviderContext): Promise<History> {
  const versions: Version[] = []
  let cursor: string | undefined
  do {
    const page = await vault.versions(name, cursor, context)
    versions.push(...page.items.map(versionFrom))
    cursor = page.cursor
  } while (cursor !== undefined)
  return historyOf(versions)
}

/**
 * What a plain reader of the vault gets: the newest version, also when it is disabled. `undefined` for a name that is
 * not there. One request, and the history where the newest is disabled.
 */
export async function readCurrent(
  vault: Vault,
  name: string,
  context: ProviderContext,
): Promise<Version | undefined> {
  const read = await readEnabled(vault, name, context)
  return read === 'disabled' ? disabledCurrent(await readHistory(vault, name, context)) : read
}

/** The current version within a history; asks only where the history cannot tell. `undefined` where nobody can. */
export async function currentOf(
  vault: Vault,
  name: string,
  history: History,
  context: ProviderContext,
): Promise<Version | undefined> {
  const newest = newestOf(history)
  if (newest.length < 2) return newest[0]
  const read = await readEnabled(vault, name, context)
  if (read !== 'disabled') return read
  const disabled = disabledIn(newest)
  return disabled.length === 1 ? disabled[0] : undefined
}

/** The current version of a history, when a plain read has said that it is disabled. */
export function disabledCurrent(history: History): Version {
  return certain(disabledIn(newestOf(history)), 'current')
}

function disabledIn(versions: readonly Version[]): Version[] {
  return versions.filter(({ enabled }) => enabled === false)
}

async function readEnabled(
  vault: Vault,
  name: string,
  context: ProviderContext,
): Promise<Version | 'disabled' | undefined> {
  try {
    return versionFrom((await vault.get(name, undefined, context)).properties)
  } catch (error) {
    if (isMissing(error)) return undefined
    if (isDisabled(error)) return 'disabled'
    throw error
  }
}
