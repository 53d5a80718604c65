export type { AwsClient, AwsCreateOptions, AwsCredentials, AwsOptions } from './options.js'
export { aws } from './provider.js'
export { fromUrl } from './url.js'
