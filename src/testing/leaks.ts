import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { formsOf } from '../boundary/redact.js'
import { SecretValue } from '../secret.js'

/** Stands in every value that the suites store, so that one is recognised wherever it turns up. */
export const canary = 'CANARY0f1d3c9b'

/** A fresh value with the canary in it. */
export function canaryValue(): string {
  return `${canary}-${randomBytes(8).toString('hex')}`
}

/** A way to look at an object: what a logger, a debugger or a crash report would show. */
export type View = 'message' | 'stack' | 'inspect' | 'inspect-deep' | 'inspect-hidden' | 'json' | 'graph'

export interface Leak {
  readonly view: View
  /** Which of the forms of the value was seen. */
  readonly form: string
}

/** Every place and form in which a value can be read from what is reachable from `subject`. */
export function leaksIn(subject: unknown, values: readonly (string | Uint8Array)[]): Leak[] {
  const needles = values.flatMap((value) => needlesOf(value))
  return Object.entries(views).flatMap(([view, show]) => {
    const shown = show(subject)
    return needles
      .filter(({ text }) => shown.includes(text))
      .map(({ form }) => ({ view: view as View, form }))
  })
}

interface Needle {
  readonly form: string
  readonly text: string
}

/** Every form in which a value may stand in a text. */
export function needlesOf(value: string | Uint8Array): Needle[] {
  const wrapped = typeof value === 'string' ? SecretValue.text(value) : SecretValue.binary(value)
  const texts = [...new Set(formsOf(wrapped))].filter((text) => text.length >= 8)
  return texts.map((text, index) => ({ form: `form ${index + 1} of ${texts.length}`, text }))
}

const views: { readonly [V in View]: (subject: unknown) => string } = {
  message: (subject) => (subject instanceof Error ? subject.message : ''),
  stack: (subject) => (subject instanceof Error ? (subject.stack ?? '') : ''),
  inspect: (subject) => inspect(subject),
  'inspect-deep': (subject) => inspect(subject, { depth: Number.POSITIVE_INFINITY }),
  'inspect-hidden': (subject) => inspect(subject, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
  json: (subject) => jsonOf(subject),
  graph: (subject) => graphOf(subject),
}

function jsonOf(subject: unknown): string {
  const seen = new WeakSet<object>()
  const text: string | undefined = JSON.stringify(subject, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value)
    if (typeof value !== 'object' || value === null) return value
    if (seen.has(value)) return '[seen]'
    seen.add(value)
    return value
  })
  return text ?? ''
}

/** All text and bytes that can be reached through own properties of any kind, getters called, maps and sets entered. */
function graphOf(subject: unknown): string {
  const seen = new WeakSet<object>()
  const texts: string[] = []
  const waiting: unknown[] = [subject]
  for (let value = waiting.pop(); value !== undefined || waiting.length > 0; value = waiting.pop()) {
    if (typeof value === 'string') texts.push(value)
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      continue
    seen.add(value)
    if (value instanceof Uint8Array) {
      const bytes = Buffer.from(value)
      texts.push(bytes.toString('utf8'), bytes.toString('latin1'), bytes.join(','))
      continue
    }
    if (value instanceof Map) waiting.push(...value.keys(), ...value.values())
    if (value instanceof Set) waiting.push(...value)
    for (const key of Reflect.ownKeys(value)) {
      texts.push(String(key))
      waiting.push(Reflect.get(value, key))
    }
  }
  return texts.join('\n')
}
