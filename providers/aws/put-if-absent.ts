import { refusal, type SecretError } from 'strongroom/provider'
import { addVersion, createSecret, type Put, type Stored } from './add-version.js'
import { unless } from './errors.js'
import { label } from './labels.js'
import { isArn } from './names.js'
import { moveLabel } from './promote.js'
import { activeState, type Service } from './service.js'
import { allVersions } from './versions.js'

/**
 * CreateSecret refuses a name that exists: that is the fence. A secret that exists without any version counts as
 * absent; there AWSCURRENT, which nobody holds, is the fence.
 */
export async function putIfAbsent(service: Service, put: Put, signal: AbortSignal): Promise<Stored> {
  if (isArn(put.ref)) return fill(service, put, signal)
  return unless('ALREADY_EXISTS', createSecret(service, put, signal), () => fill(service, put, signal))
}

async function fill(service: Service, put: Put, signal: AbortSignal): Promise<Stored> {
  const { ref, version } = put
  const versions = await allVersions(service, ref, true, signal)
  const own = versions.find((info) => info.version === version)?.stages ?? []
  const isStored = own.includes('current') || own.includes('previous')
  const other = versions.find((info) => info.version !== version)
  if (other !== undefined && !isStored) throw exists(other.version)

  await addVersion(service, put, [label.incoming], signal)
  if (isStored) return 'added'
  await unless(
    'INVALID_VALUE',
    moveLabel(service, ref, { label: label.current, to: version }, signal),
    async (fault) => {
      // AWS makes the very first version current by itself; then there was nothing to move.
      const { current } = (await activeState(service, ref, signal)).holders
      if (current === undefined) throw fault
      if (current !== version) throw exists(current)
    },
  )
  return 'added'
}

function exists(version: string): SecretError {
  return refusal(
    'ALREADY_EXISTS',
    `version ${version} exists already; read it, or put with ifVersion`,
    version,
  )
}
