import { randomUUID } from 'node:crypto'
import { SecretError } from '../../errors.js'
import type { Call, Handler, Input, Operation, Output, PutInput, SwapRecordInput } from '../../operations.js'
import type { Capabilities } from '../../provider.js'

type Rule<K extends Operation> = boolean | ((input: Input<K>, capabilities: Capabilities) => boolean)

/**
 * Whether a request whose outcome is unknown may be sent again. The first copy may have been carried out, or may still
 * arrive late; somebody else may have acted in between. Harmless is what leaves the backend as one copy would, and
 * undoes nothing that somebody else did.
 *
 * `checked` preconditions do not count: two copies may read before either writes, and both pass.
 */
const harmless: { readonly [K in Operation]: Rule<K> } = {
  get: true,
  describe: true,
  listPage: true,
  versionsPage: true,
  readRecord: true,
  put: ({ ifVersion, ifAbsent, stage, idempotencyKey }, capabilities) => {
    if (idempotencyKey !== undefined) return capabilities.putIdempotent
    if (ifAbsent === true) return capabilities.putIfAbsent === 'atomic'
    // A pending put leaves `ifVersion` current: the second copy would pass too, and make a second version.
    return ifVersion !== undefined && stage === 'current' && capabilities.putIfVersion === 'atomic'
  },
  // Without the fence, a second copy would take back what another writer promoted after the first.
  promote: ({ ifCurrent }) => ifCurrent !== undefined,
  discard: true,
  // Destroyed is for ever; enabling or disabling again would undo what somebody else decided in between.
  setVersionState: ({ state }) => state === 'destroyed',
  tag: false,
  // Between two copies the name may have been restored or made anew; a second purge would lose the new secret.
  delete: false,
  restore: false,
  swapRecord: (_, { recordSwap }) => recordSwap === 'atomic',
}

export function repeatIsHarmless<K extends Operation>(call: Call<K>, capabilities: Capabilities): boolean {
  const rule: Rule<K> = harmless[call.operation]
  return typeof rule === 'boolean' ? rule : rule(call.input, capabilities)
}

/** The call with an idempotency key, where it is a put without one and the backend knows them. */
export function keyed<K extends Operation>(call: Call<K>, { putIdempotent }: Capabilities): Call<K> {
  if (call.operation !== 'put' || !putIdempotent) return call
  return { ...call, input: { idempotencyKey: randomUUID(), ...call.input } }
}

export type Attempt<K extends Operation> = { readonly output: Output<K> } | { readonly error: SecretError }

export async function attempted<K extends Operation>(call: Call<K>, next: Handler): Promise<Attempt<K>> {
  try {
    return { output: await next(call) }
  } catch (error) {
    if (!SecretError.is(error)) throw error
    return { error }
  }
}

/**
 * Whether a precondition failed because an earlier attempt of the same call had been carried out: then the answer that
 * was lost, else `undefined`. A record is told by its nonce, which no other write has. A value is told by its bytes:
 * should somebody else have stored the same value, what the caller wanted is there all the same.
 */
export async function readBack<K extends Operation>(
  { operation, input, context }: Call<K>,
  { code }: SecretError,
  next: Handler,
): Promise<{ readonly output: Output<K> } | undefined> {
  if (code !== 'CONFLICT' && code !== 'ALREADY_EXISTS') return undefined
  if (operation === 'swapRecord') {
    const { name, namespace = 'user', record } = input as SwapRecordInput
    const found = await attempted({ operation: 'readRecord', input: { name, namespace }, context }, next)
    if ('error' in found || record === null || found.output.record?.nonce !== record.nonce) return undefined
    return { output: { revision: found.output.revision } as Output<K> }
  }
  if (operation !== 'put') return undefined
  const { name, namespace = 'user', stage, value } = input as PutInput
  const found = await attempted({ operation: 'get', input: { name, namespace, stage }, context }, next)
  if ('error' in found || !found.output.value.equals(value)) return undefined
  return { output: { version: found.output.version } as Output<K> }
}
