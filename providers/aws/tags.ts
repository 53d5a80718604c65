import { afterEffect, type ProviderOperation, type Tags } from 'strongroom/provider'
import { activeState, awsTags, type Service } from './service.js'

/** UntagResource, then TagResource: removing first makes room under the limit of 50. */
export function tagOperation(service: Service): ProviderOperation<'tag'> {
  return async ({ ref, set, remove }, { signal }) => {
    await changeTags(service, ref, { set, remove }, signal)
    return undefined
  }
}

/** Leaves the keys of `create.tags`, which belong to whoever set the store up, and those of AWS itself. */
export async function replaceTags(
  service: Service,
  ref: string,
  wanted: Tags,
  signal: AbortSignal,
): Promise<void> {
  const { tags } = await activeState(service, ref, signal)
  const kept = { ...wanted, ...service.create.tags }
  const remove = Object.keys(tags).filter((key) => !Object.hasOwn(kept, key) && !isReserved(key))
  const set = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => tags[key] !== value))
  await changeTags(service, ref, { set, remove }, signal)
}

/** AWS sets tags like `aws:cloudformation:stack-name` itself, and lets nobody else touch them. */
export function isReserved(key: string): boolean {
  return key.toLowerCase().startsWith('aws:')
}

async function changeTags(
  { send }: Service,
  ref: string,
  { set, remove }: { readonly set: Tags; readonly remove: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  if (remove.length > 0) await send('UntagResource', { SecretId: ref, TagKeys: [...remove] }, signal)
  const Tags = awsTags(set)
  if (Tags.length === 0) return
  const tagged = send('TagResource', { SecretId: ref, Tags }, signal)
  await (remove.length > 0 ? afterEffect(tagged) : tagged)
}
