import { SecretError } from './errors.js'
import type { SecretName, VersionInfo } from './operations.js'
import type { Secret } from './secret.js'
import type { CallOptions, GetOptions, PutResult, RollbackOptions, SecretStore } from './store.js'

/**
 * Makes an older version current again on any writable backend. Written against the store alone: by promotion where
 * pending is native, else by storing the old value anew, fenced by the version that was found current.
 */
export async function rollback(
  store: SecretStore,
  name: SecretName,
  { to, ifCurrent, ...options }: RollbackOptions = {},
): Promise<PutResult> {
  const current = (await store.describe(name, options)).current?.version
  if (current === undefined) throw refuse('NOT_FOUND', 'nothing is current, so there is nothing to roll back')
  const read = (which: GetOptions): Promise<Secret> => store.get(name, { ...options, ...which, maxAgeMs: 0 })
  const before = ifCurrent ?? current
  // The backend's own idea of "previous" while `before` is current, else what stands before it in the history.
  const previous = to === undefined && before === current ? await read({ stage: 'previous' }) : undefined
  const target = to ?? previous?.version ?? (await versionBefore(store, name, before, options))
  if (target === current) return { version: current }
  const moved = ifCurrent !== undefined && current !== ifCurrent

  if (store.capabilities.pending === 'native') {
    if (moved) throw refuse('CONFLICT', `${current} is current, not ${ifCurrent}; read again and decide`)
    const { version } = await store.promote(name, target, { ...options, ifCurrent: current })
    return { version }
  }
  const [now, old] = await Promise.all([
    read({ version: current }).catch(undefinedIfDisabled),
    previous ?? read({ version: target }),
  ])
  if (now?.equals(old)) return { version: current }
  if (moved) throw refuse('CONFLICT', `${current} is current, not ${ifCurrent}; read again and decide`)
  const fence = store.capabilities.putIfVersion === 'none' ? {} : { ifVersion: current }
  return store.put(name, old, { ...options, ...fence })
}

async function versionBefore(
  store: SecretStore,
  name: SecretName,
  version: string,
  options: CallOptions,
): Promise<string> {
  const history: VersionInfo[] = []
  for await (const info of store.versions(name, options)) history.push(info)
  const at = history.findIndex((info) => info.version === version)
  const found = history.slice(at + 1).find((info) => info.state === 'enabled')
  if (at < 0 || found === undefined) {
    const problem = at < 0 ? `the history does not hold ${version}` : `nothing stands before ${version}`
    throw refuse('NOT_FOUND', `${problem}; name a version with "to"`)
  }
  const twins = history.filter((info) => info.createdAt.getTime() === found.createdAt.getTime())
  if (store.capabilities.versionOrder !== 'total' && twins.length > 1) {
    throw refuse('CONFLICT', `${twins.length} versions are as old as the one before; name one with "to"`)
  }
  return found.version
}

/** What is switched off cannot be compared; going back from it is what a rollback is for. */
function undefinedIfDisabled(error: unknown): undefined {
  if (!SecretError.is(error) || error.code !== 'DISABLED') throw error
}

function refuse(code: 'NOT_FOUND' | 'CONFLICT', problem: string): SecretError {
  return new SecretError({ code, message: `rollback: ${problem}`, operation: 'promote' })
}
