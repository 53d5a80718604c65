import { refusal, type SecretProvider } from 'strongroom/provider'
import type { AzureCloud } from './endpoint.js'
import { azure } from './provider.js'

const form = 'azure://VAULT-NAME-OR-HOST[/PREFIX][?cloud=…&endpoint=…&caFile=…]'

const parameters: readonly string[] = ['cloud', 'endpoint', 'caFile']

/**
 * `azure://VAULT-NAME-OR-HOST[/PREFIX][?cloud=…&endpoint=…&caFile=…]`
 *
 * @throws {SecretError} `CONFIG_INVALID` for a URL of another form.
 */
export function fromUrl(url: URL): SecretProvider {
  const { host, pathname, searchParams, hash } = url
  const unknown = [...searchParams.keys()].find((key) => !parameters.includes(key))
  if (unknown !== undefined) throw invalid(`there is no option ${JSON.stringify(unknown)}`)
  if (host === '') throw invalid('it names no vault')
  if (host === 'https' || host === 'http') throw invalid(`leave out "${host}://" after "azure://"`)
  if (hash !== '') throw invalid('it has a part after #')
  const vault =
    /^[^.:]+$/.test(host) && host !== 'localhost' ? { vaultName: host } : { vaultUrl: `https://${host}` }
  return azure({
    ...vault,
    prefix: decoded(pathname.slice(1)),
    // The factory checks it.
    cloud: (searchParams.get('cloud') ?? undefined) as AzureCloud | undefined,
    endpoint: searchParams.get('endpoint') ?? undefined,
    caFile: searchParams.get('caFile') ?? undefined,
  })
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw invalid('its prefix has a broken % escape')
  }
}

function invalid(problem: string): Error {
  return refusal('CONFIG_INVALID', `azure: ${problem}; the form is ${form}`)
}
