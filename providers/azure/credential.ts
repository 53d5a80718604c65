import { refusal } from 'strongroom/provider'
import type { AzureCredential, AzureToken } from './client.js'
import { noToken, tokenError } from './errors.js'

/** For an emulator: ambient credentials never leave for a loopback address. */
export const loopbackCredential: AzureCredential = Object.freeze({
  getToken: async () => ({ token: 'loopback', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
})

export interface Identity {
  readonly DefaultAzureCredential: new (options: { readonly authorityHost?: string }) => AzureCredential
}

export interface DefaultCredentialOptions {
  /** Where tokens of a cloud come from. Default: what `@azure/identity` takes, the public cloud. */
  readonly authorityHost?: string | undefined
  readonly load?: () => Promise<Identity>
}

/** The default chain of `@azure/identity`, loaded when the first token is needed. */
export function defaultCredential(options: DefaultCredentialOptions = {}): AzureCredential {
  const { authorityHost, load = loadIdentity } = options
  let chain: Promise<AzureCredential> | undefined
  return {
    async getToken(scopes, tokenOptions) {
      chain ??= load().then(
        (identity) => chainOf(identity, authorityHost),
        (error: unknown) => {
          throw isNotInstalled(error) ? notInstalled() : error
        },
      )
      return (await chain).getToken(scopes, tokenOptions)
    },
  }
}

/** What to do about a credential that gives no token. */
export const advice = {
  chain:
    'no credential of the default chain gave a token: run "az login" on a developer\'s machine, give the app a managed or workload identity in Azure, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and the variables of a service principal',
  given:
    'the credential that was passed gave no token: check its settings, or leave it out for the default chain',
} as const

/**
 * The same credential, with its failures told apart from answers of the vault. The SDK asks for a new token two minutes
 * early, and nobody waits for that one: should it fail, the token in hand goes on, where a rejection would end the
 * process.
 */
export function guarded(
  credential: AzureCredential,
  hint: string,
  now: () => number = Date.now,
): AzureCredential {
  let held: { readonly token: AzureToken; readonly purpose: string } | undefined
  return {
    async getToken(scopes, options) {
      const purpose = JSON.stringify([scopes, options?.tenantId])
      const isSpare =
        held?.purpose === purpose && options?.claims === undefined && held.token.expiresOnTimestamp > now()
      const spare = isSpare ? held?.token : undefined
      try {
        const token = await credential.getToken(scopes, options)
        if (token === null) throw noToken(hint)
        held = { token, purpose }
        return token
      } catch (error) {
        if (spare !== undefined) return spare
        throw tokenError(error, hint)
      }
    },
  }
}

function chainOf({ DefaultAzureCredential }: Identity, authorityHost: string | undefined): AzureCredential {
  try {
    return new DefaultAzureCredential(authorityHost === undefined ? {} : { authorityHost })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw refusal(
      'CONFIG_INVALID',
      'the default credentials of @azure/identity refuse their settings; correct AZURE_TOKEN_CREDENTIALS and the other AZURE_ variables, or pass a credential',
    )
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
