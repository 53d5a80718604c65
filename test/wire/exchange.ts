import { readdirSync, readFileSync } from 'node:fs'
import { parseJson } from 'strongroom/testing'

/** One request and its answer, small enough to be checked by hand against their source. */
export interface Exchange {
  readonly request: WireRequest
  readonly response: { readonly status: number; readonly body: unknown }
  /** Milliseconds that the service's clock moves on before. */
  readonly after?: number
  /** Without a token. */
  readonly anonymous?: boolean
}

/** `operation` on AWS; `method` and `path`, with its query where it has one, on Azure and Google. */
export interface WireRequest {
  readonly operation?: string
  readonly method?: string
  readonly path?: string
  readonly body?: unknown
  readonly after?: number
}

export interface Witness {
  readonly file: string
  readonly title: string
  /** Where the answer is known from, in words. */
  readonly provenance: string
  /** Requests that bring the service into the state. */
  readonly before: readonly WireRequest[]
  /** The call of a store that sends these requests; absent where none does. */
  readonly call?: { readonly method: string; readonly args: readonly unknown[] }
  readonly exchanges: readonly Exchange[]
  /** What the call answers, at least. */
  readonly answer?: unknown
  /** The code that it rejects with. */
  readonly error?: string
}

export const clouds = ['aws', 'azure', 'gcp'] as const
export type Cloud = (typeof clouds)[number]

export function witnesses(cloud: Cloud): readonly Witness[] {
  const folder = new URL(`${cloud}/`, import.meta.url)
  return readdirSync(folder).map((file) => ({
    ...(parseJson(readFileSync(new URL(file, folder), 'utf8')) as unknown as Witness),
    file,
  }))
}

/** What stands for a text that is not the same each time: `<uuid:new>`, `<vault>`, `<text>`. */
export type Bindings = Map<string, string>

const placeholder = /^<(uuid:\w+|text)>$/
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

/** Where `actual` is not what was recorded; binds the placeholders that it meets first. */
export function differences(
  recorded: unknown,
  actual: unknown,
  bound: Bindings,
  at = '$',
  exact = true,
): string[] {
  if (typeof recorded === 'string') return textDifference(recorded, actual, bound, at)
  if (typeof recorded !== 'object' || recorded === null) return recorded === actual ? [] : [at]
  if (typeof actual !== 'object' || actual === null) return [at]
  const [expected, found] = [recorded, actual] as Record<string, unknown>[]
  const extra = exact ? Object.keys(found ?? {}).filter((key) => !Object.hasOwn(recorded, key)) : []
  return [
    ...extra.map((key) => `${at}.${key} is not recorded`),
    ...Object.keys(recorded).flatMap((key) =>
      differences(expected?.[key], found?.[key], bound, `${at}.${key}`, exact),
    ),
  ]
}

function textDifference(recorded: string, actual: unknown, bound: Bindings, at: string): string[] {
  const name = placeholder.exec(recorded)?.[1]
  if (name === 'text') return typeof actual === 'string' && actual !== '' ? [] : [at]
  if (name !== undefined && !bound.has(name)) {
    if (typeof actual !== 'string' || !uuid.test(actual)) return [`${at} is no uuid`]
    bound.set(name, actual)
  }
  return filled(recorded, bound) === actual ? [] : [at]
}

/** The recorded document with its placeholders filled in. */
export function filled(recorded: unknown, bound: Bindings): unknown {
  if (typeof recorded === 'string') {
    const name = placeholder.exec(recorded)?.[1]
    if (name === 'text') return 'a text'
    if (name !== undefined) return bound.get(name)
    return recorded.replace('<vault>', bound.get('vault') ?? '<vault>')
  }
  if (Array.isArray(recorded)) return recorded.map((item) => filled(item, bound))
  if (typeof recorded !== 'object' || recorded === null) return recorded
  return Object.fromEntries(Object.entries(recorded).map(([key, item]) => [key, filled(item, bound)]))
}

export const sampleUuid = '00000000-0000-4000-8000-0000000000aa'
