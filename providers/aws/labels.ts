import type { Stage } from 'strongroom/provider'

/** The service's own staging labels, and the one that fenced puts carry their value in with. */
export const label = {
  current: 'AWSCURRENT',
  previous: 'AWSPREVIOUS',
  pending: 'AWSPENDING',
  incoming: 'strongroom-incoming',
} as const

/** Which version holds each label. */
export interface Holders {
  readonly current: string | undefined
  /** Absent while the current version still carries AWSPENDING: a promotion stopped between its two requests. */
  readonly pending: string | undefined
  /** The holder of the label AWSPENDING, whatever else that version is. */
  readonly pendingLabel: string | undefined
}

export type VersionLabels = Readonly<Record<string, readonly string[]>>

/** A version has each stage once, and what is current is not pending. */
export function stagesOf(labels: readonly string[] = []): Stage[] {
  const isCurrent = labels.includes(label.current)
  const stages: Stage[] = []
  if (isCurrent) stages.push('current')
  if (labels.includes(label.previous)) stages.push('previous')
  if (labels.includes(label.pending) && !isCurrent) stages.push('pending')
  return stages
}

export function holders(versions: VersionLabels = {}): Holders {
  const holder = (wanted: string): string | undefined =>
    Object.keys(versions).find((version) => versions[version]?.includes(wanted))
  const current = holder(label.current)
  const pendingLabel = holder(label.pending)
  return { current, pendingLabel, pending: pendingLabel === current ? undefined : pendingLabel }
}

/** Whether a put of this version went all the way: it is current, or was until the next one. */
export function wasCurrent(labels: readonly string[] = []): boolean {
  return labels.includes(label.current) || labels.includes(label.previous)
}
