import { type ErrorCode, type Failure, Fault } from 'strongroom/provider'
import type { GcpCredential } from './client.js'
import { connectionFailure } from './error-codes.js'
import { field, nodeCodeOf, noToken } from './facts.js'

/** What the client asks for tokens: a `GoogleAuth`, as far as it is used. */
export interface Auth {
  getClient(): Promise<GcpCredential>
  getUniverseDomain?(): Promise<string>
}

/** For an emulator: nothing that a cloud would take. */
export const loopbackCredential: GcpCredential = Object.freeze({
  getRequestHeaders: async () => new Headers(),
})

export function authOver(credential: GcpCredential): Auth {
  return {
    getClient: async () => credential,
    getUniverseDomain: async () => credential.universeDomain ?? '',
  }
}

/** Makes an authority of this client alone tell its failures apart from answers of the service. */
export function guard(auth: Auth): void {
  const getClient = auth.getClient.bind(auth)
  auth.getClient = async () => {
    const credential = await asTokenFault(getClient())
    const { universeDomain } = credential
    return {
      getRequestHeaders: (url) => asTokenFault(credential.getRequestHeaders(url)),
      ...(universeDomain !== undefined && { universeDomain }),
    }
  }
}

/** What a credential gives for a request, for a client that does not ask it. */
export function headersOf(credential: GcpCredential): () => Promise<Readonly<Record<string, string>>> {
  return async () => {
    const headers: Record<string, string> = {}
    const given = await asTokenFault(credential.getRequestHeaders())
    given.forEach((value, key) => {
      headers[key] = value
    })
    return headers
  }
}

/** gRPC reads the number of the status off an error, and carries it on with the message. */
class TokenFault extends Fault {
  readonly code: number

  constructor(failure: Failure) {
    super(failure)
    this.message = failure.providerCode ?? ''
    this.code = numbers[failure.code] ?? 16
  }
}

const numbers: { readonly [C in ErrorCode]?: number } = { UNAVAILABLE: 14, RATE_LIMITED: 8 }

async function asTokenFault<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    throw error instanceof TokenFault ? error : new TokenFault(tokenFailure(error))
  }
}

/** A refusal may look like anything; only what passes by itself is told apart. */
function tokenFailure(error: unknown): Failure {
  const code = nodeCodeOf(error)
  if (code !== undefined && /^E[A-Z]/.test(code)) {
    return { ...connectionFailure(code, code), outcomeUnknown: false }
  }
  const status = Number(field(field(error, 'response'), 'status') ?? field(error, 'status'))
  if (status === 429) return { code: 'RATE_LIMITED', status, outcomeUnknown: false }
  return status >= 500 ? { code: 'UNAVAILABLE', status, outcomeUnknown: false } : noToken
}
