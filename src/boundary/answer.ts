import { fold } from '../names.js'
import type { Operation, Output, SecretSummary } from '../operations.js'
import type { ProviderOutput, SecretProvider } from '../provider.js'
import { SecretValue } from '../secret.js'
import { isSystem, type ResolvedName } from './target.js'

/** What a provider answered, checked and completed; or the problem with it, in words that name the field. */
export type Answer<K extends Operation> = { readonly output: Output<K> } | { readonly problem: string }

interface Asked {
  readonly provider: SecretProvider
  readonly target: ResolvedName | undefined
  /** For listings: the prefix that was asked for, and what stands before it. */
  readonly listing: { readonly prefix: string; readonly root: string; readonly system: boolean } | undefined
}

type Check = (value: unknown) => boolean
type Shape = { readonly [field: string]: Check }

const isText: Check = (value) => typeof value === 'string' && value !== ''
const isDate: Check = (value) => value instanceof Date && !Number.isNaN(value.getTime())
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const arrayOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const oneOf =
  (...allowed: string[]): Check =>
  (value) =>
    allowed.includes(value as string)
const shaped =
  (shape: Shape): Check =>
  (value) =>
    fault(value, shape) === undefined

const isStages = arrayOf(oneOf('current', 'previous', 'pending', 'newest-enabled'))
const isTags: Check = (value) =>
  isObject(value) && Object.values(value).every((item) => typeof item === 'string')
const versionInfo: Shape = {
  version: isText,
  createdAt: isDate,
  state: oneOf('enabled', 'disabled', 'destroyed'),
  stages: isStages,
  expiresAt: optional(isDate),
}
const nothing: Shape = {}

const shapes: { readonly [K in Operation]: Shape } = {
  get: { ...versionInfo, createdAt: optional(isDate), tags: optional(isTags), value: SecretValue.is },
  put: { version: isText },
  promote: { version: isText, previous: optional(isText) },
  discard: nothing,
  describe: {
    id: isText,
    current: optional(shaped(versionInfo)),
    pending: optional(isText),
    tags: isTags,
    state: oneOf('active', 'deleted'),
    recoverableUntil: optional(isDate),
    changedAt: optional(isDate),
    nativeRotation: optional(shaped({ enabled: (value) => typeof value === 'boolean' })),
    lastAccessedAt: optional(isDate),
  },
  listPage: {
    items: arrayOf(shaped({ ref: isText, id: isText, tags: optional(isTags) })),
    cursor: optional(isText),
  },
  versionsPage: { items: arrayOf(shaped(versionInfo)), cursor: optional(isText) },
  setVersionState: nothing,
  tag: nothing,
  delete: { recoverableUntil: optional(isDate) },
  restore: nothing,
  readRecord: {
    record: optional(shaped({ nonce: isText, of: isText })),
    revision: (value) => typeof value === 'string',
  },
  swapRecord: { revision: isText },
}

/** Checks the shape of an answer, and adds what the provider does not know: the user's name, canonical, kind. */
export function answer<K extends Operation>(operation: K, raw: ProviderOutput<K>, asked: Asked): Answer<K> {
  const shape = shapes[operation]
  const problem = shape === nothing ? undefined : fault(raw, shape)
  if (problem !== undefined) return { problem: `the answer has no usable ${problem}` }
  return { output: complete(operation, raw, asked) }
}

function complete<K extends Operation>(operation: K, raw: ProviderOutput<K>, asked: Asked): Output<K> {
  const names = asked.target && { name: asked.target.shown, canonical: asked.target.canonical }
  if (operation === 'get') {
    const record = raw as ProviderOutput<'get'>
    return { ...record, ...names, kind: record.value.kind } as unknown as Output<K>
  }
  if (operation === 'describe') return { ...(raw as object), ...names } as unknown as Output<K>
  if (operation === 'listPage') return listed(raw as ProviderOutput<'listPage'>, asked) as Output<K>
  return (shapes[operation] === nothing ? undefined : raw) as Output<K>
}

function listed({ items, cursor }: ProviderOutput<'listPage'>, asked: Asked): Output<'listPage'> {
  const summaries = items.flatMap(({ ref, ...item }) => {
    const name = nameOf(ref, asked)
    if (name === undefined) return []
    return [{ ...item, name, canonical: fold(ref, asked.provider.names.foldsCase) } satisfies SecretSummary]
  })
  return cursor === undefined ? { items: summaries } : { items: summaries, cursor }
}

/** The user's name of a listed spelling; `undefined` for system names and names outside the prefix. */
function nameOf(ref: string, { provider, listing }: Asked): string | undefined {
  const { foldsCase, decode } = provider.names
  if (listing === undefined || isSystem(provider, ref) !== listing.system) return undefined
  const full = decode(ref) ?? ref
  const wanted = listing.root + listing.prefix
  return fold(full, foldsCase).startsWith(fold(wanted, foldsCase))
    ? full.slice(listing.root.length)
    : undefined
}

/** The first field that breaks the shape. */
function fault(value: unknown, shape: Shape): string | undefined {
  if (!isObject(value)) return 'body'
  return Object.keys(shape).find((field) => shape[field]?.(value[field]) !== true)
}
