export type { VaultClient, VaultRequestOptions } from './client.js'
export type {
  VaultAppRoleAuth,
  VaultAuth,
  VaultCreateOptions,
  VaultJwtAuth,
  VaultKubernetesAuth,
  VaultOptions,
} from './options.js'
export { vault } from './provider.js'
export { fromUrl } from './url.js'
