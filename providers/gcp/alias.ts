import {
  afterEffect,
  beforeEffect,
  type ProviderContext,
  type ProviderInput,
  type ProviderOperations,
  type ProviderOutput,
  refusal,
  unless,
} from 'strongroom/provider'
import { access, isUnreadable, recordOf } from './access.js'
import { type Holders, holdersOf, type StageAliases, stageAliases, stagesOf, withHolders } from './aliases.js'
import { addVersion } from './create.js'
import { infoOf, newestEnabled, readPage } from './history.js'
import { conflict, createWith, exists } from './put.js'
import {
  describedAs,
  destroyed,
  disabled,
  isVersionId,
  noVersion,
  readSecret,
  readVersion,
  type SecretState,
} from './resource.js'
import type { Service } from './service.js'
import { checkTags } from './tags.js'
import { changeSecret } from './update.js'
import { setState } from './version-state.js'

type Operations = Pick<
  ProviderOperations,
  'get' | 'put' | 'describe' | 'versionsPage' | 'promote' | 'discard'
>

/**
 * Current is the version that an alias of the secret names; two more name what is pending and what was current before.
 * They change together, in one request, under the etag of the secret.
 */
export function aliasOperations(service: Service, alias: string): Operations {
  const { secretOf } = service
  const aliases = stageAliases(alias)
  return {
    async get({ ref, version, stage = 'current' }, { signal }) {
      const secret = secretOf(ref)
      if (version !== undefined) return byVersion(service, aliases, secret, version, signal)
      if (stage === 'newest-enabled') return readNewestEnabled(service, aliases, secret, signal)
      return recordOf(await access(service, secret, aliases[stage], signal), [stage])
    },

    async put(input, context) {
      if (input.tags !== undefined) checkTags(input.tags)
      const secret = secretOf(input.ref)
      const state = await beforeEffect(readState(service, secret, context.signal))
      if (state !== undefined) {
        checkFences(holdersOf(state, aliases), input)
        if (input.ifAbsent === true && input.stage === 'current')
          await checkEmpty(service, secret, context.signal)
      } else if (input.ifVersion !== undefined) {
        throw conflict(undefined, input.ifVersion)
      }
      const version = await store(service, secret, input, state, context)
      await afterEffect(nameStored(service, aliases, secret, version, input, context.signal))
      return { version }
    },

    async describe({ ref }, { signal }) {
      const secret = secretOf(ref)
      const state = await readSecret(service, secret, signal)
      const { current, pending } = holdersOf(state, aliases)
      const info = current === undefined ? undefined : await readVersion(service, secret, current, signal)
      return {
        ...describedAs(service, ref, state),
        ...(info !== undefined && { current: infoOf(info, ['current']) }),
        ...(pending !== undefined && { pending }),
      }
    },

    async versionsPage({ ref, cursor = '' }, { signal }) {
      const secret = secretOf(ref)
      const holders = holdersOf(await readSecret(service, secret, signal), aliases)
      const { versions, nextPageToken } = await readPage(service, secret, { token: cursor }, signal)
      return {
        items: versions.map((version) => infoOf(version, stagesOf(holders, version.version))),
        ...(nextPageToken !== '' && { cursor: nextPageToken }),
      }
    },

    async promote({ ref, version, ifCurrent }, { signal }) {
      if (!isVersionId(version)) throw noVersion(version)
      const secret = secretOf(ref)
      let previous: string | undefined
      await changeSecret(service, secret, signal, async (state) => {
        const held = holdersOf(state, aliases)
        previous = held.current === version ? undefined : held.current
        const pending = held.pending === version ? undefined : held.pending
        if (held.current === version) {
          return pending === held.pending ? undefined : withHolders(state, aliases, { ...held, pending })
        }
        if (ifCurrent !== undefined && held.current !== ifCurrent) throw conflict(held.current, ifCurrent)
        await beforeEffect(checkEnabled(service, secret, version, signal))
        return withHolders(state, aliases, { current: version, previous: held.current, pending })
      })
      return { version, ...(previous !== undefined && { previous }) }
    },

    async discard({ ref, version }, { signal }) {
      const secret = secretOf(ref)
      await changeSecret(service, secret, signal, (state) => {
        const held = holdersOf(state, aliases)
        if (held.pending !== version) {
          throw refusal('CONFLICT', `${version} is not pending; describe the secret to see what is`)
        }
        return withHolders(state, aliases, { ...held, pending: undefined })
      })
      await afterEffect(setState(service, secret, version, 'destroyed', signal))
      return undefined
    },
  }
}

