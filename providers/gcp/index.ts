export type { GcpClient, GcpCredential, GcpHeaders } from './client.js'
export type { GcpCreateOptions, GcpOptions, GcpReplica } from './options.js'
export { gcp } from './provider.js'
export { fromUrl } from './url.js'
