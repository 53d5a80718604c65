import type { SecretProvider } from 'strongroom/provider'
import { refusal } from 'strongroom/provider'
import { memory } from './provider.js'

/** `memory:` */
export function fromUrl(url: URL): SecretProvider {
  if (url.pathname !== '' || url.search !== '') {
    throw refusal(
      'CONFIG_INVALID',
      'memory: takes no path and no options; use createStore with memory({ … })',
    )
  }
  return memory()
}
