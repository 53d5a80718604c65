import {
  type ProviderContext,
  type ProviderOperation,
  type ProviderOutput,
  refusal,
} from 'strongroom/provider'
import { type Answer, dataOf, dateField, field, isAbsent, isObject, numberField, unusable } from './answer.js'
import { decodeValue } from './content.js'
import { memberText } from './json-text.js'
import {
  destroyed,
  disabled,
  type KeyState,
  noSecret,
  noVersion,
  pendingDeletion,
  previousOf,
  readAny,
  readLive,
  stagesOf,
  tagsOf,
  versionNamed,
  withheld,
} from './key-state.js'
import { apiPath } from './names.js'
import type { Service } from './service.js'

type Record = ProviderOutput<'get'>

/**
 * A plain read is one request. What is said of another version, whether it is current among it, stands in the metadata,
 * which is read first.
 */
export function getOperation(service: Service): ProviderOperation<'get'> {
  return async ({ ref, version, stage = 'current' }, context) => {
    if (version !== undefined) {
      const state = await readLive(service, ref, context)
      return readNumber(service, ref, versionNamed(state, version).number, state, context)
    }
    if (stage === 'current') return readCurrent(service, ref, context)
    return stage === 'previous' ? readPrevious(service, ref, context) : readNewest(service, ref, context)
  }
}

async function readCurrent(service: Service, ref: string, context: ProviderContext): Promise<Record> {
  const read = await tryCurrent(service, ref, context)
  if (typeof read === 'number') throw destroyed(read)
  return read
}

async function readPrevious(service: Service, ref: string, context: ProviderContext): Promise<Record> {
  const state = await readLive(service, ref, context)
  const previous = previousOf(state)
  if (previous === undefined) throw refusal('NOT_FOUND', 'it has no version before the current one')
  return readNumber(service, ref, previous.number, state, context)
}

/** Past a current version that is destroyed. One that is deleted puts the secret into the trash. */
async function readNewest(service: Service, ref: string, context: ProviderContext): Promise<Record> {
  const read = await tryCurrent(service, ref, context)
  if (typeof read !== 'number') return read
  const state = await readAny(service, ref, context)
  const newest = state.versions.find((each) => !each.isDestroyed && !each.isDeleted)
  if (newest === undefined) throw destroyed(state.current)
  return readNumber(service, ref, newest.number, state, context)
}

/** The current version; or its number, where it is destroyed. */
async function tryCurrent(service: Service, ref: string, context: ProviderContext): Promise<Record | number> {
  const answer = await readData(service, ref, '', context)
  const hidden = withheld(answer)
  if (hidden?.isDestroyed === true) return hidden.version
  if (hidden !== undefined) throw pendingDeletion()
  if (isAbsent(answer)) throw noSecret()
  return recordOf(service, answer, undefined)
}

async function readNumber(
  service: Service,
  ref: string,
  number: number,
  state: KeyState,
  context: ProviderContext,
): Promise<Record> {
  const answer = await readData(service, ref, `?version=${number}`, context)
  const hidden = withheld(answer)
  if (hidden !== undefined) throw hidden.isDestroyed ? destroyed(number) : disabled(number)
  if (isAbsent(answer)) throw noVersion(String(number))
  return recordOf(service, answer, state)
}

function readData(
  { send, mount }: Service,
  ref: string,
  query: string,
  context: ProviderContext,
): Promise<Answer> {
  return send({ method: 'GET', path: apiPath(mount, 'data', ref) + query }, context)
}

/** Without a state it is the current version: the read asked for no other. */
function recordOf({ valueKey }: Service, answer: Answer, state: KeyState | undefined): Record {
  const envelope = dataOf(answer)
  const [data, metadata] = [field(envelope, 'data'), field(envelope, 'metadata')]
  if (!isObject(data) || !isObject(metadata)) throw unusable('data')
  const number = numberField(metadata, 'version')
  return {
    version: String(number),
    stages: state === undefined ? ['current'] : stagesOf(state, number),
    state: 'enabled',
    createdAt: dateField(metadata, 'created_time'),
    tags: tagsOf(field(metadata, 'custom_metadata')),
    value: decodeValue(data, memberText(answer.text, 'data', 'data'), valueKey),
  }
}
