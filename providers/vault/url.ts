import type { SecretProvider } from 'strongroom/provider'
import { invalid } from './endpoint.js'
import { readEnvironment, type VaultEnvironment } from './environment.js'
import type { VaultAuth } from './options.js'
import { vault } from './provider.js'

const form =
  'vault://HOST[:PORT]/MOUNT[/PREFIX][?namespace=…&kv=1&auth=token|approle|kubernetes|jwt&role=…&caFile=…]'
const known = ['namespace', 'kv', 'auth', 'role', 'caFile']
const defaultPort = 8200

/**
 * `vault://HOST[:PORT]/MOUNT[/PREFIX][?namespace=…&kv=1&auth=token|approle|kubernetes|jwt&role=…&caFile=…]`, TLS, port
 * 8200 by default; `vault+http://` on loopback. A slash within the mount is `%2F`.
 *
 * @throws {SecretError} `CONFIG_INVALID` for a URL of another form.
 */
export function fromUrl(url: URL): SecretProvider {
  const { protocol, hostname, port, pathname, searchParams, hash } = url
  const unknown = [...searchParams.keys()].find((key) => !known.includes(key))
  if (unknown !== undefined) throw wrong(`there is no option ${JSON.stringify(unknown)}`)
  if (hostname === '') throw wrong('it names no host')
  if (hash !== '') throw wrong('it has a part after #')
  const [mount = '', ...prefix] = pathname.slice(1).split('/').map(decoded)
  if (mount === '') throw wrong('it names no mount, such as /secret')
  const kv = searchParams.get('kv') ?? '2'
  if (kv !== '1' && kv !== '2') throw wrong('kv must be 1 or 2')
  const scheme = protocol === 'vault+http:' ? 'http' : 'https'
  return vault({
    address: `${scheme}://${hostname}:${port === '' ? defaultPort : port}`,
    mount,
    prefix: prefix.join('/'),
    kv: kv === '1' ? 1 : 2,
    namespace: searchParams.get('namespace') ?? undefined,
    caFile: searchParams.get('caFile') ?? undefined,
    auth: authOf(searchParams.get('auth') ?? 'token', searchParams.get('role'), readEnvironment(process.env)),
  })
}

/** What a URL must not carry comes from the environment. */
function authOf(method: string, given: string | null, environment: VaultEnvironment): VaultAuth | undefined {
  const { roleId, secretId, wrappedSecretId, jwtFile } = environment
  const role = given ?? environment.role
  switch (method) {
    case 'token':
      return undefined
    case 'approle':
      if (roleId === undefined) throw wrong('auth=approle needs VAULT_ROLE_ID')
      return { method, roleId, secretId, wrappedSecretId }
    case 'kubernetes':
      if (role === undefined) throw wrong('auth=kubernetes needs role=… or VAULT_ROLE')
      return { method, role, tokenFile: jwtFile }
    case 'jwt':
      if (jwtFile === undefined) throw wrong('auth=jwt needs VAULT_JWT_FILE')
      return { method, role, jwtFile }
    default:
      throw wrong(`auth=${JSON.stringify(method)} is no way to log in`)
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw wrong('its path has a broken % escape')
  }
}

function wrong(problem: string): Error {
  return invalid(`${problem}; the form is ${form}`)
}
