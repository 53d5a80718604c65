import type { EmulatorReply } from 'strongroom/testing'
import type { GcpError } from './errors.js'
import type { Rpc } from './rpcs.js'

/** One call, whatever it came in on. */
export interface Exchange {
  readonly rpc: Rpc
  /** How long the client waits, from the arrival on. Absent: for ever. */
  readonly timeoutMs?: number
  /** @throws {GcpError} for a request that is no message of the method. */
  read(): object
  answer(message: object): EmulatorReply
  refuse(error: GcpError): EmulatorReply
}
