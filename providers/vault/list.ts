import { Fault, type ProviderContext, type ProviderOperation } from 'strongroom/provider'
import { type Answer, dataOf, faultOf, field, isAbsent, serverTime } from './answer.js'
import { type Folder, type Item, isFolder, keysOf, walk } from './folders.js'
import { holdsVersions, isDeleted, stateOf } from './key-state.js'
import type { Engine } from './mount.js'
import { apiPath } from './names.js'
import type { Service } from './service.js'

/**
 * Deleted secrets are left out by the server, where it knows `exclude_deleted` (newer Vaults), or here, by what
 * OpenBao's detailed listing says of each.
 */
export function listPageOperation(
  service: Service,
  engineOf: (context: ProviderContext) => Promise<Engine>,
): ProviderOperation<'listPage'> {
  return async (input, context) => {
    const { isOpenBao } = await engineOf(context)
    return walk(input, service.systemRef, async (folder) => {
      const path = isOpenBao
        ? `${folderPath(service.mount, 'detailed-metadata', folder)}?list=true`
        : `${folderPath(service.mount, 'metadata', folder)}?list=true&exclude_deleted=true`
      const answer = await service.send({ method: 'GET', path }, context)
      if (answer.status === 403 && isOpenBao) throw deniedDetails(answer)
      return folderOf(answer, folder, Math.max(context.now(), serverTime(answer)))
    })
  }
}

/** The path of a folder, whose own path is empty or ends in a slash. */
export function folderPath(mount: string, kind: string | undefined, folder: string): string {
  const parts = [
    mount,
    ...(kind === undefined ? [] : [kind]),
    ...(folder === '' ? [] : [folder.slice(0, -1)]),
  ]
  return `${apiPath(...parts)}/`
}

function folderOf(answer: Answer, folder: string, now: number): Folder {
  if (isAbsent(answer)) return { items: [], folders: [] }
  const data = dataOf(answer)
  const infos = field(data, 'key_info')
  const keys = keysOf(data)
  return {
    folders: keys.filter(isFolder).map((key) => folder + key),
    items: keys
      .filter((key) => !isFolder(key))
      .flatMap((key) => itemOf(folder + key, field(infos, key), now)),
  }
}

/** Nothing, for a secret that is in the trash, or of which nothing is left. */
function itemOf(ref: string, info: unknown, now: number): Item[] {
  if (info === undefined) return [{ ref, id: ref }]
  const state = stateOf(info, now)
  if (isDeleted(state) || !holdsVersions(state)) return []
  return [{ ref, id: ref, tags: state.tags, changedAt: state.updatedAt }]
}

function deniedDetails(answer: Answer): Fault {
  const detail = 'OpenBao tells what is deleted under detailed-metadata/ only; grant "list" on it'
  return new Fault({ ...faultOf(answer).failure, detail })
}
