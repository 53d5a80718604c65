import {
  afterEffect,
  isFault,
  type ProviderOperations,
  refusal,
  type WorkflowRecord,
} from 'strongroom/provider'
import { dataOf, field, isAbsent, isObject, numberField, unusable } from './answer.js'
import { readState, withheld } from './key-state.js'
import { apiPath } from './names.js'
import { writeMetadata } from './put.js'
import type { Service } from './service.js'

/** The revision of a record that was never written: what `cas` calls it. */
const never = '0'

/**
 * A record is a sibling document, and its revision the number of its version, which the server compares. An empty
 * record is an empty map.
 */
export function records(service: Service): Pick<ProviderOperations, 'readRecord' | 'swapRecord'> {
  const { send, mount } = service
  return {
    async readRecord({ recordRef }, context) {
      const answer = await send({ method: 'GET', path: apiPath(mount, 'data', recordRef) }, context)
      if (isAbsent(answer)) return { revision: never }
      const hidden = withheld(answer)
      if (hidden !== undefined) return { revision: String(hidden.version) }
      const envelope = dataOf(answer)
      const [data, metadata] = [field(envelope, 'data'), field(envelope, 'metadata')]
      if (!isObject(data) || !isObject(metadata)) throw unusable('record')
      const revision = String(numberField(metadata, 'version'))
      return Object.keys(data).length === 0
        ? { revision }
        : { revision, record: data as unknown as WorkflowRecord }
    },

    async swapRecord({ ref, recordRef, record, ifRevision }, context) {
      if (!/^(?:0|[1-9]\d{0,15})$/.test(ifRevision)) throw moved(ifRevision)
      const json = { data: { ...record }, options: { cas: Number(ifRevision) } }
      const request = { method: 'POST', path: apiPath(mount, 'data', recordRef), json } as const
      const answer = await send(request, context)
      const written = numberIn(() => numberField(dataOf(answer), 'version'), ifRevision)
      if (ifRevision === never) {
        const parent = await afterEffect(readState(service, ref, context))
        const custom_metadata = parent?.tags ?? {}
        if (Object.keys(custom_metadata).length > 0) {
          await afterEffect(writeMetadata(service, recordRef, { custom_metadata }, context))
        }
      }
      return { revision: String(written) }
    },
  }
}

function numberIn(read: () => number, ifRevision: string): number {
  try {
    return read()
  } catch (error) {
    throw isFault(error, 'CONFLICT') ? moved(ifRevision) : error
  }
}

function moved(revision: string): Error {
  return refusal('CONFLICT', `the record has moved on from revision ${revision}; read it again and decide`)
}
