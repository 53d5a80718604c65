import type { Timing } from '../../timing.js'
import type { AuditEntry, AuditOptions } from '../audit.js'

export const failingSinks = ['block', 'buffer', 'drop'] as const
export type FailingSink = (typeof failingSinks)[number]

/** What is wrong with the hook that takes audit entries. */
export interface AuditFailure {
  /** What `record` threw last; `undefined` when entries were lost for want of room. */
  readonly error: unknown
  /** Entries that wait. */
  readonly waiting: number
  /** Entries lost since the last report. */
  readonly lost: number
}

export interface Sink {
  /** Whether a call may be sent. */
  readonly ready: () => Promise<boolean> | true
  /** Takes an entry; false where the call may not be answered. */
  readonly take: (entry: AuditEntry) => Promise<boolean> | true
  /** Tries once more what waits; the rest is lost. */
  readonly close: () => Promise<void>
}

const retryEveryMs = 1_000
const reportEveryMs = 60_000

/** Hands entries to the hook, in order and one at a time, and deals with its failures as the options say. */
export function sinkOf(options: Required<AuditOptions>, { now, after }: Timing): Sink {
  const { record, whenFailing, maxWaiting, onFailure } = options
  const waiting: AuditEntry[] = []
  let handing: Promise<boolean> | undefined
  let cancelRetry: (() => void) | undefined
  let closed = false
  let lost = 0
  let reportedAt = Number.NEGATIVE_INFINITY

  const report = (error: unknown): void => {
    if (now() - reportedAt < reportEveryMs) return
    reportedAt = now()
    onFailure({ error, waiting: waiting.length, lost })
    lost = 0
  }
  const recorded = async (entry: AuditEntry): Promise<void> => record(entry)
  /** Hands over what waits; whether all of it was taken. Who comes when it is over begins anew. */
  const handOver = async (): Promise<boolean> => {
    await undefined
    try {
      for (let entry = waiting[0]; entry !== undefined; entry = waiting[0]) {
        const [result] = await Promise.allSettled([recorded(entry)])
        const isTaken = result.status === 'fulfilled'
        if (isTaken || whenFailing === 'drop') waiting.shift()
        if (isTaken) continue
        if (whenFailing === 'drop') lost += 1
        report(result.reason)
        if (whenFailing !== 'drop') return false
      }
      return true
    } finally {
      handing = undefined
    }
  }
  const hand = (): Promise<boolean> => {
    handing ??= handOver()
    return handing
  }
  const lose = (count: number): void => {
    lost += count
    report(undefined)
  }
  const hold = (entry: AuditEntry): void => {
    if (waiting.length < maxWaiting) waiting.push(entry)
    else lose(1)
  }
  const handOrRetry = async (): Promise<void> => {
    if (cancelRetry !== undefined || (await hand())) return
    if (closed) return lose(waiting.splice(0).length)
    cancelRetry ??= after(retryEveryMs, () => {
      cancelRetry = undefined
      void handOrRetry()
    })
  }

  return {
    ready: () => (whenFailing === 'block' ? hand() : true),
    take: (entry) => {
      hold(entry)
      if (whenFailing === 'block') return hand()
      void handOrRetry()
      return true
    },
    close: async () => {
      closed = true
      cancelRetry?.()
      cancelRetry = undefined
      while ((await hand()) && waiting.length > 0);
      reportedAt = Number.NEGATIVE_INFINITY
      if (waiting.length + lost > 0) lose(waiting.splice(0).length)
    },
  }
}

/** The default for `onFailure`. What the hook threw is not printed: it may quote anything. */
export function warn({ waiting, lost }: AuditFailure): void {
  process.emitWarning(
    `strongroom: the audit hook fails; ${waiting} entries wait, ${lost} are lost. Mend it, or pass onFailure to hear why.`,
    { code: 'STRONGROOM_AUDIT' },
  )
}
