import { type Capability, capabilitiesOf } from './acl.js'
import { badRequest, inList } from './errors.js'
import { fieldsOf } from './fields.js'
import type { Answer, Scope, TokenDocument } from './model.js'
import { callerOf } from './token-api.js'
import { findByAccessor, findToken } from './tokens.js'

export function capabilitiesOfSelf(scope: Scope): Answer {
  return answer(scope, callerOf(scope))
}

export function capabilities(scope: Scope): Answer {
  const token = findToken(scope, fieldsOf(scope.data).text('token') ?? '')
  if (token === undefined) throw badRequest(inList('invalid token'))
  return answer(scope, token)
}

export function capabilitiesOfAccessor(scope: Scope): Answer {
  const token = findByAccessor(scope, fieldsOf(scope.data).text('accessor') ?? '')
  if (token === undefined) throw badRequest(inList('invalid accessor'))
  return answer(scope, token)
}

/** By path; a single path also stands as `capabilities`. */
function answer(scope: Scope, token: TokenDocument): Answer {
  const fields = fieldsOf(scope.data)
  const paths = fields.texts('paths') ?? fields.texts('path') ?? []
  if (paths.length === 0) throw badRequest('paths must be supplied')
  const granted = paths.map((path): [string, readonly Capability[]] => [
    path,
    capabilitiesOf(scope, token, scope.namespace + path),
  ])
  const [only] = granted
  return {
    data: {
      ...Object.fromEntries(granted),
      ...(granted.length === 1 && only !== undefined ? { capabilities: only[1] } : {}),
    },
  }
}
