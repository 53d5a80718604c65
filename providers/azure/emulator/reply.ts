import { randomUUID } from 'node:crypto'
import type { EmulatorReply, EmulatorRequest } from 'strongroom/testing'
import type { AzureError } from './errors.js'
import type { Settings } from './model.js'
import { challengeOf } from './tokens.js'

type Headers = Readonly<Record<string, string>>

/** JSON with the headers of the service; without a body, no content. */
export function reply(
  request: EmulatorRequest,
  { region }: Settings,
  status: number,
  body?: object,
  headers: Headers = {},
): EmulatorReply {
  const clientRequestId = request.headers['x-ms-client-request-id']
  return {
    status,
    headers: {
      'cache-control': 'no-cache',
      pragma: 'no-cache',
      expires: '-1',
      ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      ...(typeof clientRequestId === 'string' ? { 'x-ms-client-request-id': clientRequestId } : {}),
      'x-ms-request-id': randomUUID(),
      'x-ms-keyvault-region': region,
      'x-ms-keyvault-service-version': '1.9.2784.1',
      'x-ms-keyvault-network-info': 'conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;',
      'strict-transport-security': 'max-age=31536000;includeSubDomains',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
}

/** An error with its codes; every 401 tells where to get a token. */
export function errorReply(
  request: EmulatorRequest,
  settings: Settings,
  { status, code, innerCode, message, retryAfterMs }: AzureError,
  headers: Headers = {},
): EmulatorReply {
  const innererror = innerCode === undefined ? {} : { innererror: { code: innerCode } }
  return reply(
    request,
    settings,
    status,
    { error: { code, message, ...innererror } },
    {
      ...(status === 401 ? { 'www-authenticate': challengeOf(request, settings) } : {}),
      ...waitOf(retryAfterMs),
      ...headers,
    },
  )
}

/** Whole seconds for clients that read only those, and milliseconds for those that read both. */
function waitOf(retryAfterMs: number | undefined): Headers {
  if (retryAfterMs === undefined) return {}
  return {
    'retry-after': String(Math.ceil(retryAfterMs / 1000)),
    'x-ms-retry-after-ms': String(retryAfterMs),
  }
}
