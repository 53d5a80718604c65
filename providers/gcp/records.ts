import {
  beforeEffect,
  isFault,
  type ProviderOperations,
  parseJson,
  refusal,
  type SecretError,
  unless,
  type WorkflowRecord,
} from 'strongroom/provider'
import type { SecretAnswer, SecretFields } from './client.js'
import { createSecret, newSecretFields } from './create.js'
import { isStale } from './errors.js'
import { readSecret, secretOf } from './resource.js'
import type { Service } from './service.js'
import { updateSecret } from './update.js'

/** The revision of a record that was never written. */
const never = 'none'
const annotation = 'strongroom-record'

type Operations = Pick<ProviderOperations, 'readRecord' | 'swapRecord'>

/**
 * A record is an annotation of a sibling secret, which never has a version. Its revision is the etag of the sibling,
 * which the service compares. An empty record is a sibling without the annotation.
 */
export function records(service: Service): Operations {
  return {
    async readRecord({ recordRef }, { signal }) {
      const sibling = readSecret(service, service.secretOf(recordRef), signal)
      const state = await unless('NOT_FOUND', sibling, () => undefined)
      if (state === undefined) return { revision: never }
      const text = state.annotations[annotation]
      return text === undefined ? { revision: state.etag } : { revision: state.etag, record: recordIn(text) }
    },

    async swapRecord({ ref, recordRef, record, ifRevision }, { signal }) {
      const sibling = service.secretOf(recordRef)
      const annotations = record === null ? {} : { [annotation]: JSON.stringify(record) }
      if (ifRevision === never) {
        const fields = await beforeEffect(fieldsOfSibling(service, ref, signal))
        const creating = createSecret(service, sibling, { ...fields, annotations }, signal)
        const created = await unless('ALREADY_EXISTS', creating, () => {
          throw moved(ifRevision)
        })
        return { revision: secretOf(created).etag }
      }
      try {
        const target = { name: sibling, etag: ifRevision }
        return { revision: await updateSecret(service, target, { annotations }, signal) }
      } catch (error) {
        throw isStale(error) || isFault(error, 'NOT_FOUND') ? moved(ifRevision) : error
      }
    },
  }
}

/** Those of its parent, or, before there is one, those of new secrets. */
async function fieldsOfSibling(service: Service, ref: string, signal: AbortSignal): Promise<SecretFields> {
  const parent = readSecret(service, service.secretOf(ref), signal)
  return unless(
    'NOT_FOUND',
    parent.then(({ answer, labels }) => ({ labels, ...placement(answer) })),
    () => {
      const {
        annotations: _,
        topics: __,
        ttl: ___,
        versionDestroyTtl: ____,
        ...fields
      } = newSecretFields(service)
      return fields
    },
  )
}

/** Where its values are kept, and under which keys. */
function placement({ replication, customerManagedEncryption }: SecretAnswer): SecretFields {
  const { automatic, userManaged } = replication ?? {}
  const place = userManaged ? { userManaged } : automatic ? { automatic } : undefined
  return {
    ...(place !== undefined && { replication: place }),
    ...(customerManagedEncryption && { customerManagedEncryption }),
  }
}

function recordIn(text: string): WorkflowRecord {
  try {
    return parseJson(text) as unknown as WorkflowRecord
  } catch (error) {
    if (error instanceof Error && error.name === 'JsonError') {
      throw refusal('UNAVAILABLE', 'the annotation of the record holds something else')
    }
    throw error
  }
}

function moved(revision: string): SecretError {
  return refusal('CONFLICT', `the record has moved on from revision ${revision}; read it again and decide`)
}
