import { unless } from 'strongroom/provider'
import { addVersion, type Put, type Stored } from './add-version.js'
import { label, wasCurrent } from './labels.js'
import { conflict, moveLabel } from './promote.js'
import { activeState, type Service } from './service.js'

/**
 * Carries the value in under a label of ours, then moves AWSCURRENT to it from `ifVersion` and from nowhere else. The
 * look before keeps refused values out of the history; the fence is the move.
 */
export async function putIfVersion(service: Service, put: Put, signal: AbortSignal): Promise<Stored> {
  const { ref, version, ifVersion } = put
  const before = await unless('NOT_FOUND', activeState(service, ref, signal), () => {
    throw conflict(undefined, ifVersion)
  })
  if (before.holders.current !== ifVersion && !wasCurrent(before.versions[version])) {
    throw conflict(before.holders.current, ifVersion)
  }
  await addVersion(service, put, [label.incoming], signal)
  if (before.holders.current !== ifVersion) return 'added'

  await unless(
    'INVALID_VALUE',
    moveLabel(service, ref, { label: label.current, to: version, from: ifVersion }, signal),
    async (fault) => {
      const { current } = (await activeState(service, ref, signal)).holders
      if (current === ifVersion) throw fault
      if (current !== version) throw conflict(current, ifVersion)
    },
  )
  return 'added'
}
