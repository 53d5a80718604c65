import type { LayerEnv } from '../../layer.js'
import type { GetInput } from '../../operations.js'
import type { Flights } from './flights.js'
import type { Identity } from './identity.js'

/** Reads in the background, which nobody waits for. */
export interface Refreshes {
  /** Asks anew for what is held, unless that is under way. */
  readonly ask: (identity: Identity, input: GetInput) => void
}

const maxAtOnce = 10

/**
 * A refresh is one more reader of a flight, who leaves when the store is closed. So others may join it, and an own
 * write sends it anew. How it ends is heard by those who learn from landings.
 */
export function refreshesOf(flights: Flights, { onClose }: LayerEnv): Refreshes {
  const closing = new AbortController()
  const waiting = new Map<string, () => void>()
  const running = new Set<string>()

  const run = async (identity: Identity, input: GetInput): Promise<void> => {
    const { key } = identity
    running.add(key)
    const trail = { source: 'provider' as const, attempts: 0 }
    const context = { signal: closing.signal, background: true, trail }
    await Promise.allSettled([flights.join({ operation: 'get', input, context }, identity)])
    running.delete(key)
    for (const [other, start] of waiting) {
      waiting.delete(other)
      start()
      break
    }
  }
  onClose(() => {
    waiting.clear()
    closing.abort()
  })

  return {
    ask: (identity, input) => {
      const { key } = identity
      if (closing.signal.aborted || running.has(key) || waiting.has(key)) return
      if (running.size < maxAtOnce) void run(identity, input)
      else waiting.set(key, () => void run(identity, input))
    },
  }
}
