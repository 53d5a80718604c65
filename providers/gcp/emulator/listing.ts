import { parseFilter } from './filter-syntax.js'
import { matches } from './filters.js'
import type { ListRequest, ListSecretsResponse, ListSecretVersionsResponse } from './messages.js'
import { type VersionDocument, versionKey, type World } from './model.js'
import { parentName, secretName } from './names.js'
import { secretOf, versionOf } from './output.js'
import { type Page, pageOf } from './pages.js'
import { secret as secretType, secretVersion } from './types.js'
import { getSecret } from './world.js'

/** The secrets of a project, or of a location, newest first; those of locations are in no list of the project. */
export function listSecrets(world: World, request: ListRequest): ListSecretsResponse {
  const parent = parentName(world.settings, request.parent)
  const filter = parseFilter(secretType, request.filter)
  const all = world.secrets
    .entries()
    .map(([, secret]) => secret)
    .filter(({ name }) => name.startsWith(`${parent}/secrets/`))
    .filter((secret) => matches(filter, secretOf(secret), secretType))
    .sort((a, b) => b.order - a.order)
  const page = pageOf(world, all, ({ order }) => order, { ...request, parent })
  return { secrets: page.items.map(secretOf), ...rest(page, all.length, request) }
}

export function listSecretVersions(world: World, request: ListRequest): ListSecretVersionsResponse {
  const secret = getSecret(world, secretName(world.settings, request.parent))
  const filter = parseFilter(secretVersion, request.filter)
  const all: VersionDocument[] = []
  for (let number = secret.lastVersion; number > 0; number -= 1) {
    const version = world.versions.get(versionKey(secret.name, number))
    if (version !== undefined && matches(filter, versionOf(secret, version), secretVersion)) all.push(version)
  }
  const page = pageOf(world, all, ({ number }) => number, { ...request, parent: secret.name })
  return {
    versions: page.items.map((version) => versionOf(secret, version)),
    ...rest(page, all.length, request),
  }
}

/** The total is 0 where there is a filter. */
function rest(
  { nextPageToken }: Page<unknown>,
  total: number,
  { filter = '' }: ListRequest,
): { readonly nextPageToken?: string; readonly totalSize: number } {
  return {
    totalSize: filter.trim() === '' ? total : 0,
    ...(nextPageToken === undefined ? {} : { nextPageToken }),
  }
}
