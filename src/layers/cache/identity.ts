import { SecretError } from '../../errors.js'
import type { LayerEnv } from '../../layer.js'
import type { GetInput, Named, SecretName, SecretRecord } from '../../operations.js'

/** What tells one read from another. */
export interface Identity {
  /** The whole question: the secret, and which version or stage of it. Two spellings of one name have one key. */
  readonly key: string
  /** The secret: namespace, name or id. Two ids are two, since ids of different accounts may share a canonical name. */
  readonly secret: string
  /** What a write makes doubtful, by whatever name it was read. */
  readonly group: string
  /** Set where this version was asked for, and nothing else. */
  readonly version?: string
}

export interface Identities {
  /** `undefined` for a name that the backend cannot have: the boundary says why. */
  readonly of: (input: GetInput) => Identity | undefined
  readonly groupOf: (input: Named) => string | undefined
}

const maxRemembered = 10_000

export function identitiesOf({ canonical }: LayerEnv): Identities {
  const remembered = new Map<string, string>()

  const groupOf = ({ name, namespace = 'user' }: Named): string | undefined => {
    const spelling = JSON.stringify([namespace, name])
    const known = remembered.get(spelling)
    if (known !== undefined) return known
    try {
      const group = canonical(name, namespace)
      if (remembered.size >= maxRemembered) remembered.clear()
      remembered.set(spelling, group)
      return group
    } catch (error) {
      if (!SecretError.is(error)) throw error
      return undefined
    }
  }
  return {
    groupOf,
    of: (input) => {
      const {
        name,
        namespace = 'user',
        version,
        stage = version === undefined ? 'current' : undefined,
      } = input
      const { id = null } = Object(name) as { readonly id?: string }
      const group = groupOf(input)
      if (group === undefined) return undefined
      const secret = JSON.stringify([namespace, group, id])
      const key = JSON.stringify([secret, version ?? null, stage ?? null])
      return version === undefined || stage !== undefined
        ? { group, secret, key }
        : { group, secret, key, version }
    },
  }
}

const spellings = new WeakMap<SecretRecord, Map<string, SecretRecord>>()

/** A record under the name that the caller used; the same object every time. */
export function namedAs(record: SecretRecord, name: SecretName): SecretRecord {
  const asked = typeof name === 'string' ? name : name.id
  if (record.name === asked) return record
  const others = spellings.get(record) ?? new Map<string, SecretRecord>()
  spellings.set(record, others)
  const renamed = others.get(asked) ?? Object.freeze({ ...record, name: asked })
  others.set(asked, renamed)
  return renamed
}
