import { badRequest, inList } from './errors.js'
import { goType, textOf } from './fields.js'
import type { JsonObject } from './model.js'

type Metadata = Readonly<Record<string, string>>

const maxKeys = 64
const maxKeyBytes = 128
const maxValueBytes = 512

/** @throws {VaultError} for what breaks a rule of the service. */
export function customMetadataOf(given: JsonObject): Metadata {
  const metadata = Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const text = value === null ? '' : textOf(value)
      if (text !== undefined) return [key, text] as const
      throw badRequest(
        `custom_metadata validation failed: '' expected type 'string', got unconvertible type '${goType(value)}'`,
      )
    }),
  )
  check(metadata)
  return metadata
}

/** `null` removes a key. */
export function patchedMetadata(before: Metadata | null, patch: JsonObject): Metadata {
  const kept = Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null)
  return customMetadataOf(Object.fromEntries(kept))
}

function check(metadata: Metadata): void {
  const fail = (text: string): Error => badRequest(inList(`custom_metadata validation failed: ${text}`))
  const entries = Object.entries(metadata)
  if (entries.length > maxKeys) {
    throw fail(`payload must contain at most ${maxKeys} keys, provided ${entries.length}`)
  }
  for (const [key, value] of entries) {
    const [keyBytes, valueBytes] = [Buffer.byteLength(key), Buffer.byteLength(value)]
    const quoted = quote(key)
    if (keyBytes < 1 || keyBytes > maxKeyBytes) {
      throw fail(`length of key ${quoted} is ${keyBytes} but must be 0 < len(key) <= ${maxKeyBytes}`)
    }
    if (valueBytes < 1 || valueBytes > maxValueBytes) {
      throw fail(
        `length of value for key ${quoted} is ${valueBytes} but must be 0 < len(value) <= ${maxValueBytes}`,
      )
    }
    if (!isPrintable(key)) throw fail(`key ${quoted} (${key}) contains unprintable characters`)
    if (!isPrintable(value)) throw fail(`value for key ${quoted} contains unprintable characters`)
  }
}

function isPrintable(text: string): boolean {
  return !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(text)
}

function quote(text: string): string {
  return JSON.stringify(text).replace(/\\u00([0-9a-f]{2})/g, '\\x$1')
}
