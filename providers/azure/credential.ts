import { refusal } from 'strongroom/provider'
import type { AzureCredential } from './client.js'

/** For an emulator: ambient credentials never leave for a loopback address. */
export const loopbackCredential: AzureCredential = Object.freeze({
  getToken: async () => ({ token: 'loopback', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
})

/** The default chain of `@azure/identity`, loaded when the first token is needed. */
export function defaultCredential(): AzureCredential {
  let chain: Promise<AzureCredential> | undefined
  return {
    async getToken(scopes, options) {
      chain ??= loadChain()
      return (await chain).getToken(scopes, options)
    },
  }
}

async function loadChain(): Promise<AzureCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity').catch((error: unknown) => {
    throw isNotInstalled(error) ? notInstalled() : error
  })
  return new DefaultAzureCredential() as AzureCredential
}

function isNotInstalled(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}

function notInstalled(): Error {
  return refusal(
    'CONFIG_INVALID',
    'the default credentials need @azure/identity; run: npm install @azure/identity, or pass a credential',
  )
}
