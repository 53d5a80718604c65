export type {
  AzureAnswer,
  AzureCallOptions,
  AzureChanges,
  AzureClient,
  AzureCredential,
  AzureDeletedSecret,
  AzurePages,
  AzurePoller,
  AzureProperties,
  AzureSecret,
  AzureToken,
  AzureTokenOptions,
} from './client.js'
export type { AzureAddress, AzureCloud } from './endpoint.js'
export { type AzureCreateOptions, type AzureOptions, azure } from './provider.js'
export { fromUrl } from './url.js'
