import {
  beforeEffect,
  isFault,
  type ProviderContext,
  type ProviderInput,
  type ProviderOperations,
  type ProviderOutput,
  refusal,
  type SecretError,
  unless,
} from 'strongroom/provider'
import { type Accessed, access, isUnreadable, recordOf } from './access.js'
import { addVersion } from './create.js'
import { infoOf, newestEnabled, readCursor, readPage, writeCursor } from './history.js'
import { addOrCreate, conflict, createWith, exists, labelStored, type Stored } from './put.js'
import { describedAs, isVersionId, noVersion, readSecret, readVersion, type Version } from './resource.js'
import type { Service } from './service.js'
import { checkTags } from './tags.js'

type Operations = Pick<ProviderOperations, 'get' | 'put' | 'describe' | 'versionsPage'>
type Record = ProviderOutput<'get'>

/**
 * Current is what the service calls `latest`: the newest version, whatever its state. Previous is the newest before it
 * that is enabled.
 */
export function latestOperations(service: Service): Operations {
  const { secretOf } = service
  return {
    async get({ ref, version, stage = 'current' }, { signal }) {
      const secret = secretOf(ref)
      if (version !== undefined) return byVersion(service, secret, version, signal)
      if (stage === 'previous') return previous(service, secret, signal)
      if (stage === 'newest-enabled') return readNewestEnabled(service, secret, signal)
      return recordOf(await access(service, secret, 'latest', signal), ['current'])
    },

    async put(input, context) {
      if (input.tags !== undefined) checkTags(input.tags)
      const secret = secretOf(input.ref)
      const stored = await store(service, secret, input, context)
      await labelStored(service, secret, input, stored, context.signal)
      return { version: stored.version }
    },

    async describe({ ref }, { signal }) {
      const state = await readSecret(service, secretOf(ref), signal)
      const newest = await latestVersion(service, secretOf(ref), signal)
      return {
        ...describedAs(service, ref, state),
        ...(newest !== undefined && { current: infoOf(newest, ['current']) }),
      }
    },

    async versionsPage({ ref, cursor }, { signal }) {
      const { seen, token } = readCursor(cursor, ['current', 'both'])
      const { versions, nextPageToken } = await readPage(service, secretOf(ref), { token }, signal)
      let last = seen
      const items = versions.map((version) => {
        if (last === '') {
          last = 'current'
          return infoOf(version, ['current'])
        }
        if (last === 'both' || version.state !== 'enabled') return infoOf(version, [])
        last = 'both'
        return infoOf(version, ['previous'])
      })
      return { items, ...writeCursor(last, nextPageToken) }
    },
  }
}

/** Whether it is current costs a look at `latest`, which anybody may take who may read values at all. */
async function byVersion(
  service: Service,
  secret: string,
  version: string,
  signal: AbortSignal,
): Promise<Record> {
  if (!isVersionId(version)) throw noVersion(version)
  const read = await access(service, secret, version, signal)
  const newest = await access(service, secret, 'latest', signal).catch(undefinedIfHidden)
  return recordOf(read, newest?.version === read.version ? ['current'] : [])
}

/** Mostly the number before; where that is not enabled, the history tells. */
async function previous(service: Service, secret: string, signal: AbortSignal): Promise<Record> {
  const newest = await access(service, secret, 'latest', signal).catch(undefinedIfUnreadable)
  if (newest?.version === '1') throw noPrevious()
  if (newest !== undefined) {
    const before = String(Number(newest.version) - 1)
    const read = await access(service, secret, before, signal).catch(undefinedIfUnreadable)
    if (read !== undefined) return recordOf(read, ['previous'])
  }
  const { version } = newest ?? (await readVersion(service, secret, 'latest', signal))
  return recordOf(await newestBefore(service, secret, Number(version), signal), ['previous'])
}

async function readNewestEnabled(service: Service, secret: string, signal: AbortSignal): Promise<Record> {
  const newest = await access(service, secret, 'latest', signal).catch(undefinedIfUnreadable)
  if (newest !== undefined) return recordOf(newest, ['current'])
  const found = await newestEnabled(service, secret, () => true, signal)
  if (found === undefined) throw refusal('DISABLED', 'no version is enabled; enable one')
  return recordOf(await access(service, secret, found, signal), ['previous'])
}

async function newestBefore(
  service: Service,
  secret: string,
  number: number,
  signal: AbortSignal,
): Promise<Accessed> {
  const found = await newestEnabled(service, secret, (version) => Number(version) < number, signal)
  if (found === undefined) throw noPrevious()
  return access(service, secret, found, signal)
}

/** Reads, compares, writes: another writer can slip in between. */
async function store(
  service: Service,
  secret: string,
  input: ProviderInput<'put'>,
  context: ProviderContext,
): Promise<Stored> {
  const { ifVersion, ifAbsent, value } = input
  const { signal } = context
  if (ifVersion === undefined && ifAbsent !== true) return addOrCreate(service, secret, input, context)
  if (ifAbsent === true) {
    const created = await createWith(service, secret, input, context)
    if (created !== undefined) return created
  }
  const current = (await beforeEffect(latestVersion(service, secret, signal)))?.version
  if (ifAbsent === true && current !== undefined) throw exists(current)
  if (ifVersion !== undefined && ifVersion !== current) throw conflict(current, ifVersion)
  return { version: await addVersion(service, secret, value, signal), isNew: false }
}

/** `undefined` for a secret without versions, and for one that is not there. */
function latestVersion(service: Service, secret: string, signal: AbortSignal): Promise<Version | undefined> {
  return unless('NOT_FOUND', readVersion(service, secret, 'latest', signal), () => undefined)
}

function noPrevious(): SecretError {
  return refusal('NOT_FOUND', 'no version before the current one is enabled')
}

function undefinedIfUnreadable(error: unknown): undefined {
  if (!isUnreadable(error)) throw error
}

/** An identity may have been granted one version alone, and `latest` may lag behind a version that is there. */
function undefinedIfHidden(error: unknown): undefined {
  const isHidden = isFault(error, 'PERMISSION_DENIED') || isFault(error, 'NOT_FOUND')
  if (!isUnreadable(error) && !isHidden) throw error
}
