import { SecretError } from './errors.js'
import { checkFields, type Fields } from './fields.js'
import type { Handler, Input, Operation, Output, SecretRecord, Trail } from './operations.js'
import type { CallOptions } from './store.js'
import type { Timing } from './timing.js'

/** From the methods of a store to its layers: makes the call a value, and ends with the store. */
export interface Dispatcher {
  readonly send: <K extends Operation>(operation: K, input: Input<K>, options?: SendOptions) => Sent<K>
  readonly peek: (name: string) => SecretRecord | undefined
  readonly offerPeek: (peek: Peek) => void
  readonly onClose: (run: () => unknown) => void
  readonly start: (handler: Handler) => void
  readonly close: () => Promise<void>
}

/** Answers from memory alone: the current version of a name, when it is held and fresh. */
export type Peek = (name: string) => SecretRecord | undefined

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
  let handler: Handler = async () => {
    throw new SecretError({ code: 'CLOSED', message: 'the store is not open yet' })
  }
  let peek: Peek = () => undefined

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
    return { output: handler({ operation, input, context }), trail }
  }

  return {
    send,
    peek: (name) => (closing === undefined ? peek(name) : undefined),
    offerPeek: (offered) => {
      peek = offered
    },
    onClose: (run) => {
      closers.push(run)
    },
    start: (started) => {
      handler = started
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

function closed(operation: Operation): SecretError {
  const message = `${operation}: the store is closed; open a new one`
  return new SecretError({ code: 'CLOSED', message, operation })
}
