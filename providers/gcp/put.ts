import {
  afterEffect,
  type ProviderContext,
  type ProviderInput,
  refusal,
  type SecretError,
  unless,
} from 'strongroom/provider'
import { addFirstVersion, addVersion, createSecret, newSecretFields } from './create.js'
import type { Service } from './service.js'
import { updateSecret } from './update.js'

type Put = Pick<ProviderInput<'put'>, 'value' | 'tags'>

export interface Stored {
  readonly version: string
  /** The secret is new, and has its tags already. */
  readonly isNew: boolean
}

/** Adds a version where the secret exists, which it mostly does; else creates it. */
export async function addOrCreate(
  service: Service,
  secret: string,
  put: Put,
  context: ProviderContext,
): Promise<Stored> {
  const { signal } = context
  const add = async (): Promise<Stored> => ({
    version: await addVersion(service, secret, put.value, signal),
    isNew: false,
  })
  return unless('NOT_FOUND', add(), async () => (await createWith(service, secret, put, context)) ?? add())
}

/** Creates the secret with its first version; `undefined` where it exists. */
export async function createWith(
  service: Service,
  secret: string,
  { value, tags }: Put,
  context: ProviderContext,
): Promise<Stored | undefined> {
  const fields = newSecretFields(service, tags)
  const created = createSecret(service, secret, fields, context.signal).then(() => true)
  if (!(await unless('ALREADY_EXISTS', created, () => false))) return undefined
  return { version: await addFirstVersion(service, secret, value, context), isNew: true }
}

/** Tags of a put replace the others: a second request, except for a new secret. */
export async function labelStored(
  service: Service,
  secret: string,
  { tags }: Pick<Put, 'tags'>,
  { isNew }: Stored,
  signal: AbortSignal,
): Promise<void> {
  if (tags === undefined || isNew) return
  await afterEffect(updateSecret(service, { name: secret }, { labels: tags }, signal))
}

export function exists(version: string): SecretError {
  return refusal(
    'ALREADY_EXISTS',
    `version ${version} exists already; read it, or put with ifVersion`,
    version,
  )
}

export function conflict(current: string | undefined, wanted: string): SecretError {
  const found = current === undefined ? 'no version is current' : `version ${current} is current`
  return refusal('CONFLICT', `${found}, not ${wanted}; read again and decide`, current)
}
