import type { SeedSecrets } from 'strongroom/testing'
import { addVersion } from './kv-data.js'
import type { JsonObject, World } from './model.js'
import { mountAt } from './mounts.js'

/** Writes as `vault kv put secret/NAME` would: a text as the one field `value`, an object as the fields. */
export function seed(secrets: SeedSecrets, world: World): void {
  const mount = mountAt(world, '', 'secret/')
  if (mount === undefined)
    throw new TypeError('seed: there is no mount at secret/ any more; reset() brings it back')
  for (const [name, value] of Object.entries(secrets)) {
    if (name === '' || name.endsWith('/') || name.startsWith('/')) {
      throw new TypeError(
        `seed: ${JSON.stringify(name)} is no path of a secret; it neither begins nor ends with a slash`,
      )
    }
    addVersion({ ...world, mount }, name, typeof value === 'string' ? { value } : (value as JsonObject))
  }
}
