import type { LayerEnv } from '../../layer.js'
import type { Call, GetInput, Handler, SecretRecord, Trail } from '../../operations.js'
import { endedBy } from '../endings.js'
import type { Identity } from './identity.js'

export type Landing = PromiseSettledResult<SecretRecord>

export interface Flights {
  /**
   * Joins the read that is under way, or starts one. A flight that departed `maxAgeMs` ago or earlier is too old to
   * join: then the next one is awaited, which departs when this one has landed and carries all who came meanwhile.
   */
  readonly join: (call: Call<'get'>, identity: Identity) => Promise<SecretRecord>
  /** Lets the reads of a group that are under way answer those who wait for them, and nobody else. */
  readonly overtake: (group: string) => void
}

export interface FlightsOptions {
  readonly next: Handler
  readonly env: LayerEnv
  /** Runs before those who wait hear of it; not for a flight that was overtaken. */
  readonly landed: (identity: Identity, landing: Landing, departedAt: number) => void
}

/** One read that several callers share, under a signal of its own. */
interface Flight {
  readonly identity: Identity
  readonly input: GetInput
  readonly controller: AbortController
  readonly trail: Trail
  readonly waiters: Set<Waiter>
  departedAt: number | undefined
  overtaken: boolean
  /** Who came too late for this flight. */
  next: Flight | undefined
}

type Waiter = (landing: Landing, trail: Trail) => void

export function flightsOf({ next, env, landed }: FlightsOptions): Flights {
  /** The flight of each key that may still be joined or awaited. */
  const current = new Map<string, Flight>()

  const open = ({ input }: Call<'get'>, identity: Identity): Flight => ({
    identity,
    input,
    controller: new AbortController(),
    trail: { source: 'provider', attempts: 0 },
    waiters: new Set(),
    departedAt: undefined,
    overtaken: false,
    next: undefined,
  })

  const start = (flight: Flight): void => {
    current.set(flight.identity.key, flight)
    void fly(flight)
  }
  const retire = (flight: Flight): void => {
    const { key } = flight.identity
    if (current.get(key) !== flight) return
    current.delete(key)
    if (flight.next !== undefined && flight.next.waiters.size > 0) start(flight.next)
  }
  const fly = async (flight: Flight): Promise<void> => {
    // Callers of the same turn share a flight, whatever age they accept.
    await undefined
    if (flight.waiters.size === 0) return retire(flight)
    const departedAt = env.now()
    flight.departedAt = departedAt
    const { identity, input, controller, trail } = flight
    const send = async (): Promise<SecretRecord> =>
      next({ operation: 'get', input, context: { signal: controller.signal, trail } })
    const [landing] = await Promise.allSettled([send()])
    if (!flight.overtaken) landed(identity, landing, departedAt)
    retire(flight)
    const others: Trail = { source: 'cache', attempts: 0 }
    for (const [index, waiter] of [...flight.waiters].entries()) waiter(landing, index === 0 ? trail : others)
  }
  const choose = (call: Call<'get'>, identity: Identity): Flight => {
    const { maxAgeMs = Number.POSITIVE_INFINITY } = call.context
    const flight = current.get(identity.key)
    if (flight === undefined) {
      const first = open(call, identity)
      start(first)
      return first
    }
    const { departedAt } = flight
    if (departedAt === undefined || Math.max(0, env.now() - departedAt) < maxAgeMs) return flight
    flight.next ??= open(call, identity)
    return flight.next
  }

  return {
    join: (call, identity) =>
      new Promise((resolve, reject) => {
        const { signal, trail } = call.context
        const flight = choose(call, identity)
        const leave = (): void => {
          signal?.removeEventListener('abort', onAbort)
          flight.waiters.delete(waiter)
        }
        const waiter: Waiter = (landing, told) => {
          leave()
          Object.assign(trail, told)
          if (landing.status === 'fulfilled') resolve(landing.value)
          else reject(landing.reason)
        }
        const onAbort = (): void => {
          leave()
          if (flight.waiters.size === 0 && flight.departedAt !== undefined) {
            flight.overtaken = true
            flight.controller.abort()
            trail.attempts = flight.trail.attempts
            retire(flight)
          }
          if (signal !== undefined) reject(endedBy(signal, env, call))
        }
        flight.waiters.add(waiter)
        signal?.addEventListener('abort', onAbort, { once: true })
      }),
    overtake: (group) => {
      for (const flight of [...current.values()]) {
        if (flight.identity.group !== group) continue
        flight.overtaken = true
        retire(flight)
      }
    },
  }
}
