import type { JsonValue } from './operations.js'

/** Thrown by {@link parseJson}: says where, never what. `JSON.parse` quotes its input, which may be a secret. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
  /** Offset of the first byte that is not JSON. */
  readonly byteOffset: number

  constructor(byteOffset: number) {
    super(`not JSON at byte ${byteOffset}`)
    this.byteOffset = byteOffset
  }
}

/**
 * The one JSON parser of the package.
 *
 * @throws {JsonError} naming the byte where the text stops being JSON, without quoting it.
 */
export function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new JsonError(Buffer.byteLength(text.slice(0, faultOf(text))))
  }
}

/** The JSON object or array that the text is, or `undefined` for any other text. */
export function documentOf(text: string): JsonValue | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}

const literal =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these characters in strings
  /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")/y
const space = /[ \t\n\r]*/y

/** Index of the first character at which the text stops being JSON. Runs on texts that are known to be broken. */
function faultOf(text: string): number {
  let at = 0
  const closers: string[] = []
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    if (!pattern.test(text)) return false
    at = pattern.lastIndex
    return true
  }
  const take = (character: string): boolean => {
    if (text[at] !== character) return false
    at += 1
    return true
  }
  const key = (): boolean => {
    skip(space)
    if (text[at] !== '"' || !skip(literal)) return false
    skip(space)
    return take(':')
  }
  const close = (): boolean => {
    const closer = closers.at(-1)
    if (closer === undefined || !take(closer)) return false
    closers.pop()
    return true
  }

  for (;;) {
    skip(space)
    if (take('{')) {
      closers.push('}')
      skip(space)
      if (!close()) {
        if (!key()) return at
        continue
      }
    } else if (take('[')) {
      closers.push(']')
      skip(space)
      if (!close()) continue
    } else if (!skip(literal)) return at
    for (skip(space); close(); ) skip(space)
    const closer = closers.at(-1)
    if (closer === undefined || !take(',')) return at
    if (closer === '}' && !key()) return at
  }
}
