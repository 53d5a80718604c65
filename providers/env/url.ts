import type { SecretProvider } from 'strongroom/provider'
import { refusal } from 'strongroom/provider'
import { env } from './provider.js'

/** `env:[PREFIX_]` */
export function fromUrl(url: URL): SecretProvider {
  if (url.search !== '' || url.host !== '') {
    throw refusal('CONFIG_INVALID', 'env: takes only a prefix of variable names, such as env:APP_')
  }
  return env({ prefix: url.pathname })
}
