/** Counts the requests that arrived at a service, by operation: one for each attempt of a client, faults included. */
export interface CallCounter {
  record(operation: string): void
  /** A copy of the counts. An operation that was never called is absent. */
  snapshot(): Readonly<Record<string, number>>
  clear(): void
}

export function createCallCounter(): CallCounter {
  const counts = new Map<string, number>()
  return {
    record(operation) {
      counts.set(operation, (counts.get(operation) ?? 0) + 1)
    },
    snapshot: () => Object.freeze(Object.fromEntries(counts)),
    clear: () => counts.clear(),
  }
}
