import { isAllowed } from './acl.js'
import { wrappingPolicyName } from './default-policy.js'
import { seconds, timestamp } from './durations.js'
import { badRequest, denied, noToken, VaultError } from './errors.js'
import { fieldsOf, objectOf } from './fields.js'
import type { Answer, JsonObject, Scope, World, WrappedDocument } from './model.js'
import { envelopeOf } from './reply.js'
import { createToken, findToken, revokeTree } from './tokens.js'

/** Puts an answer behind a token of one use. */
export function wrap(scope: Scope, answer: Answer, ttlMs: number, creationPath: string): Answer {
  return wrapResponse(scope, envelopeOf(answer), ttlMs, creationPath, wrappedAccessorOf(answer))
}

export function wrapData(scope: Scope): Answer {
  if (scope.request.wrapTtlMs === 0) throw badRequest('endpoint requires response wrapping to be used')
  return { data: scope.data }
}

/** With a wrapping token in its body it needs another token, which may unwrap; else its own token is that one. */
export function unwrap(scope: Scope): Answer {
  if (fieldsOf(scope.data).text('token')) {
    if (scope.token === undefined) throw noToken()
    if (!isAllowed(scope, scope.token, 'write', `${scope.namespace}sys/wrapping/unwrap`, true, false))
      throw denied(scope)
  }
  const [token, { response }] = spend(scope)
  revokeTree(scope, token)
  return { envelope: response }
}

export function rewrap(scope: Scope): Answer {
  const [token, { response, ttlMs, creationPath }] = spend(scope)
  revokeTree(scope, token)
  return wrapResponse(scope, response, ttlMs, creationPath)
}

/** Spends nothing. */
export function lookUpWrapping(scope: Scope): Answer {
  const [, { creationPath, createdAt, ttlMs }] = spend(scope)
  return {
    data: { creation_path: creationPath, creation_time: timestamp(createdAt), creation_ttl: seconds(ttlMs) },
  }
}

function wrapResponse(
  world: World & Pick<Scope, 'namespace'>,
  response: JsonObject,
  ttlMs: number,
  creationPath: string,
  wrappedAccessor?: string,
): Answer {
  const token = createToken(world, {
    namespace: world.namespace,
    policies: [wrappingPolicyName],
    path: creationPath,
    displayName: '',
    parent: '',
    ttlMs,
    explicitMaxTtlMs: ttlMs,
    renewable: false,
    usesLeft: 1,
  })
  world.wrapped.set(token.id, { response, creationPath, createdAt: world.now, ttlMs })
  return {
    raw: {
      request_id: '',
      lease_id: '',
      renewable: false,
      lease_duration: 0,
      data: null,
      wrap_info: {
        token: token.id,
        accessor: token.accessor,
        ttl: seconds(ttlMs),
        creation_time: timestamp(world.now),
        creation_path: creationPath,
        ...(wrappedAccessor === undefined ? {} : { wrapped_accessor: wrappedAccessor }),
      },
      warnings: null,
      auth: null,
    },
  }
}

/** The wrapping token of a request: in its body, or else in its header. */
function spend(scope: Scope): readonly [id: string, wrapped: WrappedDocument] {
  const id = fieldsOf(scope.data).text('token') || scope.request.token
  if (id === '') throw new VaultError(403, ['error validating wrapping token: token is empty'])
  const wrapped = scope.wrapped.get(id)
  if (wrapped === undefined || findToken(scope, id) === undefined) {
    throw badRequest('wrapping token is not valid or does not exist')
  }
  return [id, wrapped]
}

function wrappedAccessorOf({ auth, data }: Answer): string | undefined {
  const accessor = auth?.['accessor'] ?? objectOf(data ?? undefined)?.['secret_id_accessor']
  return typeof accessor === 'string' && accessor !== '' ? accessor : undefined
}
