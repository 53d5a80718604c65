import { refusal } from 'strongroom/provider'
import type { AzureCredential } from './client.js'
import { noToken, tokenError } from './errors.js'

/** For an emulator: ambient credentials never leave for a loopback address. */
export const loopbackCredential: AzureCredential = Object.freeze({
  getToken: async () => ({ token: 'loopback', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
})

type Identity = { readonly DefaultAzureCredential: new () => AzureCredential }

/** The default chain of `@azure/identity`, loaded when the first token is needed. */
export function defaultCredential(load: () => Promise<Identity> = loadIdentity): AzureCredential {
  let chain: Promise<AzureCredential> | undefined
  return {
    async getToken(scopes, options) {
      chain ??= load().then(
        ({ DefaultAzureCredential }) => new DefaultAzureCredential(),
        (error: unknown) => {
          throw isNotInstalled(error) ? notInstalled() : error
        },
      )
      return (await chain).getToken(scopes, options)
    },
  }
}

/** The same credential, with its failures told apart from answers of the vault. */
export function guarded(credential: AzureCredential): AzureCredential {
  return {
    async getToken(scopes, options) {
      const token = await credential.getToken(scopes, options).catch((error: unknown) => {
        throw tokenError(error)
      })
      if (token === null) throw noToken()
      return token
    },
  }
}

async function loadIdentity(): Promise<Identity> {
  return (await import('@azure/identity')) as unknown as Identity
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
