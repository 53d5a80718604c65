import type { LayerEnv } from '../../layer.js'
import type { Call, GetInput, Handler, SecretRecord, Trail } from '../../operations.js'
import { endedBy, whenAborted } from '../endings.js'
import type { AgeClock } from './clock.js'
import type { Identity } from './identity.js'

export type Landing = PromiseSettledResult<SecretRecord>

export interface Flights {
  /**
   * Joins the read that is under way, or starts one. A flight that departed `maxAgeMs` ago or earlier is too old to
   * join: then the next one is awaited, which departs when this one has landed and carries all who came meanwhile.
   */
  readonly join: (call: Call<'get'>, identity: Identity) => Promise<SecretRecord>
  /** Sends the reads of a group that are under way anew: they may have seen what a write is changing. */
  readonly restart: (group: string) => void
}

export interface FlightsOptions {
  readonly next: Handler
  readonly env: LayerEnv
  readonly clock: AgeClock
  /** Runs before those who wait hear of it; gives what they hear. */
  readonly landed: (identity: Identity, landing: Landing, departedAt: number) => Landing
}

/**
 * One read that several callers share, under a signal of its own. At any time a key has one request whose answer
 * counts: so no answer can bring back what another reader saw replaced.
 */
interface Flight {
  readonly identity: Identity
  readonly input: GetInput
  readonly trail: Trail
  readonly waiters: Set<Waiter>
  /** Nobody who waits has come. */
  background: boolean
  /** Of the request that counts; aborted when nobody waits for it any more. */
  controller: AbortController
  departedAt: number | undefined
  /** Who came too late for this flight. */
  next: Flight | undefined
}

type Waiter = (landing: Landing, trail: Trail) => void

export function flightsOf({ next, env, clock, landed }: FlightsOptions): Flights {
  const current = new Map<string, Flight>()

  const open = ({ input }: Call<'get'>, identity: Identity): Flight => ({
    identity,
    input,
    background: true,
    trail: { source: 'provider', attempts: 0 },
    waiters: new Set(),
    controller: new AbortController(),
    departedAt: undefined,
    next: undefined,
  })
  const start = (flight: Flight): void => {
    current.set(flight.identity.key, flight)
    void fly(flight)
  }
  const retire = (flight: Flight): void => {
    current.delete(flight.identity.key)
    if (flight.next !== undefined) start(flight.next)
  }
  const fly = async (flight: Flight): Promise<void> => {
    const { identity, input, controller, trail, waiters } = flight
    // Callers of the same turn share a flight, whatever age they accept.
    await undefined
    if (waiters.size === 0) return retire(flight)
    const departedAt = clock.now()
    flight.departedAt = departedAt
    const { signal } = controller
    const context = { signal, trail, ...(flight.background && { background: true }) }
    const send = async (): Promise<SecretRecord> => next({ operation: 'get', input, context })
    const [answer] = await Promise.allSettled([send()])
    if (signal.aborted) return
    const landing = landed(identity, answer, departedAt)
    retire(flight)
    const others: Trail = { source: 'cache', attempts: 0 }
    for (const [index, waiter] of [...waiters].entries()) waiter(landing, index === 0 ? trail : others)
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
    if (departedAt === undefined || Math.max(0, clock.now() - departedAt) < maxAgeMs) return flight
    flight.next ??= open(call, identity)
    return flight.next
  }

  return {
    join: (call, identity) =>
      new Promise((resolve, reject) => {
        const { trail, background = false } = call.context
        const flight = choose(call, identity)
        flight.background &&= background
        const leave = (): void => {
          stopListening()
          flight.waiters.delete(waiter)
        }
        const waiter: Waiter = (landing, told) => {
          leave()
          Object.assign(trail, told)
          if (landing.status === 'fulfilled') resolve(landing.value)
          else reject(landing.reason)
        }
        const stopListening = whenAborted(call.context.signal, (signal) => {
          leave()
          if (flight.waiters.size === 0) {
            trail.attempts = flight.trail.attempts
            if (flight.departedAt !== undefined) {
              flight.controller.abort()
              retire(flight)
            }
          }
          reject(endedBy(signal, env, call))
        })
        flight.waiters.add(waiter)
      }),
    restart: (group) => {
      for (const flight of current.values()) {
        if (flight.identity.group !== group || flight.departedAt === undefined) continue
        flight.controller.abort()
        flight.controller = new AbortController()
        flight.departedAt = undefined
        void fly(flight)
      }
    },
  }
}
