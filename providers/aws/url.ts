import type { SecretProvider } from 'strongroom/provider'
import { invalid } from './options.js'
import { aws } from './provider.js'

/**
 * The provider of a store URL: `aws://REGION[/PREFIX][?profile=…&endpoint=…]`.
 *
 * @throws {SecretError} `CONFIG_INVALID`, naming the part that is wrong.
 */
export function fromUrl(url: URL): SecretProvider {
  const shape = 'aws://REGION/PREFIX?profile=NAME&endpoint=URL'
  if (url.username !== '' || url.password !== '') {
    throw invalid('the URL must not carry a user or password; credentials come from the AWS chain')
  }
  if (url.port !== '' || url.hash !== '') {
    throw invalid(`the URL has a port or a fragment, which mean nothing here; write ${shape}`)
  }
  if (url.hostname === '') throw invalid('the URL has no region; write it like aws://eu-west-1/prod')
  const known = new Set(['profile', 'endpoint'])
  for (const key of url.searchParams.keys()) {
    if (!known.has(key))
      throw invalid(`the URL has an unknown parameter ${JSON.stringify(key)}; write ${shape}`)
    if (url.searchParams.getAll(key).length > 1) throw invalid(`the URL gives ${key} twice; give it once`)
  }
  return aws({
    region: url.hostname,
    prefix: prefixOf(url),
    profile: url.searchParams.get('profile') ?? undefined,
    endpoint: url.searchParams.get('endpoint') ?? undefined,
  })
}

function prefixOf({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname.slice(1))
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw invalid('the prefix in the URL holds a % that begins no escape; write %25')
  }
}