async function byVersion(
  service: Service,
  aliases: StageAliases,
  secret: string,
  version: string,
  signal: AbortSignal,
): Promise<ProviderOutput<'get'>> {
  if (!isVersionId(version)) throw noVersion(version)
  const read = await access(service, secret, version, signal)
  // Who may read values may not always read the secret itself.
  const state = await unless('PERMISSION_DENIED', readState(service, secret, signal), () => undefined)
  return recordOf(read, state === undefined ? [] : stagesOf(holdersOf(state, aliases), version))
}

async function readNewestEnabled(
  service: Service,
  aliases: StageAliases,
  secret: string,
  signal: AbortSignal,
): Promise<ProviderOutput<'get'>> {
  const current = await access(service, secret, aliases.current, signal).catch(undefinedIfUnreadable)
  if (current !== undefined) return recordOf(current, ['current'])
  const holders = holdersOf(await readSecret(service, secret, signal), aliases)
  const found = await newestEnabled(service, secret, (version) => version !== holders.pending, signal)
  if (found === undefined) throw refusal('DISABLED', 'no version is enabled; enable one')
  return recordOf(await access(service, secret, found, signal), stagesOf(holders, found))
}

function readState(service: Service, secret: string, signal: AbortSignal): Promise<SecretState | undefined> {
  return unless('NOT_FOUND', readSecret(service, secret, signal), () => undefined)
}

/** @throws {SecretError} `CONFLICT` or `ALREADY_EXISTS`, for who holds the aliases now. */
function checkFences({ current, pending }: Holders, input: ProviderInput<'put'>): void {
  const { ifVersion, ifAbsent, stage } = input
  if (ifVersion !== undefined && ifVersion !== current) throw conflict(current, ifVersion)
  const present = stage === 'pending' ? pending : current
  if (ifAbsent === true && present !== undefined) throw exists(present)
}

/** A version that no alias names counts too, unless nothing is left of it. */
async function checkEmpty(service: Service, secret: string, signal: AbortSignal): Promise<void> {
  const reading = beforeEffect(readVersion(service, secret, 'latest', signal))
  const newest = await unless('NOT_FOUND', reading, () => undefined)
  if (newest !== undefined && newest.state !== 'destroyed') throw exists(newest.version)
}

async function store(
  service: Service,
  secret: string,
  input: ProviderInput<'put'>,
  state: SecretState | undefined,
  context: ProviderContext,
): Promise<string> {
  const created = state === undefined ? await createWith(service, secret, input, context) : undefined
  return created?.version ?? addVersion(service, secret, input.value, context.signal)
}

/** The fence: the aliases move if they are still where the put needs them, else the version is dropped again. */
async function nameStored(
  service: Service,
  aliases: StageAliases,
  secret: string,
  version: string,
  input: ProviderInput<'put'>,
  signal: AbortSignal,
): Promise<void> {
  const { stage, tags } = input
  await changeSecret(service, secret, signal, async (state) => {
    const held = holdersOf(state, aliases)
    try {
      checkFences(held, input)
    } catch (error) {
      // Its own failure would hide this one; nobody meets a version that no alias names.
      await Promise.allSettled([setState(service, secret, version, 'destroyed', signal)])
      throw error
    }
    const next =
      stage === 'pending'
        ? { ...held, pending: version }
        : { ...held, current: version, previous: held.current }
    return { ...withHolders(state, aliases, next), ...(tags !== undefined && { labels: tags }) }
  })
}

async function checkEnabled(
  service: Service,
  secret: string,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const { state } = await readVersion(service, secret, version, signal)
  if (state === 'destroyed') throw destroyed(version)
  if (state === 'disabled') throw disabled(version)
}

function undefinedIfUnreadable(error: unknown): undefined {
  if (!isUnreadable(error)) throw error
}
