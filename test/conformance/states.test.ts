import { createStore, type GetOptions, SecretError, type SecretStore } from 'strongroom'
import { aws } from 'strongroom/aws'
import { awsEmulator } from 'strongroom/aws/emulator'
import { azure } from 'strongroom/azure'
import { azureEmulator } from 'strongroom/azure/emulator'
import { gcp } from 'strongroom/gcp'
import { gcpEmulator } from 'strongroom/gcp/emulator'
import type { ErrorCode, SecretProvider } from 'strongroom/provider'
import { type Clock, createClock, type Emulator, type FaultRule, parseJson } from 'strongroom/testing'
import { vault } from 'strongroom/vault'
import { vaultEmulator } from 'strongroom/vault/emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clockTiming } from '../support/clock-timing.js'
import { requestsOf } from '../support/emulator-calls.js'

const states = ['missing', 'denied', 'disabled', 'pending deletion', 'destroyed', 'unreachable'] as const
type State = (typeof states)[number]
type Cloud = 'aws' | 'azure' | 'gcp' | 'vault'

interface Reached {
  readonly code: ErrorCode
  /** What a plain read costs: one request, and one more where that is how the state is told from another. */
  readonly requests: 1 | 2
  /** Gives the store that then reads, where it is another one. */
  readonly reach: (bench: Bench) => Promise<SecretStore | undefined>
  /** Default: the current version is read. */
  readonly read?: GetOptions
}

interface Absent {
  readonly absent: string
}

interface Bench {
  readonly emulator: Emulator
  readonly store: SecretStore
  readonly open: (provider: SecretProvider) => SecretStore
}

const name = 'db-password'

const stored = async ({ store }: Bench): Promise<undefined> => {
  await store.put(name, 'v1')
}
const deleted = async ({ store }: Bench): Promise<undefined> => {
  await store.put(name, 'v1')
  await store.delete(name)
}
const its1stVersion = (state: 'disabled' | 'destroyed'): Reached['reach'] => {
  return async ({ store }) => {
    const { version } = await store.put(name, 'v1')
    await store.setVersionState(name, version, state)
    return undefined
  }
}
/** Nothing that a secret has: what the service, or the way to it, makes of every request. */
const always = (code: ErrorCode, rule: Omit<FaultRule, 'operation'>): Reached => ({
  code,
  requests: 1,
  reach: async (bench) => {
    await stored(bench)
    bench.emulator.faults.add({ operation: '*', ...rule })
    return undefined
  },
})
const missing = (requests: 1 | 2): Reached => ({ code: 'NOT_FOUND', requests, reach: async () => undefined })
const denied = (error: string): Reached => always('PERMISSION_DENIED', { error })
/** The connection ends, and no answer comes. */
const unreachable = always('UNAVAILABLE', { drop: 'before' })

/** What a read of each state of each service must come to. */
const table: Readonly<Record<Cloud, Readonly<Record<State, Reached | Absent>>>> = {
  aws: {
    missing: missing(1),
    denied: denied('AccessDeniedException'),
    disabled: { absent: 'a version has labels, and nothing that switches it off' },
    'pending deletion': { code: 'PENDING_DELETION', requests: 1, reach: deleted },
    destroyed: { absent: 'no operation removes a version; the service itself reaps those without a label' },
    unreachable,
  },
  azure: {
    // 404 is also what a secret in the trash answers: the trash is asked.
    missing: missing(2),
    denied: denied('ForbiddenByRbac'),
    disabled: { code: 'DISABLED', requests: 1, reach: its1stVersion('disabled') },
    'pending deletion': { code: 'PENDING_DELETION', requests: 2, reach: deleted },
    destroyed: { absent: 'versions are removed with their secret only' },
    unreachable,
  },
  gcp: {
    missing: missing(1),
    denied: denied('PERMISSION_DENIED'),
    disabled: { code: 'DISABLED', requests: 1, reach: its1stVersion('disabled') },
    'pending deletion': { absent: 'DeleteSecret takes effect at once, and for good' },
    destroyed: { code: 'NOT_FOUND', requests: 1, reach: its1stVersion('destroyed') },
    unreachable,
  },
  vault: {
    missing: missing(1),
    denied: {
      code: 'PERMISSION_DENIED',
      requests: 1,
      reach: async (bench) => {
        await stored(bench)
        const policy = 'path "secret/data/warm-up" { capabilities = ["read"] }'
        await toVault(bench.emulator, 'sys/policies/acl/weak', { policy })
        const answer = await toVault(bench.emulator, 'auth/token/create', { policies: ['weak'] })
        const { auth } = parseJson(answer) as { auth: { client_token: string } }
        const reader = bench.open(vault({ address: bench.emulator.url, token: auth.client_token }))
        await reader.find('warm-up')
        return reader
      },
    },
    // Of the current version, the same deletion puts the secret into the trash: another look tells which it is.
    disabled: {
      code: 'DISABLED',
      requests: 2,
      reach: async ({ store, emulator }) => {
        await store.put(name, 'v1')
        await store.put(name, 'v2')
        await toVault(emulator, `secret/delete/${name}`, { versions: [1] })
        return undefined
      },
      read: { version: '1' },
    },
    'pending deletion': { code: 'PENDING_DELETION', requests: 1, reach: deleted },
    destroyed: { code: 'NOT_FOUND', requests: 1, reach: its1stVersion('destroyed') },
    unreachable,
  },
}

