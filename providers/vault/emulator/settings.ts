import type { KeyObject } from 'node:crypto'
import type { Review } from './kubernetes.js'

/** Part of a node in its cluster, which sys/health tells and which decides whether it answers. */
export type NodeRole = 'active' | 'standby' | 'performance-standby' | 'recovery-secondary' | 'uninitialized'

/** What the sheets of the service leave open, or what differs between OpenBao and Vault. Defaults are OpenBao's. */
export interface VaultFacts {
  /** As sys/health tells it. Default `2.7.2`. */
  readonly version: string
  /** Before the random part of a token. Default `s.`; Vault has `hvs.`. */
  readonly tokenPrefix: string
  /** Whether a denial by policy stands in a list of errors. Default `list`. */
  readonly deniedText: 'list' | 'plain'
  /** Answer to a login with bad credentials. Default `invalid role or secret ID`. */
  readonly badLoginText: string
  /** Word for the client in hints: Default `bao` of `OpenBao`. */
  readonly client: readonly [command: string, product: string]
  /** Whether sys/health has a field for performance standbys, as Vault's has. Default false. */
  readonly performanceStandby: boolean
  /** Default lease, and longest life, of a mount. Default 768 hours. */
  readonly maxTtlMs: number
}

export interface Settings {
  readonly rootToken: string
  readonly unsealKey: string
  readonly node: NodeRole
  readonly activeUrl: string | undefined
  readonly startedAt: number
  readonly randomBytes: (size: number) => Uint8Array
  /** Public keys by the URL of the set that a JWT mount names. */
  readonly keySets: Readonly<Record<string, readonly KeyObject[]>>
  readonly tokenReview: ((jwt: string, audiences: readonly string[]) => Review) | undefined
  readonly facts: VaultFacts
}
