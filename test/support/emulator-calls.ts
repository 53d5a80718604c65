import type { Emulator } from 'strongroom/testing'

/** All requests that an emulator has answered. */
export function requestsOf({ calls }: Emulator): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0)
}

/** The requests that reach an emulator while `run` runs, by operation of the service; what was not called is absent. */
export async function callsDuring(
  emulator: Emulator,
  run: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const before = emulator.calls
  await run()
  const counts = Object.entries(emulator.calls).map(
    ([operation, count]) => [operation, count - (before[operation] ?? 0)] as const,
  )
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}
