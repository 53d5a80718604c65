import { afterEffect, type ProviderOperation, refusal, type SecretError, unless } from 'strongroom/provider'
import { label } from './labels.js'
import { activeState, type Service } from './service.js'

export interface LabelMove {
  readonly label: string
  /** Absent: the label is taken off. */
  readonly to?: string | undefined
  /** The version that must hold the label now. Absent: nobody may hold it. */
  readonly from?: string | undefined
}

/**
 * UpdateSecretVersionStage: the fence of every compare on AWS.
 *
 * @throws {Fault} `INVALID_VALUE` when the label is not where `from` says.
 */
export async function moveLabel(
  { send }: Service,
  id: string,
  { label: VersionStage, to, from }: LabelMove,
  signal: AbortSignal,
): Promise<void> {
  const target = { ...(to !== undefined && { MoveToVersionId: to }) }
  const fence = { ...(from !== undefined && { RemoveFromVersionId: from }) }
  await send('UpdateSecretVersionStage', { SecretId: id, VersionStage, ...target, ...fence }, signal)
}

/**
 * Moves AWSCURRENT from the version that must hold it, then takes AWSPENDING off the promoted one. When the second
 * request is lost, nothing reads as pending all the same, and a repetition finishes.
 */
export function promoteOperation(service: Service): ProviderOperation<'promote'> {
  return async ({ ref, version, ifCurrent }, { signal }) => {
    const holder = async (): Promise<string | undefined> =>
      (await activeState(service, ref, signal)).holders.current
    const isNoMove = ifCurrent === version
    const from = ifCurrent === undefined || isNoMove ? await holder() : ifCurrent
    if (isNoMove && from !== version) throw conflict(from, version)

    const hasMoved =
      from !== version &&
      (await unless(
        'INVALID_VALUE',
        moveLabel(service, ref, { label: label.current, to: version, from }, signal).then(() => true),
        async (fault) => {
          const current = await holder()
          if (current === version) return false
          throw current === from ? fault : conflict(current, from)
        },
      ))
    await afterEffect(dropPending(service, ref, version, signal))
    return { version, ...(hasMoved && from !== undefined && { previous: from }) }
  }
}

/** Takes AWSPENDING off. The version stays readable by its id until the service reaps it. */
export function discardOperation(service: Service): ProviderOperation<'discard'> {
  return async ({ ref, version }, { signal }) => {
    const { pending } = (await activeState(service, ref, signal)).holders
    if (pending !== version) throw notPending(version)
    await unless(
      'INVALID_VALUE',
      moveLabel(service, ref, { label: label.pending, from: version }, signal),
      () => {
        throw notPending(version)
      },
    )
    return undefined
  }
}

/** Takes AWSPENDING off a version, if it is there. */
export async function dropPending(
  service: Service,
  id: string,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const move = moveLabel(service, id, { label: label.pending, from: version }, signal)
  await unless('INVALID_VALUE', move, () => undefined)
}

export function conflict(current: string | undefined, wanted: string | undefined): SecretError {
  const found = current === undefined ? 'no version is current' : `${current} is current`
  const problem = `${found}, not ${wanted ?? 'none'}; read again and decide`
  return refusal('CONFLICT', problem, current)
}

function notPending(version: string): SecretError {
  return refusal('CONFLICT', `${version} is not pending; describe the secret to see what is`)
}
