import type { Layer } from '../layer.js'
import type { Call, Operation, Output } from '../operations.js'
import { effects } from '../operations.js'
import { failure } from './endings.js'

/**
 * Refuses every write with `PERMISSION_DENIED` before anything is sent. Not `UNSUPPORTED`: the backend could, this
 * store may not, and `capabilities` goes on speaking of the backend.
 */
export function readOnly(): Layer {
  return {
    name: 'read-only',
    wrap: (next, env) => {
      env.onHit((hit) => hit)
      return async <K extends Operation>(call: Call<K>): Promise<Output<K>> => {
        if (effects[call.operation] === 'read') return next(call)
        throw failure(env, call, 'PERMISSION_DENIED', 'this store is read only; write through another store')
      }
    },
  }
}
