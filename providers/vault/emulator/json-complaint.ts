const key = /[{,]\s*"(?:[^"\\]|\\.)*"$/s
const wholeText = /^"(?:[^"\\]|\\.)*"/s
const endOfValue = /["\d\]}]$|(?:true|false|null)$/

/**
 * What the parser of the service says of a text that stops being JSON at a byte. It reports a comma too many at the
 * comma, and quotes the one character that is wrong.
 */
export function jsonComplaint(text: string, byteOffset: number): string {
  const bytes = Buffer.from(text)
  const before = bytes.subarray(0, byteOffset).toString('utf8').trimEnd()
  const rest = bytes.subarray(byteOffset).toString('utf8')
  const [character] = rest
  if (character === undefined) return 'unexpected EOF'
  const wrong = `invalid character '${character}'`
  const container = containerAt(before)
  if (container === '{' && key.test(before)) return `${wrong} after object key`
  if (endOfValue.test(before) && container === '{') return `${wrong} after object key:value pair`
  if (endOfValue.test(before) && container === '[') return `${wrong} after array element`
  if (before.endsWith(',') && /[}\]]/.test(character))
    return "invalid character ',' looking for beginning of value"
  if (container === '{' && /[{,]$/.test(before) && /[-\d[{tfn]/.test(character)) {
    return 'object member name must be a string'
  }
  return inValue(rest) ?? `${wrong} looking for beginning of value`
}

/** A literal that goes wrong on the way, or a string that does not end or escapes what it may not. */
function inValue(rest: string): string | undefined {
  if (rest.startsWith('"')) {
    const bad = /^"(?:[^"\\]|\\["\\/bfnrtu])*(\\[^"\\/bfnrtu])/s.exec(rest)?.[1]
    if (bad !== undefined) return `invalid escape sequence \`${bad}\` in string`
    return wholeText.test(rest) ? undefined : 'unexpected EOF'
  }
  const literal = ['true', 'false', 'null'].find((word) => word[0] === rest[0])
  if (literal === undefined) return undefined
  const at = [...literal].findIndex((letter, i) => rest[i] !== letter)
  if (at >= rest.length) return 'unexpected EOF'
  return at < 1
    ? undefined
    : `invalid character '${rest[at]}' in literal ${literal} (expecting '${literal[at]}')`
}

/** The innermost bracket that is open at the end. */
function containerAt(text: string): string | undefined {
  const open: string[] = []
  for (const bracket of text.replace(/"(?:[^"\\]|\\.)*"/gs, '').match(/[[\]{}]/g) ?? []) {
    if (bracket === '{' || bracket === '[') open.push(bracket)
    else open.pop()
  }
  return open.at(-1)
}
