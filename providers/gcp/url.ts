import type { SecretProvider } from 'strongroom/provider'
import { invalid } from './endpoint.js'
import { gcp } from './provider.js'

const form = 'gcp://PROJECT[/PREFIX][?location=…&endpoint=…]'

/**
 * `gcp://PROJECT[/PREFIX][?location=…&endpoint=…]`
 *
 * @throws {SecretError} `CONFIG_INVALID`, naming the part that is wrong.
 */
export function fromUrl(url: URL): SecretProvider {
  const { hostname, port, pathname, searchParams, hash, username, password } = url
  if (username !== '' || password !== '') {
    throw wrong('it must not carry a user or password; credentials come from the environment')
  }
  if (port !== '' || hash !== '') throw wrong('it has a port or a fragment, which mean nothing here')
  if (hostname === '') throw wrong('it has no project')
  for (const key of searchParams.keys()) {
    if (key !== 'location' && key !== 'endpoint') throw wrong(`there is no option ${JSON.stringify(key)}`)
    if (searchParams.getAll(key).length > 1) throw wrong(`it gives ${key} twice`)
  }
  return gcp({
    project: hostname,
    prefix: decoded(pathname.slice(1)),
    location: searchParams.get('location') ?? undefined,
    endpoint: searchParams.get('endpoint') ?? undefined,
  })
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw wrong('its prefix has a broken % escape')
  }
}

function wrong(problem: string): Error {
  return invalid(`the URL of the store: ${problem}; the form is ${form}`)
}
