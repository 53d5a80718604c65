import { readFile } from 'node:fs/promises'
import { Fault, type JsonObject, refusal } from 'strongroom/provider'
import { type Answer, dataOf, faultOf, field, isObject, textField } from './answer.js'
import type { Exchange } from './client.js'
import { apiPath } from './names.js'
import type { VaultAppRoleAuth, VaultAuth } from './options.js'

/** A token as the server granted it. */
export interface Grant {
  readonly token: string
  /** `undefined` for a token that does not end, or of which nobody knows. */
  readonly leaseMs: number | undefined
  readonly renewable: boolean
}

export type Login = (signal: AbortSignal) => Promise<Grant>

const serviceAccountFile = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** One login: what proves the identity is read anew each time, since it changes under a running program. */
export function loginWith(auth: VaultAuth, exchange: Exchange): Login {
  const proof = proofOf(auth, exchange)
  return async (signal) => {
    const path = apiPath('auth', auth.mount ?? auth.method, 'login')
    const answer = await exchange({ method: 'POST', path, json: await proof(signal) }, signal)
    if (answer.status !== 200) throw loginFault(answer, `the ${auth.method} login was refused`)
    return grantOf(answer)
  }
}

/** @throws {SecretError} `UNAVAILABLE` for an answer that grants nothing. */
export function grantOf(answer: Answer): Grant {
  const auth = field(answer.body, 'auth')
  if (!isObject(auth)) throw new Fault({ code: 'UNAVAILABLE', status: answer.status })
  return {
    token: textField(auth, 'client_token'),
    leaseMs: leaseMs(auth['lease_duration']),
    renewable: auth['renewable'] === true,
  }
}

/** Seconds; 0 is for ever. */
export function leaseMs(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined
}

/** A refused login is a matter of credentials, whatever its status. The server's words may quote them: they stay out. */
export function loginFault(answer: Answer, detail: string): Fault {
  const { failure } = faultOf(answer)
  const passing = ['UNAVAILABLE', 'RATE_LIMITED', 'CONFIG_INVALID'].includes(failure.code)
  return new Fault({
    ...failure,
    code: passing ? failure.code : 'UNAUTHENTICATED',
    outcomeUnknown: false,
    detail: passing ? undefined : detail,
  })
}

function proofOf(auth: VaultAuth, exchange: Exchange): (signal: AbortSignal) => Promise<JsonObject> {
  switch (auth.method) {
    case 'approle': {
      const secretId = secretIdOf(auth, exchange)
      return async (signal) => ({ role_id: auth.roleId, secret_id: await secretId(signal) })
    }
    case 'kubernetes':
      return async () => ({ role: auth.role, jwt: await fileText(auth.tokenFile ?? serviceAccountFile) })
    case 'jwt':
      return async () => ({ role: auth.role, jwt: await jwtOf(auth.jwt, auth.jwtFile) })
  }
}

async function jwtOf(
  jwt: string | (() => Promise<string>) | undefined,
  file: string | undefined,
): Promise<string> {
  if (jwt === undefined) return fileText(file ?? '')
  return typeof jwt === 'string' ? jwt : jwt()
}

function secretIdOf(
  { secretId, secretIdFile, wrappedSecretId, mount = 'approle' }: VaultAppRoleAuth,
  exchange: Exchange,
): (signal: AbortSignal) => Promise<string | undefined> {
  if (secretIdFile !== undefined) return () => fileText(secretIdFile)
  if (wrappedSecretId === undefined) return async () => secretId
  let unwrapped: string | undefined
  return async (signal) => {
    unwrapped ??= await unwrap(exchange, wrappedSecretId, mount, signal)
    return unwrapped
  }
}

/** Looks at where the wrap was made first: one that somebody else has made around an id of theirs is refused. */
async function unwrap(
  exchange: Exchange,
  token: string,
  mount: string,
  signal: AbortSignal,
): Promise<string> {
  const spent =
    'the wrapped secret id cannot be unwrapped: it has ended, or somebody else has unwrapped it; find out who, and issue another'
  const lookup = { method: 'POST', path: '/sys/wrapping/lookup', json: { token } } as const
  const wrap = await exchange(lookup, signal)
  if (wrap.status !== 200) throw loginFault(wrap, spent)
  const path = textField(dataOf(wrap), 'creation_path')
  if (!path.includes(`auth/${mount}/role/`) || !path.endsWith('/secret-id')) {
    throw refusal(
      'UNAUTHENTICATED',
      'the wrapped secret id was not made by the AppRole that it is for; do not use it',
    )
  }
  const answer = await exchange({ method: 'POST', path: '/sys/wrapping/unwrap', token }, signal)
  if (answer.status !== 200) throw loginFault(answer, spent)
  return textField(dataOf(answer), 'secret_id')
}

async function fileText(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code !== 'string') throw error
    throw refusal(
      'UNAUTHENTICATED',
      `the file ${JSON.stringify(path)}, which proves the identity, cannot be read (${code})`,
    )
  }
}
