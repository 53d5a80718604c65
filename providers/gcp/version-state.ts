import { beforeEffect, type ProviderOperation, refusal, type VersionState } from 'strongroom/provider'
import type { Method } from './client.js'
import { isStale } from './errors.js'
import { destroyed, isVersionId, noVersion, readVersion } from './resource.js'
import type { Service } from './service.js'

const maxTurns = 8

const methods: { readonly [S in VersionState]: Method & `${string}SecretVersion` } = {
  enabled: 'enableSecretVersion',
  disabled: 'disableSecretVersion',
  destroyed: 'destroySecretVersion',
}

/**
 * Reads the version, since destroyed is for good, and changes it under its etag; again where another was first. Where
 * the secret delays destruction, a destroyed version is disabled until then.
 */
export function setVersionStateOperation(service: Service): ProviderOperation<'setVersionState'> {
  return async ({ ref, version, state }, { signal }) => {
    if (!isVersionId(version)) throw noVersion(version)
    await setState(service, service.secretOf(ref), version, state, signal)
    return undefined
  }
}

export async function setState(
  service: Service,
  secret: string,
  version: string,
  wanted: VersionState,
  signal: AbortSignal,
): Promise<void> {
  for (let turn = 1; ; turn += 1) {
    const { state, etag } = await beforeEffect(readVersion(service, secret, version, signal))
    if (state === wanted) return
    if (state === 'destroyed') throw destroyed(version)
    const target = { name: `${secret}/versions/${version}`, ...(etag !== undefined && { etag }) }
    try {
      await service.send(methods[wanted] as 'enableSecretVersion', target, signal)
      return
    } catch (error) {
      if (!isStale(error)) throw error
      if (turn === maxTurns)
        throw refusal('CONFLICT', 'others change the version without pause; try again later')
    }
  }
}
