import { isMessage, type MessageType, type ValueType } from './descriptor.js'
import { type Filter, type Operator, timeOf } from './filter-syntax.js'
import { durationOf } from './instants.js'

/** Whether a message passes a filter, which was parsed for its type. */
export function matches(filter: Filter, message: object, type: MessageType): boolean {
  if (filter === undefined) return true
  if ('all' in filter) return filter.all.every((one) => matches(one, message, type))
  if ('any' in filter) return filter.any.some((one) => matches(one, message, type))
  if ('not' in filter) return !matches(filter.not, message, type)
  const { path, operator, value } = filter
  const found = valuesAt(message, path, type)
  if (operator === '!=') return !found.some((one) => isEqual(one, value))
  return found.some((one) => {
    if (operator === ':') return has(one, value)
    return operator === '=' ? isEqual(one, value) : compare(one, operator, value)
  })
}

interface Found {
  readonly value: unknown
  readonly type: ValueType
  /** Of a map that is tested as a whole: its keys count. */
  readonly isMap: boolean
}

function valuesAt(message: object, [name = '', ...rest]: readonly string[], type: MessageType): Found[] {
  const field = type.fields[name]
  const value = (message as Readonly<Record<string, unknown>>)[name]
  if (field === undefined || value === undefined) return []
  if (field.label === 'map') {
    if (rest.length === 0) return [{ value, type: field.type, isMap: true }]
    const key = rest.join('.')
    return Object.hasOwn(value as object, key)
      ? [{ value: (value as Readonly<Record<string, unknown>>)[key], type: field.type, isMap: false }]
      : []
  }
  const values = field.label === 'list' ? (value as readonly unknown[]) : [value]
  const inner = field.type
  if (rest.length > 0 && isMessage(inner)) {
    return values.flatMap((one) => valuesAt(one as object, rest, inner))
  }
  return values.map((one) => ({ value: one, type: inner, isMap: false }))
}

function has({ value, type, isMap }: Found, wanted: string): boolean {
  if (wanted === '*') return true
  if (isMap) return Object.hasOwn(value as object, wanted)
  if (type === 'string') return String(value).toLowerCase().includes(wanted.toLowerCase())
  return isEqual({ value, type, isMap }, wanted)
}

function isEqual({ value, type, isMap }: Found, wanted: string): boolean {
  if (isMap || isMessage(type)) return false
  if (type === 'timestamp') return value === timeOf(wanted)
  if (type === 'duration') return value === durationOf(wanted)
  return String(value) === wanted
}

function compare({ value, type }: Found, operator: Operator, wanted: string): boolean {
  const right =
    type === 'timestamp' ? timeOf(wanted) : type === 'duration' ? durationOf(wanted) : Number(wanted)
  const left = Number(value)
  if (right === undefined) return false
  if (operator === '<') return left < right
  if (operator === '<=') return left <= right
  return operator === '>' ? left > right : left >= right
}
