import {
  type Entry,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJson,
  type RecordState,
  SecretValue,
  type ShelfState,
  type Tags,
  type Version,
  type VersionState,
  type WorkflowRecord,
} from 'strongroom/provider'
import { damaged, invalid } from './errors.js'

/** What the file holds once it is opened. */
export interface Document extends ShelfState {
  /** Of the file, for its whole life: another one is another file. */
  readonly id: string
  /** Counts its writes. 0: not written yet. */
  readonly generation: number
  /** Public keys that it is sealed for; none with a passphrase. */
  readonly recipients: readonly string[]
}

const format = 'strongroom-file'
const formatVersion = 1

export function newDocument(id: string): Document {
  return { id, generation: 0, recipients: [], entries: new Map(), records: new Map(), count: 0 }
}

/** A copy whose changes do not show in the original. */
export function copyOf({ entries, records, ...rest }: Document): Document {
  const copies = [...entries].map(
    ([name, entry]) =>
      [name, { ...entry, versions: entry.versions.map((version) => ({ ...version })) }] as const,
  )
  return { ...rest, entries: new Map(copies), records: new Map(records) }
}

export function encodeDocument({ id, generation, recipients, count, entries, records }: Document): string {
  return JSON.stringify({
    format,
    version: formatVersion,
    id,
    generation,
    recipients,
    count,
    secrets: Object.fromEntries(
      [...entries].map(([name, entry]) => [name, { ...entry, versions: versionsOf(entry) }]),
    ),
    records: Object.fromEntries(records),
  })
}

function versionsOf({ versions }: Entry): object[] {
  return versions.map(({ value, tags: _, ...version }) => ({ ...version, ...(value && valueFields(value)) }))
}

function valueFields(value: SecretValue): object {
  const { kind } = value
  return kind === 'binary'
    ? { kind, base64: Buffer.from(value.bytes()).toString('base64') }
    : { kind, text: value.text() }
}

/**
 * @throws {SecretError} `CONFIG_INVALID` for a newer version; `UNAVAILABLE`, not retryable, naming the field that breaks the
 *   format, never what it holds.
 */
export function decodeDocument(path: string, text: string): Document {
  try {
    return documentIn(path, parseJson(text))
  } catch (error) {
    if (error instanceof JsonError) throw damaged(`${path} opens, but what is in it is ${error.message}`)
    if (error instanceof FieldError)
      throw damaged(`${path} opens, but what is in it breaks the format: ${error.message}`)
    throw error
  }
}

function documentIn(path: string, json: JsonValue): Document {
  const root = objectAt(json, 'the whole')
  if (root['format'] !== format) throw new FieldError(`it says no format ${format}`)
  const version = countAt(root['version'], 'version')
  if (version !== formatVersion) {
    throw invalid(
      `${path} is of format version ${version}, and this strongroom knows ${formatVersion}; upgrade it`,
    )
  }
  return {
    id: textAt(root['id'], 'id'),
    generation: countAt(root['generation'], 'generation'),
    recipients: arrayAt(root['recipients'], 'recipients').map((each) => textAt(each, 'recipients')),
    count: countAt(root['count'], 'count'),
    entries: mapAt(root['secrets'], 'secrets', entryAt),
    records: mapAt(root['records'], 'records', recordAt),
  }
}

function entryAt(json: JsonValue | undefined, at: string): Entry {
  const fields = objectAt(json, at)
  return {
    versions: arrayAt(fields['versions'], `${at}.versions`).map((each, index) =>
      versionAt(each, `${at}.versions[${index}]`),
    ),
    current: optional(textAt)(fields['current'], `${at}.current`),
    previous: optional(textAt)(fields['previous'], `${at}.previous`),
    pending: optional(textAt)(fields['pending'], `${at}.pending`),
    tags: tagsAt(fields['tags'], `${at}.tags`),
    changedAt: dateAt(fields['changedAt'], `${at}.changedAt`),
    recoverableUntil: optional(dateAt)(fields['recoverableUntil'], `${at}.recoverableUntil`),
  }
}

const states: readonly unknown[] = ['enabled', 'disabled', 'destroyed'] satisfies VersionState[]

function versionAt(json: JsonValue | undefined, at: string): Version {
  const fields = objectAt(json, at)
  const { state } = fields
  if (!states.includes(state)) throw new FieldError(`${at}.state is none of ${states.join(', ')}`)
  return {
    id: textAt(fields['id'], `${at}.id`),
    createdAt: dateAt(fields['createdAt'], `${at}.createdAt`),
    expiresAt: optional(dateAt)(fields['expiresAt'], `${at}.expiresAt`),
    state: state as VersionState,
    value: state === 'destroyed' ? undefined : valueAt(fields, at),
    tags: undefined,
  }
}

function valueAt({ kind, text, base64 }: JsonObject, at: string): SecretValue {
  switch (kind) {
    case 'text':
      return SecretValue.text(unicodeAt(text, `${at}.text`))
    case 'json':
      return SecretValue.jsonText(unicodeAt(text, `${at}.text`))
    case 'binary':
      return SecretValue.binary(Buffer.from(textAt(base64, `${at}.base64`), 'base64'))
    default:
      throw new FieldError(`${at}.kind is none of text, json, binary`)
  }
}

function recordAt(json: JsonValue | undefined, at: string): RecordState {
  const { revision, record } = objectAt(json, at)
  const known = { revision: textAt(revision, `${at}.revision`) }
  if (record === undefined) return known
  const { nonce, of } = objectAt(record, `${at}.record`)
  textAt(nonce, `${at}.record.nonce`)
  textAt(of, `${at}.record.of`)
  return { ...known, record: record as JsonObject & WorkflowRecord }
}

function tagsAt(json: JsonValue | undefined, at: string): Tags {
  return Object.fromEntries(mapAt(json, at, textAt))
}

class FieldError extends Error {}

type At<T> = (json: JsonValue | undefined, at: string) => T

function optional<T>(read: At<T>): At<T | undefined> {
  return (json, at) => (json === undefined ? undefined : read(json, at))
}

function mapAt<T>(json: JsonValue | undefined, at: string, read: At<T>): Map<string, T> {
  const entries = Object.entries(objectAt(json, at))
  return new Map(entries.map(([key, each]) => [key, read(each, `${at}[${JSON.stringify(key)}]`)]))
}

function objectAt(json: JsonValue | undefined, at: string): JsonObject {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as JsonObject
  throw new FieldError(`${at} is no object`)
}

function arrayAt(json: JsonValue | undefined, at: string): readonly JsonValue[] {
  if (!Array.isArray(json)) throw new FieldError(`${at} is no list`)
  return json
}

function textAt(json: JsonValue | undefined, at: string): string {
  if (typeof json !== 'string') throw new FieldError(`${at} is no text`)
  return json
}

function unicodeAt(json: JsonValue | undefined, at: string): string {
  const text = textAt(json, at)
  if (!text.isWellFormed()) throw new FieldError(`${at} holds a lone surrogate`)
  return text
}

function countAt(json: JsonValue | undefined, at: string): number {
  if (!Number.isSafeInteger(json) || Number(json) < 0) throw new FieldError(`${at} is no count`)
  return Number(json)
}

function dateAt(json: JsonValue | undefined, at: string): Date {
  const date = new Date(textAt(json, at))
  if (Number.isNaN(date.getTime())) throw new FieldError(`${at} is no time`)
  return date
}
