import { type ProviderContext, refusal } from 'strongroom/provider'
import { dataOf, field, isObject, textField } from './answer.js'
import { apiPath } from './names.js'
import type { Send } from './service.js'

/** What is known of the engine at the mount. */
export interface Engine {
  /** OpenBao keeps the listing that shows what is deleted at another path than Vault. */
  readonly isOpenBao: boolean
}

/**
 * Looks at the mount before the first request: KV version 1 takes what is meant for version 2, and stores it as it
 * stands. An identity that may not look, because no policy of it reaches the mount, is let through to be refused.
 *
 * @throws {SecretError} `CONFIG_INVALID` for an engine of another kind or version.
 */
export function mountCheck(
  send: Send,
  mount: string,
  kv: 1 | 2,
): (context: ProviderContext) => Promise<Engine> {
  let known: Engine | undefined

  const look = async (context: ProviderContext): Promise<Engine | undefined> => {
    const path = `/sys/internal/ui/mounts${apiPath(mount)}`
    const answer = await send({ method: 'GET', path }, context)
    if (answer.status === 403 || answer.status === 404) return undefined
    const data = dataOf(answer)
    const type = textField(data, 'type')
    if (type !== 'kv' && type !== 'generic') {
      throw refusal(
        'CONFIG_INVALID',
        `the mount ${JSON.stringify(mount)} is an engine of another kind than KV`,
      )
    }
    const options = field(data, 'options')
    const version = isObject(options) && options['version'] === '2' ? 2 : 1
    if (version !== kv) {
      throw refusal(
        'CONFIG_INVALID',
        `the mount ${JSON.stringify(mount)} is KV version ${version}; set kv to ${version}, or name another mount`,
      )
    }
    const plugin = field(data, 'running_plugin_version')
    return { isOpenBao: typeof plugin === 'string' && plugin.includes('builtin.bao') }
  }

  return async (context) => {
    known ??= await look(context)
    return known ?? { isOpenBao: false }
  }
}
