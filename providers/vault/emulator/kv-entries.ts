import { readDuration, seconds } from './durations.js'
import { badRequest, notFound } from './errors.js'
import { objectOf } from './fields.js'
import { keyOf } from './kv-keys.js'
import type { Answer, Scope } from './model.js'

export function readEntry(scope: Scope): Answer {
  const [name = ''] = scope.parts
  const data = objectOf(scope.kvEntries.get(keyOf(scope, name))?.data)
  if (data === undefined) throw notFound()
  const lease = readDuration(data['ttl'] ?? data['lease'])
  return { data, leaseDuration: seconds(lease ?? scope.settings.facts.maxTtlMs) }
}

export function writeEntry(scope: Scope): undefined {
  const [name = ''] = scope.parts
  if (Object.keys(scope.data).length === 0) throw badRequest('missing data fields')
  scope.kvEntries.set(keyOf(scope, name), { data: scope.data })
}

export function deleteEntry(scope: Scope): undefined {
  const [name = ''] = scope.parts
  scope.kvEntries.delete(keyOf(scope, name))
}
