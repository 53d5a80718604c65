import { createHash, randomUUID } from 'node:crypto'
import { afterEffect, type ProviderOperation, unless } from 'strongroom/provider'
import { addVersion, createSecret, type Put, type Stored } from './add-version.js'
import { isArn } from './names.js'
import { conflict } from './promote.js'
import { exists, putIfAbsent } from './put-if-absent.js'
import { putIfVersion } from './put-if-version.js'
import { putPending } from './put-pending.js'
import { type Service, stateOf } from './service.js'
import { replaceTags } from './tags.js'

type Strategy = (service: Service, put: Put, signal: AbortSignal) => Promise<Stored>

export function putOperation(service: Service): ProviderOperation<'put'> {
  return async (input, { signal }) => {
    const put: Put = { ...input, version: versionOf(input.idempotencyKey) }
    const strategy = strategyOf(put)
    const stored = await unless('PENDING_DELETION', strategy(service, put, signal), async (fault) => {
      if (put.onDeleted !== 'restore') throw fault
      await checkInTrash(service, put, signal)
      await service.send('RestoreSecret', { SecretId: put.ref }, signal)
      return strategy(service, put, signal)
    })
    if (put.tags !== undefined && stored === 'added') {
      await afterEffect(replaceTags(service, put.ref, put.tags, signal))
    }
    return { version: put.version }
  }
}

function strategyOf({ stage, ifVersion, ifAbsent }: Put): Strategy {
  if (stage === 'pending') return putPending
  if (ifVersion !== undefined) return putIfVersion
  return ifAbsent === true ? putIfAbsent : putCurrent
}

/** What AWS takes as a ClientRequestToken is the version's id; any other key becomes its hash. */
function versionOf(idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return randomUUID()
  if (/^[0-9A-Za-z-]{32,64}$/.test(idempotencyKey)) return idempotencyKey
  return createHash('sha256').update(idempotencyKey).digest('hex')
}

/** A put that will be refused must not take the secret out of the trash first. */
async function checkInTrash(
  { send }: Service,
  { ref, stage, ifVersion, ifAbsent }: Put,
  signal: AbortSignal,
): Promise<void> {
  if (ifVersion === undefined && ifAbsent !== true) return
  const { holders, versions } = stateOf(await send('DescribeSecret', { SecretId: ref }, signal))
  if (ifVersion !== undefined && holders.current !== ifVersion) throw conflict(holders.current, ifVersion)
  const present = stage === 'pending' ? holders.pending : (holders.current ?? Object.keys(versions)[0])
  if (ifAbsent === true && present !== undefined) throw exists(present)
}

/** Adds a version where the secret exists, which it mostly does; else creates it. */
const putCurrent: Strategy = async (service, put, signal) =>
  unless('NOT_FOUND', addVersion(service, put, undefined, signal), async (fault) => {
    if (isArn(put.ref)) throw fault
    return unless('ALREADY_EXISTS', createSecret(service, put, signal), () =>
      addVersion(service, put, undefined, signal),
    )
  })
