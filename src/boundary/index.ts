import { SecretError } from '../errors.js'
import { systemRoot, textOf } from '../names.js'
import type { Call, Handler, Input, Operation, Output } from '../operations.js'
import type { ProviderContext, ProviderInput, SecretProvider } from '../provider.js'
import type { Timing } from '../timing.js'
import { sleep } from '../timing.js'
import { admit } from './admission.js'
import { answer } from './answer.js'
import { abortError, toSecretError } from './failure.js'
import { type ResolvedName, recordRefOf, resolveName } from './target.js'

export { resolveName } from './target.js'

/**
 * Stands around every provider, innermost and always on: normalises and encodes the name, refuses what the
 * capabilities deny before the wire, calls, classifies and wraps an error exactly once, and checks the shape of the
 * answer.
 */
export function boundary(provider: SecretProvider, timing: Timing): Handler {
  return async <K extends Operation>(call: Call<K>): Promise<Output<K>> => {
    const { operation, input } = call
    const shown = shownName(input)
    let sent = false
    try {
      const asked = resolve(provider, operation, input)
      admit(provider, operation, input)
      const signal = call.context.signal ?? new AbortController().signal
      if (signal.aborted) throw abortError(signal)
      const context = contextOf(signal, call.context.background, timing)
      sent = true
      call.context.trail.attempts += 1
      const raw = await provider.operations[operation](asked.input, context).catch((error: unknown) => {
        throw signal.aborted ? abortError(signal) : error
      })
      const checked = answer(operation, raw, { provider, ...asked })
      if ('output' in checked) return checked.output
      throw new SecretError({ code: 'UNAVAILABLE', message: checked.problem })
    } catch (error) {
      if (error instanceof TypeError && !sent) throw error
      throw toSecretError(error, call, provider, shown, sent)
    }
  }
}

interface Asked<K extends Operation> {
  readonly input: ProviderInput<K>
  readonly target: ResolvedName | undefined
  readonly listing: { readonly prefix: string; readonly root: string; readonly system: boolean } | undefined
}

const recordOperations: ReadonlySet<Operation> = new Set<Operation>(['readRecord', 'swapRecord'])

function resolve<K extends Operation>(provider: SecretProvider, operation: K, input: Input<K>): Asked<K> {
  if ('name' in input) {
    const { name, namespace, ...rest } = input
    const target = resolveName(provider, name, namespace)
    const { ref, canonical } = target
    const record = recordOperations.has(operation) && { recordRef: recordRefOf(provider, canonical) }
    return {
      input: { ...rest, ref, canonical, ...record } as unknown as ProviderInput<K>,
      target,
      listing: undefined,
    }
  }
  const { namespace, prefix = '', ...rest } = input as Input<'listPage'>
  const system = namespace === 'system'
  const root = system ? systemRoot : provider.names.prefix
  const refPrefix = stableSpelling(provider, root + prefix)
  return {
    input: { ...rest, refPrefix } as unknown as ProviderInput<K>,
    target: undefined,
    listing: { prefix, root, system },
  }
}

/** What the spellings of all names with this beginning begin with: an end that may open an escape is left off. */
function stableSpelling(provider: SecretProvider, beginning: string): string {
  return provider.names.encode(beginning.replace(/[-_](?:x[0-9a-f]*)?$/i, ''))
}

function shownName(input: Input<Operation>): string | undefined {
  return 'name' in input ? textOf(input.name) : undefined
}

function contextOf(signal: AbortSignal, background: boolean | undefined, timing: Timing): ProviderContext {
  return { signal, now: timing.now, sleep: (delayMs) => sleep(timing, delayMs, { signal, background }) }
}
