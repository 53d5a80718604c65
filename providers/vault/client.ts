import nodeVault from 'node-vault'
import { type JsonValue, unlessAborted } from 'strongroom/provider'
import type { Answer } from './answer.js'
import { networkFault } from './network-fault.js'
import type { Outgoing, Transport } from './transport.js'

/** What the provider calls of a client of `node-vault`; one that its factory made fits. */
export interface VaultClient {
  request(options: VaultRequestOptions): Promise<unknown>
}

export interface VaultRequestOptions {
  path: string
  method: string
  // biome-ignore lint/suspicious/noExplicitAny: the client's own options are an open bag
  [option: string]: any
}

export interface VaultRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Percent-encoded, below `/v1`, with its query. */
  readonly path: string
  readonly json?: JsonValue
  /** For other requests than with the token in use: a login has none. */
  readonly token?: string | undefined
}

/** Makes one request, once. An answer of any status is an answer. */
export type Exchange = (request: VaultRequest, signal: AbortSignal) => Promise<Answer>

/**
 * The official client on a transport of ours, through the seam that it has for one. Answers come through it whole, in
 * the place of a body, because it would keep neither status nor headers; and it takes nothing from the environment.
 */
export function exchangeOver(transport: Transport, origin: string, namespace: string | undefined): Exchange {
  const throughSeam = async (request: Outgoing): Promise<object> => ({
    statusCode: 200,
    body: await transport.send(request),
    request: { path: '' },
  })
  const client = nodeVault({
    endpoint: origin,
    debug: () => {},
    'request-promise': { defaults: () => throughSeam },
  })
  // It has read VAULT_TOKEN, VAULT_NAMESPACE and VAULT_PREFIX where it was given none.
  Object.assign(client, { token: '', namespace: '', pathPrefix: '' })

  return ({ method, path, json, token }, signal) => {
    signal.throwIfAborted()
    const headers: Record<string, string> = {
      'X-Vault-Request': 'true',
      ...(token !== undefined && { 'X-Vault-Token': token }),
      ...(namespace !== undefined && { 'X-Vault-Namespace': namespace }),
      ...(json !== undefined && { 'Content-Type': contentType(method) }),
    }
    return client.request({ method, path, headers, signal, ...(json !== undefined && { json }) })
  }
}

/**
 * A client that the user made. It cannot be aborted, so that an aborted call is abandoned; what it throws, which may
 * hold its token and the value, is read for a status and left behind.
 */
export function exchangeOverOwn(client: VaultClient): Exchange {
  return async ({ method, path, json }, signal) => {
    signal.throwIfAborted()
    const headers = {
      'X-Vault-Request': 'true',
      ...(json !== undefined && { 'Content-Type': contentType(method) }),
    }
    const request = client.request({ method, path, headers, ...(json !== undefined && { json }) })
    try {
      return answered(200, await unlessAborted(request, signal))
    } catch (error) {
      const response = property(error, 'response')
      const status = property(response, 'statusCode')
      if (typeof status === 'number') return answered(status, property(response, 'body'))
      throw signal.aborted ? error : networkFault(error)
    }
  }
}

function contentType(method: string): string {
  return method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
}

/** Of an answer without a body the client makes an empty text; of one that is not JSON, a text. */
function answered(status: number, body: unknown): Answer {
  const isEmpty = body === '' && status === 200
  const isJson = typeof body === 'object' && body !== null
  return {
    status: isEmpty ? 204 : status,
    headers: {},
    text: '',
    body: isJson ? (body as JsonValue) : undefined,
  }
}

function property(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined
}
