import type { EmulatorRequest } from 'strongroom/testing'
import { badRequest, VaultError } from './errors.js'
import { boolOf, intOf } from './fields.js'
import type { Answer, Json, JsonObject, World } from './model.js'
import type { NodeRole } from './settings.js'
import { uuidOf } from './world.js'

/** Codes of sys/health by the state of the node, and the names that a query overrides them by. */
const codes: Readonly<Record<NodeRole | 'sealed', readonly [code: number, override: string]>> = {
  active: [200, 'activecode'],
  standby: [429, 'standbycode'],
  'performance-standby': [473, 'performancestandbycode'],
  'recovery-secondary': [472, 'drsecondarycode'],
  uninitialized: [501, 'uninitcode'],
  sealed: [503, 'sealedcode'],
}

export function isSealed({ core, settings }: World): boolean {
  return core.get('state')?.sealed === true || settings.node === 'uninitialized'
}

export function health(world: World, { query }: EmulatorRequest): Answer {
  const { node, facts } = world.settings
  const state = node !== 'uninitialized' && isSealed(world) ? 'sealed' : node
  const [code, override] = codes[state]
  for (const [, name] of Object.values(codes)) {
    const text = query.get(name)
    if (text !== null && intOf(text) === undefined) throw new VaultError(400, [])
  }
  const isExcused =
    (state === 'standby' && isOn(query, 'standbyok')) ||
    (state === 'performance-standby' && (isOn(query, 'perfstandbyok') || isOn(query, 'standbyok')))
  const given = query.get(isExcused ? 'activecode' : override)
  const isUp = state !== 'sealed' && state !== 'uninitialized'
  return {
    status: intOf(given ?? undefined) ?? (isExcused ? 200 : code),
    raw: {
      initialized: state !== 'uninitialized',
      sealed: !isUp,
      standby: state !== 'active',
      ...(facts.performanceStandby ? { performance_standby: state === 'performance-standby' } : {}),
      replication_performance_mode: isUp ? 'disabled' : 'unknown',
      replication_dr_mode: state === 'recovery-secondary' ? 'secondary' : isUp ? 'disabled' : 'unknown',
      server_time_utc: Math.floor(world.now / 1_000),
      version: facts.version,
      ...(isUp ? clusterOf(world) : {}),
    },
  }
}

export function sealStatus(world: World): Answer {
  const { facts, node } = world.settings
  return {
    raw: {
      type: 'shamir',
      initialized: node !== 'uninitialized',
      sealed: isSealed(world),
      t: 1,
      n: 1,
      progress: 0,
      nonce: '',
      version: facts.version,
      commit_date: '2026-11-01T00:00:00Z',
      migration: false,
      ...(isSealed(world) ? {} : clusterOf(world)),
      recovery_seal: false,
      storage_type: 'inmem',
    },
  }
}

export function initStatus({ settings }: World): Answer {
  return { raw: { initialized: settings.node !== 'uninitialized' } }
}

export function refuseInit(): never {
  throw badRequest('Vault is already initialized')
}

export function leader(): Answer {
  return { raw: { ha_enabled: false } }
}

export function seal(world: World): undefined {
  world.core.set('state', { sealed: true })
}

export function unseal(world: World, data: JsonObject): Answer {
  const key = data['key']
  if (boolOf(data['reset']) === true) return sealStatus(world)
  if (typeof key !== 'string' || key === '') {
    throw badRequest("'key' must be specified in request body as JSON, or 'reset' set to true")
  }
  if (!isSealed(world) || world.settings.node === 'uninitialized') return sealStatus(world)
  if (key !== world.settings.unsealKey) throw badRequest(`invalid key: ${complaint(key)}`)
  world.core.set('state', { sealed: false })
  return sealStatus(world)
}

function complaint(key: string): string {
  const { length } = Buffer.from(key, /^[0-9a-f]+$/i.test(key) && key.length % 2 === 0 ? 'hex' : 'base64')
  if (length < 16) return 'key is shorter than minimum 16 bytes'
  return length > 33 ? 'key is longer than maximum 33 bytes' : 'cipher: message authentication failed'
}

function isOn(query: URLSearchParams, name: string): boolean {
  const text: Json | undefined = query.get(name) ?? undefined
  return text === '' || boolOf(text) === true
}

function clusterOf({ settings }: World): JsonObject {
  const id = uuidOf(`cluster ${settings.rootToken}`)
  return { cluster_name: `vault-cluster-${id.slice(0, 8)}`, cluster_id: id }
}
