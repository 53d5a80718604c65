// #region facts
import {
  type Capabilities,
  defineProvider,
  type Failure,
  type Limits,
  nameCodec,
  type SecretProvider,
  SecretValue,
  type Stage,
  type VersionInfo,
} from 'strongroom/provider'
import { fail, type ToyClient, ToyError, type ToyVersion } from './toy-client.js'

const capabilities: Capabilities = {
  writable: true,
  list: true,
  listByTag: false,
  pending: 'none',
  putIfVersion: 'none',
  putIfAbsent: 'none',
  putIdempotent: false,
  recordSwap: 'none',
  versionOrder: 'total',
  versionDisable: false,
  versionDestroy: false,
  deleteRecoverable: false,
  purge: true,
  tagScope: 'none',
  binary: 'encoded',
  emptyValue: true,
  caseSensitiveNames: true,
  freshRead: 'always',
  expiry: 'none',
  nativeRotation: false,
}

const limits: Limits = {
  maxValueBytes: 65_536,
  maxNameLength: 255,
  namePattern: /^[A-Za-z0-9-]+$/,
  maxTags: 0,
  tagKeyPattern: /^$/,
  tagValuePattern: /^$/,
  maxTagKeyLength: 0,
  maxTagValueLength: 0,
  readsPerSecond: 100,
  writesPerSecond: 10,
  writesPerNewSecret: 1,
  propagationMs: 0,
  cacheTtlMs: 300_000,
  pricePer10kReads: 0,
}
// #endregion

// #region provider
export interface ToyOptions {
  readonly client: ToyClient
  readonly prefix?: string
}

export function toy({ client, prefix }: ToyOptions): SecretProvider {
  return defineProvider('toy', {
    capabilities,
    limits,
    names: nameCodec({ allowed: 'A-Za-z0-9-', prefix }),
    classify,

    async get({ ref, version, stage = 'current' }, { signal }) {
      const [current, previous] = await within(signal, client.history(ref))
      const id =
        version ?? (stage === 'previous' ? (previous?.id ?? fail(404, 'NoSuchVersion')) : current?.id)
      const found = await within(signal, client.read(ref, id))
      return { ...info(found, current, previous), tags: {}, value: decoded(found) }
    },
    async put({ ref, value }, { signal }) {
      const { id } = await within(signal, client.write(ref, encoded(value), value.kind))
      return { version: id }
    },
    async describe({ ref }, { signal }) {
      const [current, previous] = await within(signal, client.history(ref))
      const known = current && { current: info(current, current, previous) }
      return { id: ref, tags: {}, state: 'active', ...known }
    },
    async versionsPage({ ref }, { signal }) {
      const history = await within(signal, client.history(ref))
      const [current, previous] = history
      return { items: history.map((version) => info(version, current, previous)) }
    },
    async listPage({ cursor }, { signal }) {
      const keys = await within(signal, client.keys(cursor))
      const items = keys.map((key) => ({ ref: key, id: key }))
      const last = keys.at(-1)
      return last === undefined ? { items } : { items, cursor: last }
    },
    async delete({ ref }, { signal }) {
      await within(signal, client.remove(ref))
      return {}
    },
  })
}

/** A client that takes a signal gets it. This one does not: the provider stops between two requests. */
async function within<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
  const result = await answer
  signal.throwIfAborted()
  return result
}

function info(version: ToyVersion, current?: ToyVersion, previous?: ToyVersion): VersionInfo {
  const stages: Stage[] = []
  if (version.id === current?.id) stages.push('current')
  if (version.id === previous?.id) stages.push('previous')
  return { version: version.id, createdAt: new Date(version.at), state: 'enabled', stages }
}
// #endregion

// #region values
/** The service keeps text and a type: bytes become base64, and come back as bytes. */
function encoded(value: SecretValue): string {
  return value.kind === 'binary' ? Buffer.from(value.bytes()).toString('base64') : value.text()
}

function decoded({ body, type }: ToyVersion): SecretValue {
  if (type === 'binary') return SecretValue.binary(Buffer.from(body, 'base64'))
  return type === 'json' ? SecretValue.jsonText(body) : SecretValue.text(body)
}
// #endregion

// #region errors
function classify(error: unknown): Failure {
  if (!(error instanceof ToyError)) return { code: 'UNKNOWN' }
  const { status, reason: providerCode } = error
  if (status === 404) return { code: 'NOT_FOUND', providerCode, status }
  if (status === 403) return { code: 'PERMISSION_DENIED', providerCode, status }
  if (status === 401) return { code: 'UNAUTHENTICATED', providerCode, status }
  if (status === 429) return { code: 'RATE_LIMITED', providerCode, status }
  return { code: status >= 500 ? 'UNAVAILABLE' : 'UNKNOWN', providerCode, status }
}
// #endregion
