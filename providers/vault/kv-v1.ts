import { createHmac, randomBytes } from 'node:crypto'
import {
  type ProviderContext,
  type ProviderOperations,
  refusal,
  type SecretValue,
  type VersionInfo,
} from 'strongroom/provider'
import { dataOf, isAbsent } from './answer.js'
import { decodeValue } from './content.js'
import { isFolder, keysOf, walk } from './folders.js'
import { memberText } from './json-text.js'
import { noSecret } from './key-state.js'
import { folderPath } from './list.js'
import { apiPath } from './names.js'
import type { Service } from './service.js'

const processKey = randomBytes(32)
/** KV version 1 keeps no times. */
const unknownTime = new Date(0)

/**
 * KV version 1, read only. It keeps one value a name: its version is a digest under a key that dies with the process,
 * so that it changes when the value does.
 */
export function readsOfV1(
  service: Service,
): Pick<ProviderOperations, 'get' | 'describe' | 'versionsPage' | 'listPage'> {
  const { send, mount, valueKey } = service

  const read = async (
    ref: string,
    context: ProviderContext,
  ): Promise<VersionInfo & { value: SecretValue }> => {
    const answer = await send({ method: 'GET', path: apiPath(mount, ref) }, context)
    if (isAbsent(answer)) throw noSecret()
    const value = decodeValue(dataOf(answer), memberText(answer.text, 'data'), valueKey)
    const version = createHmac('sha256', processKey).update(value.bytes()).digest('hex').slice(0, 32)
    return { version, createdAt: unknownTime, state: 'enabled', stages: ['current'], value }
  }
  const info = async (ref: string, context: ProviderContext): Promise<VersionInfo> => {
    const { value: _, ...rest } = await read(ref, context)
    return rest
  }

  return {
    async get({ ref, version }, context) {
      const secret = await read(ref, context)
      if (version !== undefined && version !== secret.version) {
        throw refusal('NOT_FOUND', `there is no version ${version}; KV version 1 keeps only the current one`)
      }
      return { ...secret, tags: {} }
    },
    async describe({ ref }, context) {
      return { id: ref, current: await info(ref, context), tags: {}, state: 'active' }
    },
    async versionsPage({ ref }, context) {
      return { items: [await info(ref, context)] }
    },
    async listPage(input, context) {
      return walk(input, service.systemRef, async (folder) => {
        const path = `${folderPath(mount, undefined, folder)}?list=true`
        const answer = await send({ method: 'GET', path }, context)
        const refs = isAbsent(answer) ? [] : keysOf(dataOf(answer)).map((key) => folder + key)
        return {
          folders: refs.filter(isFolder),
          items: refs.filter((ref) => !isFolder(ref)).map((ref) => ({ ref, id: ref })),
        }
      })
    },
  }
}
