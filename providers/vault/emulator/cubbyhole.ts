import { notFound } from './errors.js'
import { objectOf } from './fields.js'
import { deleteEntry, writeEntry } from './kv-entries.js'
import { cubbyholeOf, keyOf } from './kv-keys.js'
import { listEntries } from './listing.js'
import type { Answer, Scope } from './model.js'
import type { Routes } from './route.js'
import { callerOf } from './token-api.js'

/** A store for each token, which no other token sees and which ends with it. */
export const cubbyholeRoutes: Routes = [
  [
    /^(.*)$/s,
    {
      read: { id: 'cubbyhole-read', handle: (scope) => readOwn(ofCaller(scope)) },
      write: { id: 'cubbyhole-write', handle: (scope) => writeEntry(ofCaller(scope)) },
      delete: { id: 'cubbyhole-delete', handle: (scope) => deleteEntry(ofCaller(scope)) },
      list: { id: 'cubbyhole-list', handle: (scope) => listEntries(ofCaller(scope)) },
    },
  ],
]

function ofCaller(scope: Scope): Scope {
  return { ...scope, mount: { ...scope.mount, id: cubbyholeOf(callerOf(scope).id) } }
}

function readOwn(scope: Scope): Answer {
  const data = objectOf(scope.kvEntries.get(keyOf(scope, scope.parts[0] ?? ''))?.data)
  if (data === undefined) throw notFound()
  return { data }
}
