import { invalidParameter } from './errors.js'
import { getWritable, saveSecret } from './lookup.js'
import { list, required, text } from './members.js'
import type { SecretDocument } from './model.js'
import { type Operation, operation, secretId, type TagInput, tagList } from './operation.js'

const maxTags = 50

/** @throws {AwsError} for a reserved or missing key, and for more than 50 tags. */
export function withTags<S extends SecretDocument>(secret: S, added: readonly TagInput[]): S {
  const tags = new Map((secret.tags ?? []).map(({ Key, Value }) => [Key, Value]))
  for (const { Key, Value = '' } of added) {
    if (Key === undefined) throw invalidParameter('You must provide a Key for every tag.')
    if (Key.toLowerCase().startsWith('aws:')) {
      throw invalidParameter('aws: prefixed tag key names are not allowed for external use.')
    }
    tags.set(Key, Value)
  }
  if (tags.size > maxTags) throw invalidParameter(`You can't have more than ${maxTags} tags on a secret.`)
  return { ...secret, tags: [...tags].map(([Key, Value]) => ({ Key, Value })) }
}

export const tagResource: Operation = operation(
  { SecretId: secretId, Tags: required(tagList) },
  ({ SecretId, Tags }, scope) => {
    saveSecret(scope, withTags(getWritable(scope, SecretId), Tags))
    return undefined
  },
)

export const untagResource: Operation = operation(
  { SecretId: secretId, TagKeys: required(list(text({ min: 1, max: 128 }))) },
  ({ SecretId, TagKeys }, scope) => {
    const secret = getWritable(scope, SecretId)
    if (secret.tags !== undefined) {
      saveSecret(scope, { ...secret, tags: secret.tags.filter(({ Key }) => !TagKeys.includes(Key)) })
    }
    return undefined
  },
)
