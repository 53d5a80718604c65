import { refusal, type Tags } from 'strongroom/provider'

/** Names the version that was current when this one was set; the service keeps no order within a second. */
export const afterTag = 'strongroom-after'

/** The tags that belong to the user. */
export function userTags(tags: Tags | undefined): Tags {
  return Object.fromEntries(Object.entries(tags ?? {}).filter(([key]) => key !== afterTag))
}

/** The user's tags and our own, which gives way where foreign hands filled every place already. */
export function stampedTags(tags: Tags, after: string | undefined, places: number): Tags {
  const count = Object.keys(tags).length
  if (count > places) {
    throw refusal('INVALID_VALUE', `tags: ${count} would stand on the version; a vault holds ${places}`)
  }
  return after === undefined || count === places ? tags : { ...tags, [afterTag]: after }
}
