import type { Failure, Operation, ProviderOperation, SecretProvider, SecretValue } from 'strongroom/provider'

type Change = { readonly [K in Operation]?: (next: ProviderOperation<K>) => ProviderOperation<K> }

/** A provider with one mistake in it, and the case that must find it. */
export interface WrongProvider {
  readonly mistake: string
  readonly caughtBy: string
  readonly spoil: (provider: SecretProvider) => SecretProvider
}

/** Replaces operations by ones that go wrong. */
export function changing(change: Change): WrongProvider['spoil'] {
  return (provider) => {
    const changed = Object.entries(change).map(([operation, wrap]) => {
      const next = provider.operations[operation as Operation]
      return [operation, (wrap as unknown as (inner: typeof next) => typeof next)(next)]
    })
    return { ...provider, operations: { ...provider.operations, ...Object.fromEntries(changed) } }
  }
}

/** Replaces what an error is taken for. */
export function classifying(change: (failure: Failure) => Failure): WrongProvider['spoil'] {
  return (provider) => ({ ...provider, classify: (error) => change(provider.classify(error)) })
}

/** Stores something else than was put. */
export const storing = (change: (value: SecretValue) => SecretValue): WrongProvider['spoil'] =>
  changing({ put: (next) => (input, context) => next({ ...input, value: change(input.value) }, context) })
