export { type EnvOptions, env } from './provider.js'
export { fromUrl } from './url.js'