async function toVault({ url }: Emulator, path: string, body: object): Promise<string> {
  const headers = { 'x-vault-token': 'root' }
  const answer = await fetch(`${url}/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return answer.text()
}

const clouds: Readonly<
  Record<Cloud, readonly [(clock: Clock) => Promise<Emulator>, (emulator: Emulator) => SecretProvider]>
> = {
  aws: [
    (clock) => awsEmulator({ clock, region: 'eu-west-1' }),
    ({ url }) => aws({ region: 'eu-west-1', endpoint: url }),
  ],
  azure: [(clock) => azureEmulator({ clock }), ({ httpUrl }) => azure({ endpoint: httpUrl })],
  gcp: [(clock) => gcpEmulator({ clock }), ({ url }) => gcp({ project: 'my-project', endpoint: url })],
  vault: [(clock) => vaultEmulator({ clock }), ({ url }) => vault({ address: url, token: 'root' })],
}

describe.each(Object.keys(clouds) as Cloud[])('%s', (cloud) => {
  const [start, provider] = clouds[cloud]
  const clock = createClock({ start: Date.UTC(2026, 0, 1), frozen: true })
  let bench: Bench

  beforeAll(async () => {
    const emulator = await start(clock)
    const open: Bench['open'] = (own) =>
      createStore({
        provider: own,
        layers: [],
        ...clockTiming(clock),
      })
    bench = { emulator, open, store: open(provider(emulator)) }
  })
  // Before its first request a client may meet a challenge, or look at its token and mount.
  beforeEach(async () => {
    bench.emulator.faults.clear()
    bench.emulator.reset()
    await bench.store.find('warm-up')
  })
  afterAll(async () => {
    await bench.store.close()
    await bench.emulator.close()
  })

  for (const state of states) {
    const cell = table[cloud][state]
    if ('absent' in cell) {
      it(`has no secret that is ${state}: ${cell.absent}`, () => {
        const { versionDisable, versionDestroy, deleteRecoverable } = bench.store.capabilities
        const fact = {
          disabled: versionDisable,
          destroyed: versionDestroy,
          'pending deletion': deleteRecoverable,
        }
        expect(fact).toHaveProperty([state], false)
      })
      continue
    }
    const { code, requests, reach, read = {} } = cell
    it(`tells ${state} by ${code}, in ${requests === 1 ? 'one request' : 'two requests'}`, async () => {
      const reader = (await reach(bench)) ?? bench.store
      const before = requestsOf(bench.emulator)
      const [settled] = await Promise.allSettled([reader.get(name, { ...read, maxAgeMs: 0 })])
      const error = settled.status === 'rejected' ? settled.reason : undefined
      expect(SecretError.is(error) ? error.code : error).toBe(code)
      expect(requestsOf(bench.emulator) - before).toBe(requests)
      if (reader !== bench.store) await reader.close()
    })
  }
})

describe('the table', () => {
  const cells: readonly (Reached | Absent)[] = Object.values(table).flatMap((row) => Object.values(row))
  const reached = cells.filter((cell) => 'code' in cell)

  it('gives each state of a service a code of its own, but for a version that is no more', () => {
    for (const row of Object.values(table)) {
      const codes = Object.entries(row).flatMap(([state, cell]) =>
        'code' in cell && state !== 'destroyed' ? [cell.code] : [],
      )
      expect(new Set(codes).size).toBe(codes.length)
    }
  })

  it('lets a state cost one request more only where the service says 404', () => {
    const dear = Object.entries(table).flatMap(([cloud, row]) =>
      Object.entries(row).flatMap(([state, cell]) =>
        'code' in cell && cell.requests > 1 ? [`${cloud}: ${state}`] : [],
      ),
    )
    expect(dear).toEqual(['azure: missing', 'azure: pending deletion', 'vault: disabled'])
  })

  it(`has ${reached.length} states, and ${cells.length - reached.length} that a service has not`, () => {
    expect([reached.length, cells.length]).toEqual([20, 24])
  })
})
