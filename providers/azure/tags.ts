import { refusal, type Tags } from 'strongroom/provider'

/** Names the version that was current when this one was set; the service keeps no order within a second. */
export const afterTag = 'strongroom-after'

/** What the service takes on a version. */
const serviceTags = 15

/** One of them is ours. */
export const maxUserTags: number = serviceTags - 1

/** The tags that belong to the user. */
export function userTags(tags: Tags | undefined): Tags {
  return Object.fromEntries(Object.entries(tags ?? {}).filter(([key]) => key !== afterTag))
}

/** The user's tags, and our own: unless foreign hands filled every place already. */
export function stampedTags(tags: Tags, after: string | undefined, had: Tags): Tags {
  const count = Object.keys(tags).length
  if (count > Math.max(maxUserTags, Object.keys(had).length)) {
    throw refusal('INVALID_VALUE', `tags: there would be ${count}; a secret holds ${maxUserTags}`)
  }
  return after === undefined || count >= serviceTags ? tags : { ...tags, [afterTag]: after }
}
