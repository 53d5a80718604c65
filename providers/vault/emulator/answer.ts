import type { EmulatorReply, EmulatorRequest } from 'strongroom/testing'
import { isAllowed } from './acl.js'
import { bareOperation } from './bare.js'
import {
  badRequest,
  denied,
  noToken,
  sealed,
  unsupportedOperation,
  unsupportedPath,
  VaultError,
} from './errors.js'
import { isSealed } from './health.js'
import { wrongVersion } from './kv-routes.js'
import type { Answer, MountDocument, Scope, TokenDocument, World } from './model.js'
import { mountAt } from './mounts.js'
import { type Located, locate } from './namespaces.js'
import { isFromHere } from './networks.js'
import { below } from './operation-name.js'
import { admit } from './quotas.js'
import { answerReply } from './reply.js'
import { readRequest, type VaultRequest } from './request.js'
import type { Operation } from './route.js'
import { isVersioned, routeOf } from './routes.js'
import { findToken, useToken } from './tokens.js'
import { wrap } from './wrapping.js'

/** @throws {VaultError} for every refusal */
export function answer(world: World, request: EmulatorRequest): EmulatorReply {
  const moved = movedTo(request)
  if (moved !== undefined) return redirect(request, moved)
  if (!request.path.startsWith('/v1/')) throw new VaultError(404, [])
  const header = String(request.headers['x-vault-namespace'] ?? '')
  const bare = bareOperation(request)
  if (bare !== undefined) {
    if (header !== '') throw badRequest('operation unavailable in namespaces')
    const reply = answerReply(bare.answer(world, request), false)
    return request.method === 'HEAD' ? { status: reply.status, headers: reply.headers ?? {} } : reply
  }
  if (!isDecodable(request.path)) return malformed
  const vaultRequest = readRequest(request)
  if (isSealed(world)) {
    if (vaultRequest.kind === 'write' && vaultRequest.path === 'sys/seal')
      return answerReply(undefined, false)
    throw sealed()
  }
  const forwarded = standbyReply(world, request)
  if (forwarded !== undefined) return forwarded
  const place = locate(world, header, vaultRequest.path)
  const limits = admit(world, place.path)
  try {
    const reply = serve(world, vaultRequest, place)
    return { ...reply, headers: { ...reply.headers, ...limits } }
  } catch (error) {
    if (!(error instanceof VaultError)) throw error
    throw new VaultError(error.status, error.errors, { ...limits, ...error.headers })
  }
}

function serve(world: World, vaultRequest: VaultRequest, place: Located): EmulatorReply {
  const mount = mountAt(world, place.namespace, place.path)
  const path = mount === undefined ? '' : below(mount, place.path)
  const found = mount === undefined ? undefined : routeOf(mount, path, vaultRequest.kind)
  if (vaultRequest.kind === 'write' && place.path.endsWith('/')) {
    throw badRequest("cannot write to a path ending in '/'")
  }
  const operation = found?.operation
  const token = findToken(world, vaultRequest.token)
  const scope = {
    ...world,
    request: vaultRequest,
    namespace: place.namespace,
    path,
    parts: found?.parts ?? [],
    data: vaultRequest.data,
    token,
  }
  if (operation?.isOpen !== true) authorize(scope, operation, mount, place.path)
  if (mount === undefined) {
    throw new VaultError(404, [`no handler for route ${JSON.stringify(place.path)}. route entry not found.`])
  }
  return carryOut({ ...scope, mount }, operation, found !== undefined, place.path)
}

const malformed: EmulatorReply = {
  status: 400,
  headers: { 'content-type': 'text/plain; charset=utf-8', connection: 'close' },
  body: '400 Bad Request',
}

function isDecodable(path: string): boolean {
  return !/%(?![0-9a-f]{2})/i.test(path)
}

function carryOut(
  scope: Scope,
  operation: Operation | undefined,
  isKnown: boolean,
  path: string,
): EmulatorReply {
  if (!isKnown && !isVersioned(scope.mount)) throw unsupportedPath()
  if (!isKnown) return answerReply(wrongVersion(scope), false)
  if (operation === undefined) throw unsupportedOperation()
  const result = withWarnings(scope, operation, operation.handle(scope))
  const { wrapTtlMs } = scope.request
  const isWrapped =
    wrapTtlMs > 0 && result !== undefined && (result.status ?? 200) === 200 && result.raw === undefined
  return answerReply(isWrapped ? wrap(scope, result, wrapTtlMs, path) : result, operation.isFlat === true)
}

/** Spends a use of the token whether or not its policies allow the request. */
function authorize(
  scope: Omit<Scope, 'mount'> & { readonly token: TokenDocument | undefined },
  operation: Operation | undefined,
  mount: MountDocument | undefined,
  path: string,
): void {
  const { token, request } = scope
  if (token === undefined || !isFromHere(token.networks)) throw noToken()
  const isThere =
    operation?.exists === undefined || mount === undefined || operation.exists({ ...scope, mount })
  const full = scope.namespace + path
  const isGranted = isAllowed(scope, token, request.kind, full, isThere, operation?.needsSudo === true)
  useToken(scope, token)
  if (isGranted) return
  throw denied(scope)
}

/** A parameter that an operation does not know is told of, where there is an answer to tell it in. */
function withWarnings(
  { data }: Scope,
  { fields }: Operation,
  answer: Answer | undefined,
): Answer | undefined {
  if (answer === undefined || fields === undefined) return answer
  const ignored = Object.keys(data)
    .filter((name) => !fields.includes(name))
    .sort()
  if (ignored.length === 0) return answer
  const warning = `Endpoint ignored these unrecognized parameters: [${ignored.join(' ')}]`
  return { ...answer, warnings: [...(answer.warnings ?? []), warning] }
}

/** A node that is not the active one sends its clients there, or says that there is none. */
function standbyReply({ settings }: World, request: EmulatorRequest): EmulatorReply | undefined {
  if (settings.node === 'active') return undefined
  if (settings.activeUrl !== undefined) return redirect(request, settings.activeUrl + request.target)
  throw new VaultError(503, ['no active Vault instance found'])
}

/** Where a path with empty segments or dots leads; the root leads to a page that is not here. */
function movedTo({ path, target }: EmulatorRequest): string | undefined {
  if (path === '/') return '/ui/'
  const segments = path.split('/').slice(1)
  const isClean = segments.every(
    (segment, i) => !/^\.{0,2}$/.test(segment) || (segment === '' && i === segments.length - 1),
  )
  if (isClean) return undefined
  const clean: string[] = []
  for (const segment of segments) {
    if (segment === '..') clean.pop()
    else if (segment !== '' && segment !== '.') clean.push(segment)
  }
  const slash = path.endsWith('/') ? '/' : ''
  return `/${clean.join('/')}${slash}${target.slice(path.length)}`
}

function redirect({ method }: EmulatorRequest, location: string): EmulatorReply {
  const hasPage = method === 'GET' || method === 'HEAD'
  return {
    status: 307,
    headers: {
      'cache-control': 'no-store',
      location,
      ...(hasPage ? { 'content-type': 'text/html; charset=utf-8' } : {}),
    },
    ...(method === 'GET'
      ? { body: `<a href="${location.replaceAll('&', '&amp;')}">Temporary Redirect</a>.\n\n` }
      : {}),
  }
}
