export { type MemoryOptions, memory } from './provider.js'
export { fromUrl } from './url.js'
