import type { SecretDocument, Version } from './model.js'

const keptUnlabelled = 100
const safeForMs = 24 * 3_600_000

/**
 * The versions that are there at a time. The service removes the oldest versions without a label while there are more
 * than 100 of them, and none younger than 24 hours.
 */
export function liveVersions({ versions, labels }: SecretDocument, now: number): readonly Version[] {
  if (versions.length <= keptUnlabelled) return versions
  const labelled = new Set(labels.map(([, versionId]) => versionId))
  let surplus = versions.filter(({ id }) => !labelled.has(id)).length - keptUnlabelled
  if (surplus <= 0) return versions
  return versions.filter(({ id, createdAt }) => {
    const goes = surplus > 0 && !labelled.has(id) && now - createdAt >= safeForMs
    if (goes) surplus -= 1
    return !goes
  })
}
