import { refusal } from 'strongroom/provider'

export interface AzureAddress {
  /** The name of a vault of the public cloud: `my-vault`. */
  readonly vaultName?: string | undefined
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
}

/** "About keys, secrets and certificates", DNS suffixes: public, China, US government. */
const clouds = ['.vault.azure.net', '.vault.azure.cn', '.vault.usgovcloudapi.net']
const vaultName = /^[a-z](?:-?[a-z0-9])+$/i
const loopback = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * Where the vault answers.
 *
 * @throws {SecretError} `CONFIG_INVALID`, naming the field and the rule.
 */
export function endpointOf({ vaultName, vaultUrl, endpoint }: AzureAddress): Endpoint {
  if (vaultName !== undefined && vaultUrl !== undefined) {
    throw invalid('vaultName and vaultUrl name the vault twice; give one')
  }
  if (vaultName !== undefined) checkVaultName(vaultName)
  if (endpoint !== undefined) return parse('endpoint', endpoint)
  if (vaultUrl !== undefined) return parse('vaultUrl', vaultUrl)
  if (vaultName !== undefined) return parse('vaultName', `https://${vaultName}${clouds[0]}`)
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
  if (!isLoopback && !clouds.some((suffix) => url.hostname.endsWith(suffix))) {
    throw invalid(
      `${field} ${shown} is no host of Azure Key Vault (${clouds.join(', ')}), and tokens go nowhere else; for another cloud pass a client`,
    )
  }
  return { origin: url.origin, isLoopback, isPlain: url.protocol === 'http:' }
}

function invalid(message: string): Error {
  return refusal('CONFIG_INVALID', message)
}
