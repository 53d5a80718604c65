import { beingDeleted, beingRecovered, deletedButRecoverable } from './errors.js'
import type { Deletion, SecretDocument, Vault } from './model.js'

/**
 * Where a secret is, at a time. A live one answers its own name, a deleted one that of deleted secrets, and between the
 * two it answers neither. `purging` still shows as deleted; `purged` shows no more, but its name is not free yet.
 */
export type Phase = 'live' | 'deleting' | 'deleted' | 'recovering' | 'purging' | 'purged' | 'gone'

export function phaseOf({ deletion, recoveredAt }: SecretDocument, now: number): Phase {
  if (deletion === undefined) return recoveredAt === undefined || now >= recoveredAt ? 'live' : 'recovering'
  if (deletion.purge !== undefined) {
    if (now >= deletion.purge.freeAt) return 'gone'
    return now >= deletion.purge.hiddenAt ? 'purged' : 'purging'
  }
  if (now >= deletion.purgeAt) return 'gone'
  return now >= deletion.settledAt ? 'deleted' : 'deleting'
}

/** A deleted secret as the operations on deleted secrets see it; they see none that is on its way there or back. */
export interface DeletedSecret extends SecretDocument {
  readonly deletion: Deletion
}

export function isShownAsDeleted(secret: SecretDocument, now: number): secret is DeletedSecret {
  const phase = phaseOf(secret, now)
  return phase === 'deleted' || phase === 'purging'
}

/** @throws {AzureError} `Conflict`, with the inner code that says why the name cannot be used. */
export function refuseUnlessFree(secret: SecretDocument, now: number, name: string): void {
  const phase = phaseOf(secret, now)
  if (phase === 'deleted') throw deletedButRecoverable(name)
  refuseInTransition(phase, name)
}

/** @throws {AzureError} `Conflict` while a deletion, a recovery or a purge is under way. */
export function refuseInTransition(phase: Phase, name?: string): void {
  if (phase === 'recovering') throw beingRecovered(name)
  if (phase === 'deleting' || phase === 'purging' || phase === 'purged') throw beingDeleted(name)
}

/** Forgets the secrets whose retention is over. */
export function removeGone(vault: Vault): void {
  for (const [key, secret] of vault.secrets.entries()) {
    if (phaseOf(secret, vault.now) === 'gone') forget(vault, key, secret)
  }
}

/** Forgets a secret with all its versions. */
export function forget(vault: Vault, key: string, { versions }: SecretDocument): void {
  for (const version of versions) {
    vault.versions.delete(`${key}/${version}`)
    vault.values.delete(`${key}/${version}`)
    vault.notices.delete(`${key}/${version}`)
  }
  vault.secrets.delete(key)
}
