import { refusal, type SecretError, unless } from 'strongroom/provider'
import { addVersion, createSecret, type Put, type Stored } from './add-version.js'
import { label, wasCurrent } from './labels.js'
import { isArn } from './names.js'
import { moveLabel } from './promote.js'
import { activeState, type SecretState, type Service } from './service.js'
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
  const before = await activeState(service, ref, signal)
  const isRepeat = wasCurrent(before.versions[version])
  const other = isRepeat ? undefined : await otherVersion(service, put, before, signal)
  if (other !== undefined) throw exists(other)

  await addVersion(service, put, [label.incoming], signal)
  if (isRepeat) return 'added'
  await unless(
    'INVALID_VALUE',
    moveLabel(service, ref, { label: label.current, to: version }, signal),
    async (fault) => {
      const { current } = (await activeState(service, ref, signal)).holders
      if (current === undefined) throw fault
      if (current !== version) throw exists(current)
    },
  )
  return 'added'
}

/** A version that some other put has made, also one that no label holds any more. */
async function otherVersion(
  service: Service,
  { ref, version }: Put,
  { holders, versions }: SecretState,
  signal: AbortSignal,
): Promise<string | undefined> {
  const labelled = holders.current ?? Object.keys(versions).find((id) => id !== version)
  if (labelled !== undefined) return labelled
  const all = await allVersions(service, ref, true, signal)
  return all.find((info) => info.version !== version)?.version
}

export function exists(version: string): SecretError {
  return refusal(
    'ALREADY_EXISTS',
    `version ${version} exists already; read it, or put with ifVersion`,
    version,
  )
}
