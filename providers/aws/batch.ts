import type { BatchGetSecretValueCommandOutput } from '@aws-sdk/client-secrets-manager'
import type { Fault } from 'strongroom/provider'
import { faultOfItem } from './errors.js'
import type { AwsValue } from './get.js'
import { label } from './labels.js'
import { means } from './names.js'
import type { Service } from './service.js'

/** The most that BatchGetSecretValue takes. */
const maxBatch = 20

/** Reads the current version of one secret, in the company of the other reads of the same tick. */
export type BatchReader = (id: string, signal: AbortSignal) => Promise<AwsValue>

interface Read {
  readonly id: string
  readonly signal: AbortSignal
  readonly resolve: (value: AwsValue) => void
  readonly reject: (error: unknown) => void
  /** Told when the caller of this read gives up. */
  onAbort: () => void
}

/** Collects reads until the event loop turns. A name that is alone goes out as a plain GetSecretValue. */
export function batchReader(service: Service): BatchReader {
  let waiting: Read[] = []

  const flush = (): void => {
    const reads = waiting.filter(({ signal }) => !signal.aborted)
    waiting = []
    const ids = [...new Set(reads.map(({ id }) => id))]
    for (let start = 0; start < ids.length; start += maxBatch) {
      const chunk = ids.slice(start, start + maxBatch)
      void answerReads(
        service,
        chunk,
        reads.filter(({ id }) => chunk.includes(id)),
      )
    }
  }

  return async (id, signal) => {
    let abort = (): void => {}
    try {
      return await new Promise<AwsValue>((resolve, reject) => {
        const read: Read = { id, signal, resolve, reject, onAbort: () => {} }
        abort = () => {
          reject(signal.reason)
          read.onAbort()
        }
        signal.addEventListener('abort', abort)
        if (waiting.length === 0) setImmediate(flush)
        waiting.push(read)
      })
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }
}

async function answerReads(service: Service, ids: readonly string[], reads: readonly Read[]): Promise<void> {
  const giveUp = new AbortController()
  for (const read of reads) {
    // The request is shared: it ends early only when nobody waits for it any more.
    read.onAbort = () => {
      if (reads.every(({ signal }) => signal.aborted)) giveUp.abort()
    }
  }
  const [settled] = await Promise.allSettled([request(service, ids, giveUp.signal)])
  for (const { id, resolve, reject } of reads) {
    if (settled.status === 'rejected') reject(settled.reason)
    else {
      const found = settled.value(id)
      if (found instanceof Error) reject(found)
      else resolve(found)
    }
  }
}

/** Makes the request; gives what looks a secret up in its answer. */
async function request(
  service: Service,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<(id: string) => AwsValue | Fault> {
  const [only] = ids
  if (ids.length === 1) {
    const alone = { SecretId: only, VersionStage: label.current }
    const value = await service.send('GetSecretValue', alone, signal)
    return () => value
  }
  const answer = await service.send('BatchGetSecretValue', { SecretIdList: [...ids] }, signal)
  return (id) =>
    answer.SecretValues?.find(({ Name = '', ARN = '' }) => means(id, { name: Name, arn: ARN })) ??
    itemFault(answer, id)
}

function itemFault({ Errors = [] }: BatchGetSecretValueCommandOutput, id: string): Fault {
  const error = Errors.find(({ SecretId = '' }) => means(id, { name: SecretId, arn: SecretId }))
  return faultOfItem(error?.ErrorCode ?? 'InternalServiceError', error?.Message ?? 'the batch left it out')
}
