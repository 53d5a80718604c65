import { SecretError } from './errors.js'
import { checkFields, type Fields } from './fields.js'
import { type Hits, noHits } from './hits.js'
import type { Composed } from './layer.js'
import type { Input, Operation, Output, Trail } from './operations.js'
import type { CallOptions } from './store.js'
import type { Timing } from './timing.js'

/** From the methods of a store to its layers: makes the call a value, and ends with the store. */
export interface Dispatcher {
  readonly send: <K extends Operation>(operation: K, input: Input<K>, options?: SendOptions) => Sent<K>
  /** The cached reads that need no call. */
  readonly hits: () => Hits
  readonly onClose: (run: () => unknown) => void
  readonly start: (layers: Composed) => void
  readonly close: () => Promise<void>
}

export interface SendOptions extends CallOptions {
  readonly maxAgeMs?: number | undefined
}

export interface Sent<K extends Operation> {
  readonly output: Promise<Output<K>>
  readonly trail: Trail
}

export function dispatcher({ now }: Timing): Dispatcher {
  const closers: (() => unknown)[] = []
  let closing: Promise<void> | undefined
  let layers: Composed = { handler: notOpen, hits: noHits }

  const send = <K extends Operation>(operation: K, input: Input<K>, options: SendOptions = {}): Sent<K> => {
    const trail: Trail = { source: 'provider', attempts: 0 }
    if (closing !== undefined) return { output: Promise.reject(closed(operation)), trail }
    checkFields(operation, options, operation === 'get' ? readFields : callFields)
    const { signal, deadlineMs, maxAgeMs } = options
    if (signal !== undefined && !isSignal(signal)) throw new TypeError('signal must be an AbortSignal')
    checkMs('deadlineMs', deadlineMs)
    checkMs('maxAgeMs', maxAgeMs)
    const context = {
      trail,
      ...(signal === undefined ? {} : { signal }),
      ...(deadlineMs === undefined ? {} : { deadlineAt: now() + deadlineMs }),
      ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
    }
    return { output: layers.handler({ operation, input, context }), trail }
  }

  return {
    send,
    hits: () => layers.hits,
    onClose: (run) => {
      closers.push(run)
    },
    start: (started) => {
      layers = started
    },
    close: () => {
      closing ??= Promise.all(closers.map(async (run) => run())).then(() => undefined)
      return closing
    },
  }
}

const callFields: Fields<CallOptions> = { signal: true, deadlineMs: true }
const readFields: Fields<SendOptions> = { ...callFields, maxAgeMs: true }

/** Of this realm or another. */
function isSignal(signal: unknown): boolean {
  return typeof signal === 'object' && signal !== null && 'aborted' in signal && 'addEventListener' in signal
}

function checkMs(field: string, value: number | undefined): void {
  if (value === undefined || (typeof value === 'number' && value >= 0)) return
  throw new TypeError(`${field} must be a number of milliseconds, 0 or more`)
}

async function notOpen(): Promise<never> {
  throw new SecretError({ code: 'CLOSED', message: 'the store is not open yet' })
}

function closed(operation: Operation): SecretError {
  const message = `${operation}: the store is closed; open a new one`
  return new SecretError({ code: 'CLOSED', message, operation })
}
