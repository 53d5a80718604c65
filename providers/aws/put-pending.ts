import { afterEffect, refusal, type SecretError, unless } from 'strongroom/provider'
import { addVersion, type Put, type Stored } from './add-version.js'
import { label } from './labels.js'
import { conflict, dropPending, moveLabel } from './promote.js'
import { activeState, type SecretState, type Service } from './service.js'

/** Stores a version under AWSPENDING, where no plain reader meets it. */
export async function putPending(service: Service, put: Put, signal: AbortSignal): Promise<Stored> {
  const { ref, ifVersion } = put
  const before = await unless('NOT_FOUND', activeState(service, ref, signal), () => {
    throw nothingCurrent()
  })
  const { current } = before.holders
  if (current === undefined) throw nothingCurrent()
  if (ifVersion !== undefined && current !== ifVersion) throw conflict(current, ifVersion)

  if (put.ifAbsent === true) await claimLabel(service, put, before, signal)
  else await addVersion(service, put, [label.pending], signal)

  if (ifVersion !== undefined) await afterEffect(checkStillCurrent(service, put, ifVersion, signal))
  return 'added'
}

/** Carries the value in under a label of ours, then takes AWSPENDING from nobody, or from the current version. */
async function claimLabel(
  service: Service,
  put: Put,
  { holders }: SecretState,
  signal: AbortSignal,
): Promise<void> {
  const { ref, version } = put
  if (holders.pending !== undefined && holders.pending !== version) throw isPending(holders.pending)
  await addVersion(service, put, [label.incoming], signal)
  if (holders.pending === version) return
  await unless(
    'INVALID_VALUE',
    moveLabel(service, ref, { label: label.pending, to: version, from: holders.pendingLabel }, signal),
    async (fault) => {
      const { pending } = (await activeState(service, ref, signal)).holders
      if (pending === undefined) throw fault
      if (pending !== version) throw isPending(pending)
    },
  )
}

/** AWSPENDING cannot be fenced by AWSCURRENT: looking before and after makes the pair one moment. */
async function checkStillCurrent(
  service: Service,
  { ref, version }: Put,
  ifVersion: string,
  signal: AbortSignal,
): Promise<void> {
  const { current } = (await activeState(service, ref, signal)).holders
  if (current === ifVersion) return
  await dropPending(service, ref, version, signal)
  throw conflict(current, ifVersion)
}

function nothingCurrent(): SecretError {
  const rule = 'AWS makes the first version of a secret current, so that it cannot wait as pending'
  return refusal('CONFLICT', `${rule}; put it with stage "current"`)
}

function isPending(version: string): SecretError {
  const rule = `version ${version} is pending already`
  return refusal('ALREADY_EXISTS', `${rule}; promote or discard it first`, version)
}
