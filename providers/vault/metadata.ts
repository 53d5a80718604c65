import { type ProviderOperations, refusal } from 'strongroom/provider'
import { expectDone } from './answer.js'
import { currentOf, infoOf, isDeleted, readAny, readLive } from './key-state.js'
import { limits } from './limits.js'
import { apiPath } from './names.js'
import type { Service } from './service.js'

/** What the metadata of a name tells and takes. */
export function metadata(service: Service): Pick<ProviderOperations, 'describe' | 'versionsPage' | 'tag'> {
  const { send, mount } = service
  return {
    async describe({ ref }, context) {
      const state = await readAny(service, ref, context)
      const current = currentOf(state)
      return {
        id: ref,
        tags: state.tags,
        state: isDeleted(state) ? 'deleted' : 'active',
        changedAt: state.updatedAt,
        ...(current && { current: infoOf(state, current) }),
      }
    },
    async versionsPage({ ref }, context) {
      const state = await readAny(service, ref, context)
      return { items: state.versions.map((version) => infoOf(state, version)) }
    },
    /** A merge: tags that others set meanwhile stay. */
    async tag({ ref, set, remove }, context) {
      const { tags } = await readLive(service, ref, context)
      checkCount(Object.keys({ ...tags, ...set }).filter((key) => !remove.includes(key)).length)
      const removed = remove.map((key) => [key, null] as const)
      const json = { custom_metadata: { ...set, ...Object.fromEntries(removed) } }
      expectDone(await send({ method: 'PATCH', path: apiPath(mount, 'metadata', ref), json }, context))
      return undefined
    },
  }
}

/** OpenBao counts what is merged, and not what comes of it. */
function checkCount(count: number): void {
  if (count <= limits.maxTags) return
  throw refusal('INVALID_VALUE', `tags: there would be ${count}; a secret holds ${limits.maxTags}`)
}
