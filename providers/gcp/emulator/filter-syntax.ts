import { type Field, isMessage, type MessageType, type ValueType } from './descriptor.js'
import { type GcpError, invalidArgument } from './errors.js'
import { timestampOf } from './instants.js'
import { memberName } from './json-form.js'

/** A parsed filter. `undefined` is one that everything passes. */
export type Filter =
  | undefined
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter }
  | { readonly path: readonly string[]; readonly operator: Operator; readonly value: string }

export type Operator = ':' | '=' | '!=' | '<' | '<=' | '>' | '>='

type Token = { readonly kind: 'word' | 'text' | 'operator' | '(' | ')'; readonly text: string }

const tokenPattern =
  /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(<=|>=|!=|[:=<>])|([()])|([^\s()"'<>=!:]+))/y

/**
 * Reads a filter: tests of fields such as `name:db`, `labels.env=prod`, `create_time>2021-01-01T00:00:00Z` and
 * `state:ENABLED`, joined by `AND` (or by nothing), `OR` and `NOT` (or `-`), with parentheses. `OR` binds closer than `AND`.
 * A word alone is looked for in the name. Names of fields are in either spelling.
 *
 * @throws {GcpError} `INVALID_ARGUMENT` for anything else.
 */
export function parseFilter(type: MessageType, text = ''): Filter {
  const tokens = tokensOf(text)
  if (tokens.length === 0) return undefined
  let next = 0
  const peek = (ahead = 0): Token | undefined => tokens[next + ahead]
  const isWord = (word: string): boolean => peek()?.kind === 'word' && peek()?.text === word

  const conjunction = (depth: number): Filter => {
    const all = [disjunction(depth)]
    while (peek() !== undefined && peek()?.kind !== ')') {
      if (isWord('AND')) next += 1
      all.push(disjunction(depth))
    }
    return all.length === 1 ? all[0] : { all }
  }
  const disjunction = (depth: number): Filter => {
    const any = [term(depth)]
    while (isWord('OR')) {
      next += 1
      any.push(term(depth))
    }
    return any.length === 1 ? any[0] : { any }
  }
  const term = (depth: number): Filter => {
    if (depth > 50) throw invalidFilter('it is nested too deep')
    const token = peek()
    if (token === undefined) throw invalidFilter('it ends where a test is expected')
    if (isWord('NOT')) {
      next += 1
      return { not: term(depth + 1) }
    }
    if (token.kind === '(') {
      next += 1
      const inside = conjunction(depth + 1)
      if (peek()?.kind !== ')') throw invalidFilter('a parenthesis is not closed')
      next += 1
      return inside
    }
    return test(token)
  }
  const test = (token: Token): Filter => {
    if (token.kind === 'operator' || token.kind === ')' || isWord('AND') || isWord('OR')) {
      throw invalidFilter(`a test cannot begin with ${token.text}`)
    }
    next += 1
    const isNegated = token.kind === 'word' && token.text.startsWith('-')
    const name = isNegated ? token.text.slice(1) : token.text
    const filter = comparison(token.kind === 'text', name)
    return isNegated ? { not: filter } : filter
  }
  const comparison = (isQuoted: boolean, name: string): Filter => {
    const operator = peek()
    if (operator?.kind !== 'operator') return { path: ['name'], operator: ':', value: name }
    if (isQuoted) throw invalidFilter(`${name} is no name of a field`)
    next += 1
    const value = peek()
    if (value?.kind !== 'word' && value?.kind !== 'text') {
      throw invalidFilter(`a value is expected after ${operator.text}`)
    }
    next += 1
    let whole = value.text
    // A time without quotation marks is split at its colons.
    while (value.kind === 'word' && peek()?.text === ':' && peek(1)?.kind === 'word') {
      whole += `:${peek(1)?.text}`
      next += 2
    }
    return checked(type, name, operator.text as Operator, whole)
  }
  const filter = conjunction(0)
  if (peek() !== undefined) throw invalidFilter('a parenthesis is closed that was not opened')
  return filter
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  const source = text.trimEnd()
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < source.length) {
    const match = tokenPattern.exec(source)
    if (match === null) throw invalidFilter('it holds a character that no filter can have')
    const [, double, single, operator, parenthesis, word] = match
    const quoted = double ?? single
    if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replaceAll(/\\(.)/g, '$1') })
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator })
    else if (parenthesis !== undefined) tokens.push({ kind: parenthesis as '(' | ')', text: parenthesis })
    else tokens.push({ kind: 'word', text: word ?? '' })
  }
  return tokens
}

const ordered = new Set<ValueType>(['timestamp', 'duration', 'int32', 'int64'])

/** A test of a field that there is, with an operator that it knows and a value that it can have. */
function checked(type: MessageType, name: string, operator: Operator, value: string): Filter {
  const path: string[] = []
  let field: Field | undefined
  for (const segment of name.split('.')) {
    if (field?.label === 'map') {
      path.push(segment)
      continue
    }
    const here = field === undefined ? type : isMessage(field.type) ? field.type : undefined
    const member = here === undefined ? undefined : memberName(here, segment)
    if (here === undefined || member === undefined) throw invalidFilter(`there is no field ${name}`)
    path.push(member)
    field = here.fields[member]
  }
  if (field === undefined || path.length > 4) throw invalidFilter(`there is no field ${name}`)
  const isOrder = operator !== ':' && operator !== '=' && operator !== '!='
  if (isOrder && !ordered.has(field.type)) throw invalidFilter(`${name} cannot be compared by ${operator}`)
  if (field.type === 'timestamp' && value !== '*' && timeOf(value) === undefined) {
    throw invalidFilter(`${name} takes a time such as 2021-01-01T00:00:00Z`)
  }
  return { path, operator, value }
}

/** A day alone is its first moment. */
export function timeOf(text: string): number | undefined {
  return timestampOf(text) ?? timestampOf(`${text}T00:00:00Z`) ?? timestampOf(`${text}Z`)
}

function invalidFilter(why: string): GcpError {
  return invalidArgument(`Invalid filter: ${why}.`)
}
