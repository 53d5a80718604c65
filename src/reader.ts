import type { Dispatcher } from './dispatch.js'
import { defined, SecretError } from './errors.js'
import type { Fields } from './fields.js'
import type { Gate } from './hits.js'
import type { GetInput, Namespace, SecretName, SecretRecord } from './operations.js'
import type { SecretProvider } from './provider.js'
import { applySchema, type Schemas } from './schema.js'
import { fieldOf, Secret } from './secret.js'
import type { GetOptions } from './store.js'
import { atEndOfTurn, turn } from './turn.js'

export interface Reader {
  readonly get: (name: SecretName, options?: GetOptions) => Promise<Secret<unknown>>
  readonly peek: (name: SecretName) => Secret<unknown> | undefined
  /** What the cache holds of a name that was read, fresh or not: for a look at its version, which is no read. */
  readonly held: (name: SecretName) => Secret<unknown> | undefined
}

export interface ReaderParts<S extends Schemas> {
  readonly provider: SecretProvider
  readonly dispatch: Dispatcher
  readonly secrets: S
  readonly namespace: Namespace
}

/** What was read by a name, shared by all who read it again. Few fields, in the order in which a hit needs them. */
interface Held {
  turn: number
  left: number
  readonly secret: Secret<unknown>
  readonly promise: Promise<Secret<unknown>>
  granted: number
  readonly gate: Gate
  readonly settle: () => void
}

/** Reads, and makes one shared `Secret` of each record that the layers hand out. */
export function readerOf<S extends Schemas>(parts: ReaderParts<S>): Reader {
  const { provider, dispatch, secrets, namespace } = parts
  const { open, complete } = dispatch.hits()
  const shared = new WeakMap<SecretRecord, Map<boolean, Secret<unknown>>>()
  const held = new Map<SecretName, Held>()
  let closed = false
  dispatch.onClose(() => {
    closed = true
    held.clear()
  })

  const secretOf = async (record: SecretRecord, stale: boolean): Promise<Secret<unknown>> => {
    const ofRecord = shared.get(record) ?? new Map<boolean, Secret<unknown>>()
    const known = ofRecord.get(stale)
    if (known !== undefined) return known
    const schema = Object.hasOwn(secrets, record.name) ? secrets[record.name] : undefined
    const typed = schema && { typed: await applySchema(schema, record.value) }
    const secret = new Secret<unknown>(record, { provider: provider.name, stale, ...typed })
    shared.set(record, ofRecord.set(stale, secret))
    return secret
  }
  const fieldSecret = (record: SecretRecord, field: string, stale: boolean): Secret<unknown> => {
    const value = fieldOf(record.value, field)
    return new Secret<unknown>({ ...record, kind: value.kind, value }, { provider: provider.name, stale })
  }
  /** Keeps what was read for those who come after, as long as the cache does. */
  const hold = (input: GetInput, record: SecretRecord, secret: Secret<unknown>): void => {
    const { name } = input
    if (closed || held.has(name)) return
    const hit = open(input)
    if (hit?.record !== record) return
    const known = heldOf(secret, hit)
    held.set(name, known)
    hit.onEnd(() => {
      held.delete(name)
      known.settle()
    })
  }

  const read = async (name: SecretName, options: GetOptions = {}): Promise<Secret<unknown>> => {
    const { version, stage, field, ...rest } = options
    const input: GetInput = { name, namespace, ...defined({ version, stage }) }
    const { output, trail } = dispatch.send('get', input, rest)
    const record = await output
    const stale = trail.source === 'stale'
    try {
      if (field !== undefined) return fieldSecret(record, field, stale)
      const secret = await secretOf(record, stale)
      if (typeof name === 'string' && version === undefined && stage === undefined)
        hold(input, record, secret)
      return secret
    } catch (error) {
      if (!SecretError.is(error)) throw error
      const message = `${provider.name}: get ${JSON.stringify(record.name)}: ${error.message}`
      throw error.with({ message, provider: provider.name, operation: 'get', secret: record.name })
    }
  }

  return {
    get: (name, options) => {
      const known = held.get(name)
      const isHit = known !== undefined && complete && asksForNothing(options) && take(known)
      return isHit ? known.promise : read(name, options)
    },
    peek: (name) => {
      const known = held.get(name)
      return known !== undefined && take(known) ? known.secret : undefined
    },
    held: (name) => held.get(name)?.secret,
  }
}

function heldOf(secret: Secret<unknown>, gate: Gate): Held {
  const held: Held = {
    turn: 0,
    left: 0,
    secret,
    promise: Promise.resolve(secret),
    granted: 0,
    gate,
    settle: () => {
      const times = held.granted - held.left
      held.granted = 0
      held.left = 0
      if (times > 0) gate.count(times)
    },
  }
  return held
}

/** Whether it may be given once more. Most often the turn has granted it, and this is all there is to a hit. */
function take(held: Held): boolean {
  if (held.turn !== turn.id || held.left === 0) return ask(held)
  held.left -= 1
  return true
}

function ask(held: Held): boolean {
  const { gate, settle } = held
  settle()
  const granted = gate.grant()
  if (granted === 0) return false
  if (granted === 1) {
    gate.count(1)
    return true
  }
  held.granted = granted
  held.left = granted - 1
  held.turn = turn.id
  atEndOfTurn(settle)
  return true
}

const fields: Fields<GetOptions> = {
  version: true,
  stage: true,
  field: true,
  maxAgeMs: true,
  signal: true,
  deadlineMs: true,
}
const fieldNames = Object.keys(fields) as (keyof GetOptions)[]

/** Whether options say no more than their absence would. */
function asksForNothing(options: GetOptions | undefined): boolean {
  if (options === undefined) return true
  if (typeof options !== 'object' || options === null) return false
  for (const field in options) if (!Object.hasOwn(fields, field)) return false
  return fieldNames.every((field) => options[field] === undefined)
}
