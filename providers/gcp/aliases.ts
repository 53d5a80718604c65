import type { Stage } from 'strongroom/provider'
import type { SecretState } from './resource.js'
import type { Change } from './update.js'

type NamedStage = Exclude<Stage, 'newest-enabled'>

/** The alias that names the version of each stage. */
export type StageAliases = { readonly [S in NamedStage]: string }

/** The version of each stage. */
export type Holders = { readonly [S in NamedStage]: string | undefined }

const stages: readonly NamedStage[] = ['current', 'previous', 'pending']

export function stageAliases(current: string): StageAliases {
  return { current, previous: `${current}-previous`, pending: `${current}-pending` }
}

export function holdersOf({ aliases: held }: SecretState, aliases: StageAliases): Holders {
  return {
    current: held[aliases.current],
    previous: held[aliases.previous],
    pending: held[aliases.pending],
  }
}

export function stagesOf(holders: Holders, version: string): NamedStage[] {
  return stages.filter((stage) => holders[stage] === version)
}

/** All aliases of a secret with these among them: those of others stay. */
export function withHolders({ aliases: held }: SecretState, aliases: StageAliases, holders: Holders): Change {
  const ours = stages.map((stage) => aliases[stage])
  const others = Object.entries(held).filter(([alias]) => !ours.includes(alias))
  const named = stages.flatMap((stage) => {
    const version = holders[stage]
    return version === undefined ? [] : [[aliases[stage], version] as const]
  })
  return { versionAliases: Object.fromEntries([...others, ...named]) }
}
