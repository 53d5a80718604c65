import { randomUUID } from 'node:crypto'
import { SecretError, type SecretStore } from 'strongroom'
import { canaryValue, leaksIn } from 'strongroom/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { effects, type Operation, operationNames } from '../../../src/operations.js'
import { type Subject, samples } from '../../../src/testing/conformance/samples.js'
import { watchConnections } from './connections.js'
import { expectedCell } from './expected.js'
import { startFaultServer, startStranger } from './fault-server.js'
import { type ConnectionFault, type Fault, faults, isConnectionFault, trickOf } from './faults.js'
import { type Service, storeOn } from './services.js'

/** JSON escapes it, URIs encode it, and base64 of it needs both of its odd characters. */
export const oddValue = (): string => `${canaryValue()}"\\ü/+~?>`

/** Every operation meets every fault of a service: a code, a number of requests and no leak for each cell. */
export function matrix(service: Service): void {
  describe(service.name, () => {
    let bench: Bench
    beforeAll(async () => {
      bench = await openBench(service)
    })
    afterAll(() => bench.close())

    for (const fault of faults) {
      for (const operation of operationNames) {
        it(`${operation} meets ${fault}`, async () => {
          const subject = await bench.prepare(operation)
          const { error, calls, strayed } = await bench.meet(fault, operation, subject)
          const seen = {
            code: error === undefined ? 'ok' : SecretError.is(error) ? error.code : String(error),
            calls,
            doubt: SecretError.is(error) && error.outcomeUnknown,
          }
          expect(seen).toEqual(expectedCell(service.name, fault, operation))
          expect(strayed).toBe(0)
          expect(leaksIn(error, [subject.stored, subject.value, ...service.credentials])).toEqual([])
          if (fault === '429-retry-after' && seen.code === 'RATE_LIMITED') {
            expect(error).toHaveProperty('retryAfterMs', 7_000)
          }
        })
      }
    }
  })
}

interface Prepared extends Subject {
  readonly stored: string
}

interface Place {
  readonly url: string
  close(): Promise<unknown>
}

interface Bench {
  /** A secret that the operation would do something to. */
  prepare(operation: Operation): Promise<Prepared>
  meet(
    fault: Fault,
    operation: Operation,
    subject: Subject,
  ): Promise<{ readonly error: unknown; readonly calls: number; readonly strayed: number }>
  close(): Promise<void>
}

async function openBench(service: Service): Promise<Bench> {
  const { emulator, url } = await service.start()
  const startFaults = service.startFaults ?? startFaultServer
  const [server, elsewhere] = await Promise.all([startFaults(url), startFaultServer(url)])
  const connections = watchConnections()
  const direct = storeOn(service, url, emulator)
  const patient = await warm(storeOn(service, server.url, emulator))
  const impatient = await warm(storeOn(service, server.url, emulator, server))
  let stored = ''

  return {
    async prepare(operation) {
      stored = oddValue()
      const name = `case-${randomUUID()}`
      let { version } = await direct.put(name, stored)
      const { revision } = await direct.readRecord(name)
      const needsPending = operation === 'promote' || operation === 'discard'
      if (needsPending && direct.capabilities.pending === 'native') {
        version = (await direct.put(name, oddValue(), { stage: 'pending' })).version
      }
      if (operation === 'restore' && direct.capabilities.deleteRecoverable) await direct.delete(name)
      return { name, version, value: oddValue(), revision, stored }
    },
    async meet(fault, operation, subject) {
      const strikesConnection = isConnectionFault(fault) || fault === 'reset-before'
      const isNew = isConnectionFault(fault) || (strikesConnection && service.keepsConnections === true)
      const place = isNew ? await placeOf(fault, operation) : server
      const fresh = isNew ? storeOn(service, place.url, emulator) : undefined
      const store = fresh ?? (fault === 'hang' ? impatient : patient)
      elsewhere.play({ kind: 'pass' })
      if (!isConnectionFault(fault)) playOn(fault, operation)
      connections.clear()
      const [settled] = await Promise.allSettled([samples[operation](store, subject)])
      const calls = strikesConnection ? connections.count(place.url) : server.requests()
      server.play({ kind: 'pass' })
      await fresh?.close()
      if (isNew) await place.close()
      return {
        error: settled.status === 'rejected' ? settled.reason : undefined,
        calls,
        strayed: elsewhere.requests(),
      }
    },
    async close() {
      connections.stop()
      await Promise.all([direct, patient, impatient].map((store) => store.close()))
      await Promise.all([server, elsewhere, emulator].map((each) => each.close()))
    },
  }

  /** An address of its own for each cell: clients that keep connections also keep what failed, and try it again. */
  async function placeOf(fault: ConnectionFault | 'reset-before', operation: Operation): Promise<Place> {
    if (fault === 'tls') return startStranger()
    if (fault === 'dns') return { url: service.unknownHost, close: async () => {} }
    if (fault === 'refused') {
      return { url: `http://127.0.0.1:${1 + operationNames.indexOf(operation)}`, close: async () => {} }
    }
    const closed = await startFaults(url)
    closed.play({ kind: 'reset-before' })
    return closed
  }

  function playOn(fault: Exclude<Fault, ConnectionFault>, operation: Operation): void {
    const losesEffect = fault === 'reply-lost' && effects[operation] === 'write'
    const trick = trickOf(fault, service, stored, elsewhere.url)
    server.play(trick, losesEffect ? service.isWrite : undefined)
  }
}

/** The first request of a client loads the SDK, and on Azure meets a challenge. */
async function warm(store: SecretStore): Promise<SecretStore> {
  for (let tries = 0; ; tries += 1) {
    const [settled] = await Promise.allSettled([store.find('warm-up')])
    if (settled.status === 'fulfilled') return store
    if (tries === 5) throw settled.reason
  }
}
