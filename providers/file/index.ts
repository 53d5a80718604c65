export type { AskPassphrase, FileOptions } from './options.js'
export { file } from './provider.js'
export { fromUrl } from './url.js'
