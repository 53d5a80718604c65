import { invalid } from './endpoint.js'

/** What is read from the environment, here and nowhere else: the client reads it too, and is not asked. */
export interface VaultEnvironment {
  readonly address?: string
  readonly token?: string
  readonly namespace?: string
  readonly caFile?: string
  readonly skipVerify: boolean
  readonly role?: string
  readonly roleId?: string
  readonly secretId?: string
  readonly wrappedSecretId?: string
  readonly jwtFile?: string
}

type Variables = Readonly<Record<string, string | undefined>>

const texts = {
  address: 'VAULT_ADDR',
  token: 'VAULT_TOKEN',
  namespace: 'VAULT_NAMESPACE',
  caFile: 'VAULT_CACERT',
  role: 'VAULT_ROLE',
  roleId: 'VAULT_ROLE_ID',
  secretId: 'VAULT_SECRET_ID',
  wrappedSecretId: 'VAULT_WRAPPED_SECRET_ID',
  jwtFile: 'VAULT_JWT_FILE',
} as const

/** @throws {SecretError} `CONFIG_INVALID` for a `VAULT_SKIP_VERIFY` that is no boolean. */
export function readEnvironment(variables: Variables): VaultEnvironment {
  const given = Object.entries(texts).flatMap(([field, variable]) => {
    const value = variables[variable]
    return value === undefined || value === '' ? [] : [[field, value] as const]
  })
  return { ...Object.fromEntries(given), skipVerify: flag('VAULT_SKIP_VERIFY', variables) }
}

/** The booleans of Go, which Vault's own clients read. */
function flag(variable: string, variables: Variables): boolean {
  const text = variables[variable] ?? ''
  if (/^(?:1|t|true)$/i.test(text)) return true
  if (/^(?:|0|f|false)$/i.test(text)) return false
  throw invalid(`${variable} must be true or false; it decides whether certificates are checked`)
}
