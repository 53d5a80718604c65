/** As much of HCL as policies are written in: blocks with one label, attributes, texts, numbers, lists and objects. */
export interface HclBlock {
  readonly name: string
  readonly label: string
  /** 0 for a block at the top. */
  readonly line: number
  readonly body: Readonly<Record<string, HclValue>>
}

export type HclValue = string | number | boolean | readonly HclValue[] | { readonly [key: string]: HclValue }

interface Token {
  readonly text: string
  readonly kind: 'word' | 'text' | 'mark' | 'end'
  readonly at: number
}

const lexeme =
  /(?<skip>\s+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<text>"(?:[^"\\\n]|\\.)*")|(?<word>[A-Za-z0-9_.-]+)|(?<mark>[{}[\]=,:])/y

/** @param fail makes the error for a text, as the caller words it. */
export function parseHcl(source: string, fail: (text: string) => Error): readonly HclBlock[] {
  const tokens = tokensOf(source, fail)
  let next = 0
  const peek = (): Token => tokens[next] ?? { kind: 'end', text: 'EOF', at: source.length }
  const take = (): Token => {
    const token = peek()
    next += 1
    return token
  }
  /** Line and column; the end counts as two columns on. */
  const place = ({ at, kind }: Token): string => {
    const before = source.slice(0, at)
    return `${before.split('\n').length}:${at - before.lastIndexOf('\n') + (kind === 'end' ? 1 : 0)}`
  }
  const expect = (mark: string, what: string): void => {
    const token = take()
    if (token.kind === 'mark' && token.text === mark) return
    throw fail(`At ${place(token)}: ${what} got: ${nameOf(token)}`)
  }
  const value = (): HclValue => {
    const token = take()
    if (token.kind === 'text') return unquote(token.text)
    if (token.kind === 'word') return scalar(token.text)
    if (token.text === '[') return list()
    if (token.text === '{') return object()
    throw fail(`At ${place(token)}: object expected closing RBRACE got: ${nameOf(token)}`)
  }
  const list = (): HclValue[] => {
    const items: HclValue[] = []
    while (peek().text !== ']' || peek().kind !== 'mark') {
      items.push(value())
      if (peek().text === ',') take()
      else if (peek().text !== ']')
        throw fail(
          `At ${place(peek())}: error parsing list, expected comma or list end, got: ${nameOf(peek())}`,
        )
    }
    take()
    return items
  }
  const object = (): Record<string, HclValue> => {
    const fields: Record<string, HclValue> = {}
    while (peek().text !== '}' || peek().kind !== 'mark') {
      const name = take()
      if (name.kind !== 'word' && name.kind !== 'text') {
        throw fail(`At ${place(name)}: object expected closing RBRACE got: ${nameOf(name)}`)
      }
      if (peek().text === '=' || peek().text === ':') take()
      fields[name.kind === 'text' ? unquote(name.text) : name.text] = value()
      if (peek().text === ',') take()
    }
    take()
    return fields
  }
  const blocks: HclBlock[] = []
  while (peek().kind !== 'end') {
    const name = take()
    if (peek().text === '=') {
      take()
      value()
      blocks.push({ name: name.text, label: '', line: 0, body: {} })
      continue
    }
    const label = peek().kind === 'text' ? unquote(take().text) : ''
    const line = source.slice(0, name.at).split('\n').length
    expect('{', 'expected start of object')
    blocks.push({ name: name.text, label, line: name.text === 'path' ? line : 0, body: object() })
  }
  return blocks
}

function tokensOf(source: string, fail: (text: string) => Error): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < source.length; at = lexeme.lastIndex) {
    lexeme.lastIndex = at
    const match = lexeme.exec(source)
    if (match === null)
      throw fail(`At ${source.slice(0, at).split('\n').length}:${at + 1}: illegal character`)
    const { skip, text, word } = match.groups ?? {}
    if (skip !== undefined) continue
    tokens.push({
      text: match[0],
      kind: text !== undefined ? 'text' : word !== undefined ? 'word' : 'mark',
      at,
    })
  }
  return tokens
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
}

function scalar(word: string): HclValue {
  if (word === 'true' || word === 'false') return word === 'true'
  return /^-?\d+(\.\d+)?$/.test(word) ? Number(word) : word
}

const marks: Readonly<Record<string, string>> = {
  '{': 'LBRACE',
  '}': 'RBRACE',
  '[': 'LBRACK',
  ']': 'RBRACK',
  '=': 'ASSIGN',
  ',': 'COMMA',
}

function nameOf({ kind, text }: Token): string {
  if (kind === 'end') return 'EOF'
  return kind === 'mark' ? (marks[text] ?? text) : kind === 'text' ? 'STRING' : 'IDENT'
}
