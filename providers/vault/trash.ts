import type { ProviderContext, ProviderOperations } from 'strongroom/provider'
import { expectDone } from './answer.js'
import { currentOf, destroyed, isDeleted, readAny, readLive, versionNamed } from './key-state.js'
import { apiPath } from './names.js'
import type { Service } from './service.js'

/**
 * A delete is the soft one of the current version, which is what a plain reader meets; older ones stay. A purge takes
 * the name with all versions and tags. The server answers either as done also where nothing is, so that the metadata is
 * read first.
 */
export function trash(service: Service): Pick<ProviderOperations, 'delete' | 'restore' | 'setVersionState'> {
  const { send, mount } = service
  return {
    async delete({ ref, purge }, context) {
      const state = purge ? await readAny(service, ref, context) : await readLive(service, ref, context)
      if (!purge && currentOf(state)?.isDestroyed === true) throw destroyed(state.current)
      const path = apiPath(mount, purge ? 'metadata' : 'data', ref)
      expectDone(await send({ method: 'DELETE', path }, context))
      return {}
    },
    async restore({ ref }, context) {
      const state = await readAny(service, ref, context)
      if (isDeleted(state)) await undelete(service, ref, state.current, context)
      return undefined
    },
    async setVersionState({ ref, version }, context) {
      const state = await readLive(service, ref, context)
      const { number, isDestroyed } = versionNamed(state, version)
      if (isDestroyed) return undefined
      const path = apiPath(mount, 'destroy', ref)
      expectDone(await send({ method: 'POST', path, json: { versions: [number] } }, context))
      return undefined
    },
  }
}

export async function undelete(
  { send, mount }: Service,
  ref: string,
  number: number,
  context: ProviderContext,
): Promise<void> {
  const path = apiPath(mount, 'undelete', ref)
  expectDone(await send({ method: 'POST', path, json: { versions: [number] } }, context))
}
