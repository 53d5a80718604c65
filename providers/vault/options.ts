import { checkFields, type Fields, type NameConvention, type Tags } from 'strongroom/provider'
import type { VaultClient } from './client.js'
import { invalid } from './endpoint.js'

/** How {@link vault} reaches HashiCorp Vault or OpenBao. */
export interface VaultOptions {
  /** `https://vault.example.com:8200`. Plain `http` on loopback only. Default `VAULT_ADDR`. */
  readonly address?: string | undefined
  /** Where the KV engine is mounted. Default `secret`. */
  readonly mount?: string | undefined
  /** The version of the engine at the mount; 1 is read only. Default 2. */
  readonly kv?: 1 | 2 | undefined
  /** A path before every name, joined by `/`. Default none. */
  readonly prefix?: string | undefined
  /** A house convention for names. Default: names as they are, escapes for what Vault cannot hold. */
  readonly names?: NameConvention | undefined
  /** Default `VAULT_NAMESPACE`. */
  readonly namespace?: string | undefined
  /** Default `VAULT_TOKEN`, which goes to plain http only where `VAULT_ADDR` names that very server. */
  readonly token?: string | undefined
  /** How to get tokens, instead of `token`. */
  readonly auth?: VaultAuth | undefined
  /** Path of a PEM file with the authority to trust. Default `VAULT_CACERT`, then those of Node. */
  readonly caFile?: string | undefined
  /** Takes any certificate. For a test bench. Default `VAULT_SKIP_VERIFY`, then false. */
  readonly skipVerify?: boolean | undefined
  /**
   * Hosts with their ports, such as `node2.vault:8200`, to which a standby may send a request on, over TLS; the token
   * goes with it. Default none: that of the address alone.
   */
  readonly redirectHosts?: readonly string[] | undefined
  /** A larger answer is `UNAVAILABLE`. Default 32 MiB. */
  readonly maxAnswerBytes?: number | undefined
  /** The key that holds a text, and everything else that is no JSON object. Default `value`. */
  readonly valueKey?: string | undefined
  /** Settings of a new secret. */
  readonly create?: VaultCreateOptions | undefined
  /**
   * A ready-made client of `node-vault`, instead of an address and its credentials. Its calls cannot be aborted, and it
   * follows redirects with its token; prefer an address.
   */
  readonly client?: VaultClient | undefined
}

export interface VaultCreateOptions {
  /** How many versions a new secret keeps. Default: what the mount says, or 10. */
  readonly maxVersions?: number | undefined
  /** Stand beside the tags of the put that creates it, which win. Default none. */
  readonly tags?: Tags | undefined
}

export type VaultAuth = VaultAppRoleAuth | VaultKubernetesAuth | VaultJwtAuth

export interface VaultAppRoleAuth {
  readonly method: 'approle'
  readonly roleId: string
  /** Give this, one of the two below, or none for a role without secret ids. */
  readonly secretId?: string | undefined
  /** Read anew at each login. */
  readonly secretIdFile?: string | undefined
  /** The token of a response wrap around the secret id; unwrapped once, at the first login. */
  readonly wrappedSecretId?: string | undefined
  /** Default `approle`. */
  readonly mount?: string | undefined
}

export interface VaultKubernetesAuth {
  readonly method: 'kubernetes'
  readonly role: string
  /** Read anew at each login. Default `/var/run/secrets/kubernetes.io/serviceaccount/token`. */
  readonly tokenFile?: string | undefined
  /** Default `kubernetes`. */
  readonly mount?: string | undefined
}

export interface VaultJwtAuth {
  readonly method: 'jwt'
  /** Default: the default role of the mount. */
  readonly role?: string | undefined
  /** Asked for, or read, anew at each login. */
  readonly jwt?: string | (() => Promise<string>) | undefined
  readonly jwtFile?: string | undefined
  /** Default `jwt`. */
  readonly mount?: string | undefined
}

const methods = ['approle', 'kubernetes', 'jwt']

const fields: Fields<VaultOptions> = {
  address: true,
  mount: true,
  kv: true,
  prefix: true,
  names: true,
  namespace: true,
  token: true,
  auth: true,
  caFile: true,
  skipVerify: true,
  redirectHosts: true,
  maxAnswerBytes: true,
  valueKey: true,
  create: true,
  client: true,
}

/** @throws {SecretError} `CONFIG_INVALID`, naming the option, the rule and what to do. */
export function checkOptions(options: VaultOptions): void {
  checkFields('vault', options, fields)
  const { client, token, auth, kv, create, maxAnswerBytes, valueKey } = options
  if (client !== undefined) {
    if (typeof client.request !== 'function') throw invalid('client must be a client of node-vault')
    const own = ['address', 'token', 'auth', 'namespace', 'caFile', 'skipVerify', 'redirectHosts'] as const
    const twice = own.find((name) => options[name] !== undefined)
    if (twice !== undefined)
      throw invalid(`${twice} is set beside client, which brings its own; give one of them`)
  }
  if (token !== undefined && auth !== undefined)
    throw invalid('token and auth contradict each other; give one')
  if (token === '') throw invalid('token is empty; give one, or leave it out to use VAULT_TOKEN')
  if (auth !== undefined) checkAuth(auth)
  if (kv !== undefined && kv !== 1 && kv !== 2) throw invalid('kv must be 1 or 2, the version of the engine')
  if (valueKey === '' || valueKey === markerKey) throw invalid(`valueKey must be a key, and not ${markerKey}`)
  if (maxAnswerBytes !== undefined && !isCount(maxAnswerBytes)) {
    throw invalid('maxAnswerBytes must be a whole number above 0')
  }
  if (create?.maxVersions !== undefined && !isCount(create.maxVersions)) {
    throw invalid('create.maxVersions must be a whole number above 0')
  }
}

/** The key within the data that says how the rest is to be read, where that is not plain. */
export const markerKey = 'strongroom'

function checkAuth(auth: VaultAuth): void {
  if (!methods.includes(auth.method)) throw invalid(`auth.method must be one of ${methods.join(', ')}`)
  if (auth.method === 'kubernetes' && !auth.role)
    throw invalid('auth.role is missing: a role of the auth method')
  if (auth.method === 'jwt' && (auth.jwt === undefined) === (auth.jwtFile === undefined)) {
    throw invalid('auth.jwt and auth.jwtFile: give one of them')
  }
  if (auth.method !== 'approle') return
  if (!auth.roleId) throw invalid('auth.roleId is missing: the id of an AppRole')
  const given = [auth.secretId, auth.secretIdFile, auth.wrappedSecretId].filter((each) => each !== undefined)
  if (given.length > 1) throw invalid('auth.secretId, secretIdFile and wrappedSecretId: give one of them')
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}
