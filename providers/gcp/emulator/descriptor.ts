/** What a value of a field is, other than a message or an enum. */
export type Scalar = 'string' | 'bool' | 'bytes' | 'int32' | 'int64' | 'timestamp' | 'duration' | 'mask'

/** Names by number. A number without a name is kept as it is. */
export interface EnumType {
  readonly values: Readonly<Record<string, number>>
}

export type ValueType = Scalar | EnumType | MessageType

export interface Field {
  readonly id: number
  readonly type: ValueType
  /** `map` has strings as keys. */
  readonly label: 'single' | 'list' | 'map'
  /** Zero differs from absent, as it always does for messages. */
  readonly isOptional: boolean
  /** Of the fields of a union at most one is set. */
  readonly union: string | undefined
}

/** A message: its fields by their names in JSON. */
export interface MessageType<T extends object = object> {
  readonly fields: Readonly<Record<string, Field>>
  /** The same by number, for reading. */
  readonly byId: ReadonlyMap<number, readonly [name: string, field: Field]>
  /** Only for the type checker: what such a message is as an object. */
  readonly object?: T
}

type More = Partial<Omit<Field, 'id' | 'type'>>

export function field(id: number, type: ValueType, more: More = {}): Field {
  return { id, type, label: 'single', isOptional: false, union: undefined, ...more }
}

export function list(id: number, type: ValueType): Field {
  return field(id, type, { label: 'list' })
}

export function map(id: number, type: ValueType): Field {
  return field(id, type, { label: 'map' })
}

export function oneof(union: string, id: number, type: ValueType): Field {
  return field(id, type, { union, isOptional: true })
}

export function enumOf(...values: readonly (readonly [name: string, number: number])[]): EnumType {
  return { values: Object.fromEntries(values) }
}

/** Each member of the object type needs a field, and no other name is taken. */
export function message<T extends object>(
  fields: {
    readonly [K in keyof Required<T>]: Field
  },
): MessageType<T> {
  const entries = Object.entries<Field>(fields)
  return { fields, byId: new Map(entries.map(([name, one]) => [one.id, [name, one]])) }
}

export function isMessage(type: ValueType): type is MessageType {
  return typeof type === 'object' && 'fields' in type
}

/** What a field holds that was never set, but for messages and unions. */
export function isDefault(value: unknown): boolean {
  return (
    value === '' ||
    value === 0 ||
    value === false ||
    value === 0n ||
    (Buffer.isBuffer(value) && value.length === 0)
  )
}
