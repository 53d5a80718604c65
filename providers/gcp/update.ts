import { beforeEffect, refusal } from 'strongroom/provider'
import type { SecretFields } from './client.js'
import { isStale } from './errors.js'
import { readSecret, type SecretState } from './resource.js'
import type { Service } from './service.js'

/** Writers that meet on one secret take turns; each turn has a winner. */
const maxTurns = 64

type Field = 'labels' | 'annotations' | 'versionAliases'
/** The fields that change, each as a whole. */
export type Change = Pick<SecretFields, Field>

const paths: { readonly [F in Field]: string } = {
  labels: 'labels',
  annotations: 'annotations',
  versionAliases: 'version_aliases',
}

/**
 * UpdateSecret of these fields, each as a whole. With an etag it is a compare-and-set.
 *
 * @throws {Fault} for which `isStale` holds when the secret has another etag.
 */
export async function updateSecret(
  service: Service,
  target: { readonly name: string; readonly etag?: string },
  change: Change,
  signal: AbortSignal,
): Promise<string> {
  const changed = (Object.keys(change) as Field[]).map((field) => paths[field])
  const request = { secret: { ...target, ...change }, updateMask: { paths: changed } }
  const { etag } = await service.send('updateSecret', request, signal)
  return etag ?? ''
}

/**
 * Reads, decides, and writes under the etag that was read; again where another writer was first. Nothing is written
 * where nothing is to change.
 */
export async function changeSecret(
  service: Service,
  secret: string,
  signal: AbortSignal,
  decide: (state: SecretState) => Change | undefined | Promise<Change | undefined>,
): Promise<void> {
  for (let turn = 1; ; turn += 1) {
    const state = await beforeEffect(readSecret(service, secret, signal))
    const change = await decide(state)
    if (change === undefined) return
    try {
      await updateSecret(service, { name: secret, etag: state.etag }, change, signal)
      return
    } catch (error) {
      if (!isStale(error)) throw error
      if (turn === maxTurns)
        throw refusal('CONFLICT', 'others change the secret without pause; try again later')
    }
  }
}
