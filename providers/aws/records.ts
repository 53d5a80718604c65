import { createHash, randomUUID } from 'node:crypto'
import {
  type ProviderInput,
  type ProviderOperation,
  type RecordState,
  refusal,
  type SecretError,
  SecretValue,
  unless,
  type WorkflowRecord,
} from 'strongroom/provider'
import { label } from './labels.js'
import { isArn } from './names.js'
import { activeState, awsTags, given, type Service } from './service.js'
import { isReserved } from './tags.js'

/** The revision of a record that was never written. */
const never = 'none'

/** An emptied record. Its nonce keeps two writers that empty the same revision apart. */
interface Tombstone {
  readonly tombstone: string
}

/** Reads the sibling secret that holds the record. Its revision is the sibling's ARN and version id. */
export function readRecordOperation({ send }: Service): ProviderOperation<'readRecord'> {
  return async ({ recordRef }, { signal }) => {
    const request = { SecretId: recordRef, VersionStage: label.current }
    const answer = await unless('NOT_FOUND', send('GetSecretValue', request, signal), () => undefined)
    if (answer === undefined) return { revision: never }
    const revision = revisionOf(given(answer.ARN, 'ARN'), given(answer.VersionId, 'VersionId'))
    return { revision, ...contentOf(given(answer.SecretString, 'record')) }
  }
}

/**
 * Puts to the very ARN of the revision, since a secret that was re-created under the name has another, with a token
 * hashed from the revision: AWS refuses the second value under one token.
 */
export function swapRecordOperation(service: Service): ProviderOperation<'swapRecord'> {
  return async (input, { signal }) => {
    const { ifRevision, record } = input
    const tombstone: Tombstone = { tombstone: randomUUID() }
    const SecretString = JSON.stringify(record ?? tombstone)
    if (ifRevision === never) return { revision: await create(service, input, SecretString, signal) }
    const [arn, version] = parts(ifRevision)
    const request = { SecretId: arn, ClientRequestToken: tokenOf(ifRevision), SecretString }
    const put = unless('NOT_FOUND', service.send('PutSecretValue', request, signal), () => {
      throw moved(version)
    })
    const answer = await unless('ALREADY_EXISTS', put, () => {
      throw moved(version)
    })
    return { revision: revisionOf(arn, given(answer.VersionId, 'VersionId')) }
  }
}

/** The sibling gets the key and the tags of its parent, or, before there is one, those of new secrets. */
async function create(
  service: Service,
  { ref, recordRef }: ProviderInput<'swapRecord'>,
  SecretString: string,
  signal: AbortSignal,
): Promise<string> {
  const { kmsKeyId, tags } = await unless('NOT_FOUND', activeState(service, ref, signal), (fault) => {
    if (isArn(ref)) throw fault
    return { kmsKeyId: service.create.kmsKeyId, tags: service.create.tags ?? {} }
  })
  const Tags = awsTags(tags).filter(({ Key }) => !isReserved(Key))
  const request = {
    Name: recordRef,
    ClientRequestToken: tokenOf(never),
    SecretString,
    ...(kmsKeyId !== undefined && { KmsKeyId: kmsKeyId }),
    ...(Tags.length > 0 && { Tags }),
  }
  const answer = await unless('ALREADY_EXISTS', service.send('CreateSecret', request, signal), () => {
    throw moved(never)
  })
  return revisionOf(given(answer.ARN, 'ARN'), given(answer.VersionId, 'VersionId'))
}

function contentOf(text: string): Pick<RecordState, 'record'> {
  const value = SecretValue.infer(text)
  if (value.kind !== 'json') throw refusal('UNAVAILABLE', 'the secret of the record holds something else')
  const content = value.json() as unknown as WorkflowRecord | Tombstone
  return 'tombstone' in content ? {} : { record: content }
}

function revisionOf(arn: string, version: string): string {
  return `${arn}#${version}`
}

function parts(revision: string): readonly [arn: string, version: string] {
  const [arn = '', version = ''] = revision.split('#')
  if (!isArn(arn) || version === '') throw moved(revision)
  return [arn, version]
}

function tokenOf(revision: string): string {
  return createHash('sha256').update(revision).digest('hex')
}

function moved(revision: string): SecretError {
  return refusal('CONFLICT', `the record has moved on from revision ${revision}; read it again and decide`)
}
