import { randomUUID } from 'node:crypto'
import { JsonError, parseJson } from 'strongroom/testing'
import { seconds, timestamp } from './durations.js'
import { badRequest, inList, VaultError } from './errors.js'
import { fieldsOf, objectOf } from './fields.js'
import { compare, listAnswer } from './listing.js'
import type { Answer, Json, RoleDocument, Scope, SecretIdDocument } from './model.js'
import { findRole } from './token-role.js'

export function createSecretId(scope: Scope): Answer {
  return create(scope, randomUUID())
}

export function createCustomSecretId(scope: Scope): Answer {
  const secretId = fieldsOf(scope.data).text('secret_id') ?? ''
  if (secretId === '') throw badRequest('missing secret_id')
  const role = roleOf(scope, (text) => new VaultError(404, [text]))
  if (findSecretId(scope, role.name, secretId) !== undefined) {
    throw new VaultError(500, [inList('failed to store secret_id: SecretID is already registered')])
  }
  return create(scope, secretId)
}

function create(scope: Scope, secretId: string): Answer {
  const role = roleOf(scope, (text) => new VaultError(404, [text]))
  if (role.fields['bind_secret_id'] !== true) throw badRequest('bind_secret_id is not set on the role')
  const fields = fieldsOf(scope.data)
  const document: SecretIdDocument = {
    secretId,
    accessor: randomUUID(),
    role: role.name,
    mount: scope.mount.id,
    metadata: metadataOf(scope.data['metadata']),
    usesLeft: fields.int('num_uses') ?? Number(role.fields['secret_id_num_uses'] ?? 0),
    ttlMs: fields.duration('ttl') ?? Number(role.fields['secret_id_ttl'] ?? 0) * 1_000,
    createdAt: scope.now,
    updatedAt: scope.now,
  }
  scope.secretIds.set(keyOf(document), document)
  return {
    data: {
      secret_id: secretId,
      secret_id_accessor: document.accessor,
      secret_id_num_uses: document.usesLeft,
      secret_id_ttl: seconds(document.ttlMs),
    },
  }
}

export function listSecretIds(scope: Scope): Answer {
  const { name } = roleOf(scope, (text) => badRequest(text))
  return listAnswer(
    of(scope, name)
      .map(({ accessor }) => accessor)
      .sort(compare),
  )
}

export function lookUpSecretId(scope: Scope): Answer | undefined {
  const { name } = roleOf(scope, failed)
  const found = findSecretId(scope, name, fieldsOf(scope.data).text('secret_id') ?? '')
  return found === undefined ? undefined : { data: describe(found) }
}

export function destroySecretId(scope: Scope): undefined {
  const { name } = roleOf(scope, failed)
  const found = findSecretId(scope, name, fieldsOf(scope.data).text('secret_id') ?? '')
  if (found !== undefined) scope.secretIds.delete(keyOf(found))
}

/** An accessor that is not there is told of in the data of a 404. */
export function lookUpSecretIdAccessor(scope: Scope): Answer {
  const accessor = accessorIn(scope)
  const found = byAccessor(scope, accessor)
  return found === undefined
    ? { status: 404, data: { error: noAccessor(accessor) } }
    : { data: describe(found) }
}

export function destroySecretIdAccessor(scope: Scope): undefined {
  const accessor = accessorIn(scope)
  const found = byAccessor(scope, accessor)
  if (found === undefined) throw failed(noAccessor(accessor))
  scope.secretIds.delete(keyOf(found))
}

/** One that has neither expired nor been used up. */
export function findSecretId(scope: Scope, role: string, secretId: string): SecretIdDocument | undefined {
  return of(scope, role).find((document) => document.secretId === secretId)
}

export function spendSecretId(scope: Scope, document: SecretIdDocument): void {
  if (document.usesLeft === 0) return
  if (document.usesLeft === 1) scope.secretIds.delete(keyOf(document))
  else {
    scope.secretIds.set(keyOf(document), {
      ...document,
      usesLeft: document.usesLeft - 1,
      updatedAt: scope.now,
    })
  }
}

export function forgetSecretIds(scope: Scope, role: string): void {
  for (const document of of(scope, role.toLowerCase())) scope.secretIds.delete(keyOf(document))
}

function of({ secretIds, mount, now }: Scope, role: string): readonly SecretIdDocument[] {
  return secretIds
    .entries()
    .map(([, document]) => document)
    .filter((document) => document.mount === mount.id && document.role === role)
    .filter(({ ttlMs, createdAt }) => ttlMs === 0 || createdAt + ttlMs > now)
}

function accessorIn(scope: Scope): string {
  return fieldsOf(scope.data).text('secret_id_accessor') ?? ''
}

function byAccessor(scope: Scope, accessor: string): SecretIdDocument | undefined {
  const { name } = roleOf(scope, failed)
  return of(scope, name).find((document) => document.accessor === accessor)
}

function noAccessor(accessor: string): string {
  return `failed to find accessor entry for secret_id_accessor: ${JSON.stringify(accessor)}`
}

function failed(text: string): VaultError {
  return new VaultError(500, [inList(text)])
}

/** Every endpoint refuses a role that is not there in its own way. */
function roleOf(scope: Scope, refuse: (text: string) => VaultError): RoleDocument {
  const [name = ''] = scope.parts
  const role = findRole(scope, name)
  if (role === undefined) throw refuse(`role ${JSON.stringify(name)} does not exist`)
  return role
}

function keyOf({ mount, role, secretId }: SecretIdDocument): string {
  return `${mount}/${role}/${secretId}`
}

function describe(document: SecretIdDocument): NonNullable<Answer['data']> {
  const { createdAt, updatedAt, ttlMs } = document
  return {
    cidr_list: [],
    creation_time: timestamp(createdAt),
    expiration_time: ttlMs === 0 ? '0001-01-01T00:00:00Z' : timestamp(createdAt + ttlMs),
    last_updated_time: timestamp(updatedAt),
    metadata: document.metadata,
    secret_id_accessor: document.accessor,
    secret_id_num_uses: document.usesLeft,
    secret_id_ttl: seconds(ttlMs),
    token_bound_cidrs: [],
  }
}

/** An object, or one as text. */
function metadataOf(value: Json | undefined): Readonly<Record<string, string>> {
  if (value === undefined || value === null || value === '') return {}
  const object = objectOf(typeof value === 'string' ? documentIn(value) : value)
  if (object === undefined)
    throw badRequest('failed to parse metadata: failed to parse the input: invalid <key,value> format')
  return Object.fromEntries(Object.entries(object).map(([name, text]) => [name, String(text)]))
}

function documentIn(text: string): Json {
  try {
    return parseJson(text) as Json
  } catch (error) {
    if (error instanceof JsonError) return null
    throw error
  }
}
