import {
  afterEffect,
  isFault,
  type ProviderContext,
  type ProviderInput,
  type ProviderOperation,
  type ProviderOutput,
  refusal,
  type Tags,
} from 'strongroom/provider'
import { dataOf, expectDone, numberField } from './answer.js'
import { encodeValue } from './content.js'
import { holdsVersions, isDeleted, type KeyState, numberOf, pendingDeletion, readState } from './key-state.js'
import { apiPath } from './names.js'
import type { Service } from './service.js'
import { undelete } from './trash.js'

/** Writers that meet on one name take turns; each turn has a winner. */
const maxTurns = 64
/** Siblings are read by version until their rotation ends, whatever the mount keeps. */
const systemVersions = 10

/**
 * Reads the metadata, since a write would go over a deleted version without a word, and writes with `cas`: on what was
 * read, or on what the caller names. A plain put that lost a turn reads again.
 */
export function putOperation(service: Service): ProviderOperation<'put'> {
  return async (input, context) => {
    for (let turn = 1; ; turn += 1) {
      const state = await readyState(service, input, context)
      const base = baseOf(input, state)
      try {
        return await store(service, input, state, base, context)
      } catch (error) {
        if (!isFault(error, 'CONFLICT')) throw error
        if (input.ifVersion !== undefined || turn === maxTurns) throw moved()
      }
    }
  }
}

/** What KV keeps about the name now, out of the trash where that was asked for. */
async function readyState(
  service: Service,
  { ref, onDeleted, ifAbsent }: ProviderInput<'put'>,
  context: ProviderContext,
): Promise<KeyState | undefined> {
  const state = await readState(service, ref, context)
  if (state === undefined || !isDeleted(state)) return state
  if (onDeleted === 'fail') throw pendingDeletion()
  if (ifAbsent === true) {
    throw refusal('ALREADY_EXISTS', 'its versions are deleted, not gone, and would come back')
  }
  await undelete(service, ref, state.current, context)
  return state
}

/** The version number that the server must find. It stays above 0 when all versions are gone. */
function baseOf({ ifVersion, ifAbsent }: ProviderInput<'put'>, state: KeyState | undefined): number {
  const current = state?.current ?? 0
  if (ifAbsent === true && state !== undefined && holdsVersions(state)) {
    throw refusal('ALREADY_EXISTS', `version ${current} is there already`, String(current))
  }
  if (ifVersion !== undefined && (current === 0 || numberOf(ifVersion) !== current)) {
    throw refusal(
      'CONFLICT',
      `${current === 0 ? 'nothing' : `version ${current}`} is current; read again and decide`,
    )
  }
  return current
}

async function store(
  service: Service,
  input: ProviderInput<'put'>,
  state: KeyState | undefined,
  cas: number,
  context: ProviderContext,
): Promise<ProviderOutput<'put'>> {
  const { send, mount, valueKey, create } = service
  const { ref, value } = input
  const isNew = state === undefined || state.current === 0
  const maxVersions = ref.startsWith(service.systemRef)
    ? Math.max(systemVersions, create.maxVersions ?? 0)
    : create.maxVersions
  if (isNew && maxVersions !== undefined) {
    await writeMetadata(service, ref, { max_versions: maxVersions }, context)
  }
  const json = { data: encodeValue(value, valueKey), options: { cas } }
  const answer = await send({ method: 'POST', path: apiPath(mount, 'data', ref), json }, context)
  const version = String(numberField(dataOf(answer), 'version'))
  const tags = isNew ? given({ ...create.tags, ...input.tags }) : input.tags
  if (tags !== undefined) await afterEffect(writeMetadata(service, ref, { custom_metadata: tags }, context))
  return { version }
}

/** Sets these fields, each as a whole, and no other. */
export async function writeMetadata(
  { send, mount }: Service,
  ref: string,
  json: { readonly max_versions: number } | { readonly custom_metadata: Tags },
  context: ProviderContext,
): Promise<void> {
  expectDone(await send({ method: 'POST', path: apiPath(mount, 'metadata', ref), json }, context))
}

function given(tags: Tags): Tags | undefined {
  return Object.keys(tags).length === 0 ? undefined : tags
}

function moved(): Error {
  return refusal('CONFLICT', 'somebody else wrote meanwhile; read again and decide')
}
