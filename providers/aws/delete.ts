import {
  afterEffect,
  type ProviderContext,
  type ProviderOperation,
  refusal,
  unless,
} from 'strongroom/provider'
import type { Service } from './service.js'

/** How long AWS gets to make an end of a purged secret, asked for at growing distances. */
const settleDelaysMs: readonly number[] = [100, 200, 400, 800, 1_600, 3_200, 6_400]

/** DeleteSecret: into the trash for the recovery window, or for good. */
export function deleteOperation(service: Service): ProviderOperation<'delete'> {
  const { send, recoveryWindowDays } = service
  return async ({ ref, purge }, context) => {
    if (purge) {
      // AWS answers a purge of what is not there with success.
      await send('DescribeSecret', { SecretId: ref }, context.signal)
      await send('DeleteSecret', { SecretId: ref, ForceDeleteWithoutRecovery: true }, context.signal)
      await afterEffect(untilGone(service, ref, context))
      return {}
    }
    const window = recoveryWindowDays === undefined ? {} : { RecoveryWindowInDays: recoveryWindowDays }
    const { DeletionDate } = await send('DeleteSecret', { SecretId: ref, ...window }, context.signal)
    return DeletionDate === undefined ? {} : { recoverableUntil: DeletionDate }
  }
}

/** RestoreSecret: cancels the deletion. */
export function restoreOperation({ send }: Service): ProviderOperation<'restore'> {
  return async ({ ref }, { signal }) => {
    await send('RestoreSecret', { SecretId: ref }, signal)
    return undefined
  }
}

/** A purge goes on behind the answer, and until it ends the name cannot be used again. */
async function untilGone({ send }: Service, ref: string, { signal, sleep }: ProviderContext): Promise<void> {
  const isThere = (): Promise<boolean> =>
    unless(
      'NOT_FOUND',
      send('DescribeSecret', { SecretId: ref }, signal).then(() => true),
      () => false,
    )
  for (const delayMs of settleDelaysMs) {
    if (!(await isThere())) return
    await sleep(delayMs)
  }
  if (await isThere()) {
    throw refusal('TIMEOUT', 'the secret is being deleted for good, but AWS has not finished; it will')
  }
}
