import { refusal } from 'strongroom/provider'

const bareName = /^[0-9a-zA-Z-]{1,127}$/

/**
 * The name within an identifier of a vault, `https://my-vault.vault.azure.net/secrets/name`, or the name itself.
 *
 * @throws {SecretError} `INVALID_NAME` for another vault, for an identifier of one version, and for any other text.
 */
export function nameInId(id: string, vaultUrl: string): string {
  if (bareName.test(id)) return id
  if (!URL.canParse(id)) throw invalid(id, 'it is neither a name nor a URL')
  const { host, pathname } = new URL(id)
  const [, collection, name = '', ...rest] = pathname.split('/')
  if (collection !== 'secrets' || !bareName.test(name)) {
    throw invalid(id, `the form is ${vaultUrl}/secrets/NAME`)
  }
  if (host !== new URL(vaultUrl).host) throw invalid(id, `it lies in another vault than ${vaultUrl}`)
  if (rest.some((part) => part !== ''))
    throw invalid(id, 'it names one version; leave it off, and give version')
  return name
}

function invalid(id: string, problem: string): Error {
  return refusal('INVALID_NAME', `the id ${JSON.stringify(id)} does not fit: ${problem}`)
}
