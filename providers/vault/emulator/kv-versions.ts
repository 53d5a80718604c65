import { badRequest } from './errors.js'
import { fieldsOf } from './fields.js'
import { expiryOf, findKey, isLive, removeVersion, setKey } from './kv-keys.js'
import type { KeyDocument, Scope, VersionDocument } from './model.js'

export function deleteVersions(scope: Scope): undefined {
  change(scope, 'No version number provided', (version) =>
    isLive(version, scope.now) ? { ...version, deletedAt: scope.now } : version,
  )
}

export function undeleteVersions(scope: Scope): undefined {
  change(scope, 'No version number provided', ({ deletedAt: _gone, ...version }, key) =>
    version.destroyed
      ? { ...version, ...(_gone === undefined ? {} : { deletedAt: _gone }) }
      : { ...version, ...expiryOf(scope, key) },
  )
}

export function destroyVersions(scope: Scope): undefined {
  change(scope, 'no version number provided', (version, _key, name, number) => {
    removeVersion(scope, name, number)
    return { ...version, destroyed: true }
  })
}

/** Versions that are not there are passed over, and so is a key. */
function change(
  scope: Scope,
  missing: string,
  to: (version: VersionDocument, key: KeyDocument, name: string, number: number) => VersionDocument,
): void {
  const [name = ''] = scope.parts
  const numbers = fieldsOf(scope.data).ints('versions') ?? []
  if (numbers.length === 0) throw badRequest(missing)
  const key = findKey(scope, name)
  if (key === undefined) return
  const versions = { ...key.versions }
  for (const number of numbers) {
    const version = versions[number]
    if (version !== undefined) versions[number] = to(version, key, name, number)
  }
  setKey(scope, name, { ...key, versions })
}
