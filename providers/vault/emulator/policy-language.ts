import { JsonError, parseJson } from 'strongroom/testing'
import type { Capability } from './acl.js'
import { badRequest, inList, type VaultError } from './errors.js'
import { objectOf } from './fields.js'
import { type HclBlock, type HclValue, parseHcl } from './hcl.js'
import type { Json } from './model.js'

export interface PathRule {
  readonly path: string
  readonly capabilities: readonly Capability[]
}

const capabilities: readonly string[] = [
  'create',
  'read',
  'update',
  'patch',
  'delete',
  'list',
  'scan',
  'sudo',
  'deny',
]
/** The words of the first policies, before there were capabilities. */
const shorthands: Readonly<Record<string, readonly Capability[]>> = {
  deny: ['deny'],
  read: ['read', 'list'],
  write: ['create', 'read', 'update', 'delete', 'list'],
  sudo: ['create', 'read', 'update', 'delete', 'list', 'sudo'],
}
/** Rules on the content of a request, which are not enforced here. */
const unenforced = [
  'allowed_parameters',
  'denied_parameters',
  'required_parameters',
  'min_wrapping_ttl',
  'max_wrapping_ttl',
  'control_group',
  'mfa_methods',
]
const known = ['capabilities', 'policy', 'comment', 'expiration', ...unenforced]

/**
 * Paths and what is granted on them, from HCL or JSON.
 *
 * @throws {VaultError} 400 for what is no policy, and for a rule that could not be enforced.
 */
export function parsePolicy(text: string): readonly PathRule[] {
  return blocksOf(text).flatMap(({ name, label, line, body }) => {
    if (name === 'name') return []
    if (name !== 'path') throw failed(inList(`invalid key ${JSON.stringify(name)} on line ${line}`))
    return [ruleOf(label, body, line)]
  })
}

function ruleOf(label: string, body: Readonly<Record<string, HclValue>>, line: number): PathRule {
  const path = label.replace(/^\//, '')
  const quoted = JSON.stringify(path)
  for (const field of Object.keys(body)) {
    if (!known.includes(field))
      throw failed(`path ${quoted}: ${inList(`invalid key ${JSON.stringify(field)} on line ${line}`)}`)
    if (unenforced.includes(field)) throw failed(`path ${quoted}: this emulator does not enforce ${field}`)
  }
  if (path.includes('+*')) throw failed(`path ${quoted}: invalid use of wildcards ('+*' is forbidden)`)
  const short = body['policy']
  const words = typeof short === 'string' ? shorthands[short] : undefined
  if (short !== undefined && words === undefined)
    throw failed(`path ${quoted}: invalid policy ${JSON.stringify(short)}`)
  const list = body['capabilities'] ?? []
  const given = Array.isArray(list) ? list : [list]
  for (const capability of given) {
    if (typeof capability === 'string' && capabilities.includes(capability)) continue
    throw failed(`path ${quoted}: path ${quoted}: invalid capability ${JSON.stringify(capability)}`)
  }
  return { path, capabilities: [...(words ?? []), ...(given as Capability[])] }
}

function blocksOf(text: string): readonly HclBlock[] {
  if (!text.trimStart().startsWith('{')) return parseHcl(text, failed)
  const paths = objectOf(documentIn(text)?.['path']) ?? {}
  return Object.entries(paths).map(([label, body]) => ({
    name: 'path',
    label,
    line: 0,
    body: (objectOf(body) ?? {}) as Readonly<Record<string, HclValue>>,
  }))
}

function documentIn(text: string): { readonly [key: string]: Json } | undefined {
  try {
    return objectOf(parseJson(text) as Json)
  } catch (error) {
    if (error instanceof JsonError) throw failed('unexpected end of JSON input')
    throw error
  }
}

function failed(text: string): VaultError {
  return badRequest(`failed to parse policy: ${text}`)
}
