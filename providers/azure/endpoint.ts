import { refusal } from 'strongroom/provider'

/** `public`: `*.vault.azure.net` · `china`: `*.vault.azure.cn` · `us-government`: `*.vault.usgovcloudapi.net` */
export type AzureCloud = 'public' | 'china' | 'us-government'

export interface AzureAddress {
  /** The name of a vault: `my-vault`. */
  readonly vaultName?: string | undefined
  /** The cloud of `vaultName`. Default `public`. */
  readonly cloud?: AzureCloud | undefined
  /** The URL of a vault of any cloud: `https://my-vault.vault.azure.cn`. */
  readonly vaultUrl?: string | undefined
  /** Where requests go instead: an emulator. Default: the vault itself. */
  readonly endpoint?: string | undefined
}

export interface Endpoint {
  /** Scheme, host and port. */
  readonly origin: string
  readonly isLoopback: boolean
  readonly isPlain: boolean
  /** Where the tokens of its cloud come from; `undefined` for what credentials take by themselves. */
  readonly authorityHost: string | undefined
}

interface Cloud {
  readonly suffix: string
  readonly authorityHost?: string
}

/** "About keys, secrets and certificates", DNS suffixes; `AzureAuthorityHosts` of `@azure/identity`. */
const clouds: { readonly [C in AzureCloud]: Cloud } = {
  public: { suffix: '.vault.azure.net' },
  china: { suffix: '.vault.azure.cn', authorityHost: 'https://login.chinacloudapi.cn' },
  'us-government': {
    suffix: '.vault.usgovcloudapi.net',
    authorityHost: 'https://login.microsoftonline.us',
  },
}
const vaultName = /^[a-z](?:-?[a-z0-9])+$/i
const loopback = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * Where the vault answers.
 *
 * @throws {SecretError} `CONFIG_INVALID`, naming the field and the rule.
 */
export function endpointOf({ vaultName, cloud, vaultUrl, endpoint }: AzureAddress): Endpoint {
  if (vaultName !== undefined && vaultUrl !== undefined) {
    throw invalid('vaultName and vaultUrl name the vault twice; give one')
  }
  if (cloud !== undefined && vaultName === undefined) {
    throw invalid('cloud says where vaultName is; leave it out, or give vaultName')
  }
  if (cloud !== undefined && !Object.hasOwn(clouds, cloud)) {
    throw invalid(`cloud ${JSON.stringify(cloud)} is none of ${Object.keys(clouds).join(', ')}`)
  }
  if (vaultName !== undefined) checkVaultName(vaultName)
  if (endpoint !== undefined) return parse('endpoint', endpoint)
  if (vaultUrl !== undefined) return parse('vaultUrl', vaultUrl)
  if (vaultName !== undefined) {
    return parse('vaultName', `https://${vaultName}${clouds[cloud ?? 'public'].suffix}`)
  }
  throw invalid('no vault is named; give vaultName or vaultUrl')
}

function checkVaultName(name: string): void {
  if (name.length >= 3 && name.length <= 24 && vaultName.test(name)) return
  throw invalid(
    `vaultName ${JSON.stringify(name)} is none: 3 to 24 letters, digits and single hyphens, a letter first`,
  )
}

function parse(field: string, text: string): Endpoint {
  const shown = JSON.stringify(text)
  if (!URL.canParse(text))
    throw invalid(`${field} ${shown} is not a URL; write https://my-vault.vault.azure.net`)
  const url = new URL(text)
  const isLoopback = loopback.test(url.hostname)
  if (url.username !== '' || url.password !== '')
    throw invalid(`${field} carries a user or password; drop it`)
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw invalid(`${field} ${shown} has more than a host; the names of secrets go to get and put`)
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    throw invalid(`${field} ${shown} must be https; plain http works on loopback only`)
  }
  const cloud = Object.values(clouds).find(({ suffix }) => url.hostname.endsWith(suffix))
  if (!isLoopback && cloud === undefined) {
    const suffixes = Object.values(clouds).map(({ suffix }) => suffix)
    throw invalid(
      `${field} ${shown} is no host of Azure Key Vault (${suffixes.join(', ')}), and tokens go nowhere else; for another cloud pass a client`,
    )
  }
  const { origin, protocol } = url
  return { origin, isLoopback, isPlain: protocol === 'http:', authorityHost: cloud?.authorityHost }
}

function invalid(message: string): Error {
  return refusal('CONFIG_INVALID', message)
}
