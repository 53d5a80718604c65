import { SecretError } from './errors.js'
import type { SecretName, VersionInfo } from './operations.js'
import type { CallOptions, PutResult, RollbackOptions, SecretStore } from './store.js'

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
  const target = to ?? (await previousOf(store, name, { current, before: ifCurrent ?? current }, options))
  if (target === current) return { version: current }
  const moved = ifCurrent !== undefined && current !== ifCurrent

  if (store.capabilities.pending === 'native') {
    if (moved) throw refuse('CONFLICT', `${current} is current, not ${ifCurrent}; read again and decide`)
    const { version } = await store.promote(name, target, { ...options, ifCurrent: current })
    return { version }
  }
  const [now, old] = await Promise.all(
    [current, target].map((version) => store.get(name, { ...options, version, maxAgeMs: 0 })),
  )
  if (now === undefined || old === undefined || now.equals(old)) return { version: current }
  if (moved) throw refuse('CONFLICT', `${current} is current, not ${ifCurrent}; read again and decide`)
  const fence = store.capabilities.putIfVersion === 'none' ? {} : { ifVersion: current }
  return store.put(name, old, { ...options, ...fence })
}

/** The backend's own idea of "previous" while `before` is current, else what stands before it in the history. */
async function previousOf(
  store: SecretStore,
  name: SecretName,
  { current, before }: { readonly current: string; readonly before: string },
  options: CallOptions,
): Promise<string> {
  if (before !== current) return versionBefore(store, name, before, options)
  return (await store.get(name, { ...options, stage: 'previous', maxAgeMs: 0 })).version
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

function refuse(code: 'NOT_FOUND' | 'CONFLICT', problem: string): SecretError {
  return new SecretError({ code, message: `rollback: ${problem}`, operation: 'promote' })
}
