import { timestamp } from './durations.js'
import { badRequest, notFound } from './errors.js'
import { fieldsOf } from './fields.js'
import { compare, listAnswer } from './listing.js'
import type { Answer, PolicyDocument, Scope } from './model.js'
import { parsePolicy } from './policy-language.js'
import { policyKey } from './world.js'

export function listPolicies(scope: Scope): Answer {
  return listAnswer(policyNames(scope))
}

/** The old path, which says it twice. */
export function listPoliciesTwice(scope: Scope): Answer {
  const names = policyNames(scope)
  return listAnswer(names, { policies: names })
}

export function readPolicy(scope: Scope): Answer {
  const { text, ...rest } = getPolicy(scope)
  return { data: { ...fieldsOfPolicy(rest), policy: text } }
}

export function readRules(scope: Scope): Answer {
  const { text, ...rest } = getPolicy(scope)
  return { data: { ...fieldsOfPolicy(rest), rules: text } }
}

export function writePolicy(scope: Scope): Answer | undefined {
  const name = nameIn(scope)
  const fields = fieldsOf(scope.data)
  const given = fields.text('policy') || fields.text('rules') || ''
  if (given === '') throw badRequest("'policy' parameter not supplied or empty")
  if (name === 'root') throw badRequest('cannot update "root" policy')
  const text = textOf(given)
  parsePolicy(text)
  const before = scope.policies.get(policyKey(scope.namespace, name))
  scope.policies.set(policyKey(scope.namespace, name), {
    name,
    text,
    version: (before?.version ?? 0) + 1,
    modifiedAt: scope.now,
  })
  if (fields.has('policy') || !fields.has('rules')) return undefined
  return { warnings: ["'rules' is deprecated, please use 'policy' instead"] }
}

export function deletePolicy(scope: Scope): undefined {
  const name = nameIn(scope)
  if (name === 'root') throw badRequest('cannot delete "root" policy')
  if (name === 'default') throw badRequest('cannot delete default policy')
  scope.policies.delete(policyKey(scope.namespace, name))
}

export function policyNames({ policies, namespace }: Scope): readonly string[] {
  return policies
    .entries()
    .filter(([key, { name }]) => key === policyKey(namespace, name))
    .map(([, { name }]) => name)
    .sort(compare)
}

function getPolicy(scope: Scope): PolicyDocument {
  const policy = scope.policies.get(policyKey(scope.namespace, nameIn(scope)))
  if (policy === undefined) throw notFound()
  return policy
}

function nameIn({ parts: [name = ''] }: Scope): string {
  return name.toLowerCase()
}

function fieldsOfPolicy({
  name,
  version,
  modifiedAt,
}: Omit<PolicyDocument, 'text'>): NonNullable<Answer['data']> {
  return {
    allow_slashes_in_identity_templates: false,
    allow_wildcards_in_identity_templates: false,
    cas_required: false,
    ...(name === 'root' ? {} : { modified: timestamp(modifiedAt) }),
    name,
    version,
  }
}

/** A policy may come in base64. */
function textOf(given: string): string {
  const isEncoded = /^[A-Za-z0-9+/\s]+=*\s*$/.test(given) && given.trim().length % 4 === 0
  return isEncoded ? Buffer.from(given, 'base64').toString('utf8') : given
}
