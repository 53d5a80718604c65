import { type JsonObject, type JsonValue, parseJson } from 'strongroom/provider'

/**
 * Whether a JSON text comes through a server that keeps parsed JSON: as JavaScript would write it, with every number
 * and string of a kind that all parsers read alike, and nothing that a parser would drop.
 */
export function isPlainJson(text: string): boolean {
  return JSON.stringify(parseJson(text)) === text && !/\\ud[89a-f]/i.test(text)
}

/** The text of a member of a JSON document, to the character. The document has been parsed before. */
export function memberText(document: string, ...path: readonly string[]): string | undefined {
  return path.reduce<string | undefined>((text, key) => text && oneMember(text, key), document)
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/gs

function oneMember(object: string, key: string): string | undefined {
  let depth = 0
  let at: number | undefined
  let name: string | undefined
  for (const { 0: text, index } of object.matchAll(token)) {
    if (text === '{' || text === '[') depth += 1
    else if (text === '}' || text === ']') depth -= 1
    else if (depth === 1 && text === ':' && name === key) at = index + 1
    if (depth === 1 && text.startsWith('"') && at === undefined) name = parseJson(text) as string
    const isOver = (depth === 1 && text === ',') || depth === 0
    if (at !== undefined && isOver) return object.slice(at, index).trim()
  }
  return undefined
}

/** Whether JavaScript reads every number of a JSON text without loss. */
export function hasPlainNumbers(text: string): boolean {
  for (const { 0: part } of text.matchAll(token)) {
    if (/^[-\d]/.test(part) && JSON.stringify(Number(part)) !== part) return false
  }
  return true
}

/** The order of the keys of a value, in which 0 stands for whatever is in the server's order anyway. */
export type KeyOrder = 0 | readonly KeyOrder[] | { readonly [key: string]: KeyOrder }

/** The server gives keys back sorted by their bytes. */
export function orderOf(value: JsonValue | undefined): KeyOrder {
  if (Array.isArray(value)) {
    const orders = value.map(orderOf)
    return orders.every((order) => order === 0) ? 0 : orders
  }
  if (typeof value !== 'object' || value === null) return 0
  const keys = Object.keys(value)
  const orders = keys.map((key) => orderOf((value as JsonObject)[key]))
  const sorted = [...keys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
  const isSorted = keys.every((key, index) => key === sorted[index]) && orders.every((order) => order === 0)
  return isSorted ? 0 : fromEntries(keys.map((key, index) => [key, orders[index] ?? 0]))
}

/** The value with its keys in that order; those that the order does not know come last. */
export function inOrder(value: JsonValue, order: unknown): JsonValue {
  if (Array.isArray(value)) {
    return value.map((item, index) => inOrder(item, Array.isArray(order) ? order[index] : 0))
  }
  if (typeof value !== 'object' || value === null || typeof order !== 'object' || order === null) return value
  const orders = order as Readonly<Record<string, unknown>>
  const object = value as JsonObject
  const known = Object.keys(orders).filter((key) => Object.hasOwn(object, key))
  const others = Object.keys(object).filter((key) => !Object.hasOwn(orders, key))
  return fromEntries([...known, ...others].map((key) => [key, inOrder(object[key] ?? null, orders[key])]))
}

/** Also of a key called `__proto__`. */
function fromEntries<T>(entries: readonly (readonly [string, T])[]): { [key: string]: T } {
  return Object.fromEntries(entries)
}
