import { checkFields, type Fields } from '../fields.js'
import type { Layer } from '../layer.js'
import type { Call, Operation, Output } from '../operations.js'
import { effects } from '../operations.js'
import { checkNumber, failure, withinTime } from './endings.js'

export interface TimeoutOptions {
  /** Milliseconds that one attempt of a read may take. Default 10,000. */
  readonly readMs?: number
  /**
   * Milliseconds that one attempt of a write may take. Default 30,000: a write that is given up is one whose outcome
   * nobody knows, and a delete returns only when the service has settled.
   */
  readonly writeMs?: number
}

const fields: Fields<TimeoutOptions> = { readMs: true, writeMs: true }

/**
 * Ends an attempt that takes too long with `TIMEOUT`: aborts its signal, and lets go of it by itself, since a client
 * may ignore the signal. An answer or an error that comes later is dropped. A write that had been sent says
 * `outcomeUnknown`.
 *
 * @throws {TypeError} for a limit that is not above 0.
 */
export function timeout(options: TimeoutOptions = {}): Layer {
  checkFields('timeout', options, fields)
  const { readMs = 10_000, writeMs = 30_000 } = options
  checkNumber('timeout: readMs', readMs, 'a number above 0')
  checkNumber('timeout: writeMs', writeMs, 'a number above 0')
  return {
    name: 'timeout',
    wrap:
      (next, env) =>
      <K extends Operation>(call: Call<K>): Promise<Output<K>> => {
        const limitMs = effects[call.operation] === 'read' ? readMs : writeMs
        return withinTime(call, next, env, {
          limitMs,
          expired: (outcomeUnknown) =>
            failure(env, call, 'TIMEOUT', `no answer within ${limitMs} ms`, { outcomeUnknown }),
          lastWord: false,
        })
      },
  }
}
