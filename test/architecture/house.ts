import ts from 'typescript'
import { lineOf, parse, walk } from './imports.js'

/** A broken rule of the house. */
export interface Breach {
  readonly path: string
  readonly line: number
  readonly rule: string
}

const maxLines = 400
const maxCommentShare = 0.15
/** Read like a manual, or name the source of every fact: their prose is the contract. */
const contractFile =
  /^(src\/(operations|provider|store|errors)|providers\/[a-z]+\/(capabilities|limits|facts))\.ts$/
const providerNames = ['aws', 'vault', 'gcp', 'azure', 'env', 'file', 'memory']
/** What goes into a factory may leave things out; what comes out has them all. */
const partialByDesign = /(Definition|Options)$/

/** Everything that the house has against one source file, beside its imports. */
export function breachesOf(path: string, text: string): Breach[] {
  const file = parse(path, text)
  const found: Breach[] = []
  const report = (node: ts.Node, rule: string | undefined): void => {
    if (rule !== undefined) found.push({ path, line: lineOf(file, node), rule })
  }
  walk(file, (node) => {
    if (ts.isCatchClause(node)) report(node, catchFault(node.variableDeclaration?.name, node.block))
    if (ts.isCallExpression(node)) {
      report(node, promiseCatchFault(node))
      report(node, jsonFault(path, node))
    }
    if (ts.isAwaitExpression(node) && !path.startsWith('src/cli/')) report(node, topLevelAwaitFault(node))
    if (path.startsWith('src/') && !/^src\/(open\.ts|cli\/)/.test(path)) report(node, nameBranchFault(node))
    if (/^src\/(provider|operations|names|layer|store)\.ts$/.test(path))
      report(node, optionalMethodFault(node))
  })
  const lines = text.trimEnd().split('\n').length
  if (lines > maxLines) found.push({ path, line: lines, rule: `has ${lines} lines, more than ${maxLines}` })
  if (!contractFile.test(path)) found.push(...tooTalkative(file))
  return found
}

/**
 * A catch names what it caught, and throws it again or hands it whole to what classifies or reports it. Looking at it
 * (`instanceof`, a condition) is not enough: what was not recognised would be lost.
 */
function catchFault(name: ts.Node | undefined, body: ts.Node): string | undefined {
  if (name === undefined || !ts.isIdentifier(name)) return 'catches without naming the error'
  let kept = false
  const visit = (node: ts.Node): void => {
    if (ts.isThrowStatement(node)) kept = true
    if (ts.isIdentifier(node) && node.text === name.text && node !== name) kept ||= isHandedOn(node)
    ts.forEachChild(node, visit)
  }
  visit(body)
  return kept ? undefined : 'catches an error and neither throws it again nor hands it on'
}

function isHandedOn(error: ts.Identifier): boolean {
  let inside: ts.Node = error
  for (let node = error.parent; !ts.isCatchClause(node); node = node.parent) {
    if (ts.isPropertyAccessExpression(node) || ts.isTypeOfExpression(node)) return false
    if (ts.isBinaryExpression(node) && node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return false
    if (ts.isPrefixUnaryExpression(node)) return false
    if (ts.isIfStatement(node)) return node.expression !== inside
    if (ts.isConditionalExpression(node) && node.condition === inside) return false
    if (ts.isStatement(node) || ts.isFunctionLike(node)) return true
    inside = node
  }
  return true
}

/** The same for `promise.catch(…)` with a function written in place. */
function promiseCatchFault(call: ts.CallExpression): string | undefined {
  if (!ts.isPropertyAccessExpression(call.expression) || call.expression.name.text !== 'catch')
    return undefined
  const [handler] = call.arguments
  if (handler === undefined || !(ts.isArrowFunction(handler) || ts.isFunctionExpression(handler)))
    return undefined
  return catchFault(handler.parameters[0]?.name, handler.body)
}

function jsonFault(path: string, call: ts.CallExpression): string | undefined {
  if (path === 'src/json.ts' || call.expression.getText() !== 'JSON.parse') return undefined
  return 'JSON.parse quotes its input in its errors: use parseJson'
}

function topLevelAwaitFault(node: ts.Node): string | undefined {
  for (let outer = node.parent; outer !== undefined; outer = outer.parent)
    if (ts.isFunctionLike(outer)) return undefined
  return 'top-level await: require() could not load the package'
}

function nameBranchFault(node: ts.Node): string | undefined {
  const compared = comparedWith(node)
  const name = compared.find((side) => ts.isStringLiteralLike(side) && providerNames.includes(side.text))
  return name === undefined ? undefined : `branches on the provider's name ${name.getText()}`
}

function comparedWith(node: ts.Node): readonly ts.Expression[] {
  if (ts.isCaseClause(node)) return [node.expression]
  if (!ts.isBinaryExpression(node)) return []
  const { kind } = node.operatorToken
  const equality = [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken]
  return equality.includes(kind) ? [node.left, node.right] : []
}

function optionalMethodFault(node: ts.Node): string | undefined {
  if (!(ts.isMethodSignature(node) || ts.isPropertySignature(node)) || node.questionToken === undefined)
    return undefined
  const owner = node.parent
  if (ts.isInterfaceDeclaration(owner) && partialByDesign.test(owner.name.text)) return undefined
  const isMethod = ts.isMethodSignature(node) || (node.type !== undefined && mentionsFunction(node.type))
  return isMethod ? `${node.name.getText()} is an optional method of the contract` : undefined
}

function mentionsFunction(type: ts.TypeNode): boolean {
  if (ts.isFunctionTypeNode(type)) return true
  if (ts.isParenthesizedTypeNode(type)) return mentionsFunction(type.type)
  if (ts.isUnionTypeNode(type)) return type.types.some(mentionsFunction)
  return (
    ts.isTypeReferenceNode(type) && /^(Handler|ProviderOperation|Classify)$/.test(type.typeName.getText())
  )
}

/** Comments that are not the docstrings of what a file exports, measured in lines that are not blank. */
function tooTalkative(file: ts.SourceFile): Breach[] {
  const lineAt = (position: number): number => file.getLineAndCharacterOfPosition(position).line
  const asides = new Set<number>()
  for (const [from, to] of commentRanges(file)) {
    for (let line = lineAt(from); line <= lineAt(to); line += 1) asides.add(line)
  }
  for (const [from, to] of publicDocs(file)) {
    for (let line = lineAt(from); line <= lineAt(to); line += 1) asides.delete(line)
  }
  const lines = file.text.split('\n').filter((line) => line.trim() !== '').length
  const share = asides.size / lines
  if (share < maxCommentShare || asides.size < 5) return []
  const percent = Math.round(share * 100)
  return [
    { path: file.fileName, line: 1, rule: `${percent}% of its lines are comments inside; 15% is the limit` },
  ]
}

type Range = readonly [number, number]

function commentRanges(file: ts.SourceFile): Range[] {
  const ranges = new Map<number, number>()
  const visit = (node: ts.Node): void => {
    const around = [
      ...(ts.getLeadingCommentRanges(file.text, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(file.text, node.end) ?? []),
    ]
    for (const { pos, end } of around) ranges.set(pos, end)
    for (const child of node.getChildren(file)) if (child.kind !== ts.SyntaxKind.JSDoc) visit(child)
  }
  visit(file)
  return [...ranges]
}

function publicDocs(file: ts.SourceFile): Range[] {
  return file.statements.filter(isExported).flatMap((statement) => {
    const documented = ts.isFunctionDeclaration(statement)
      ? [statement]
      : [statement, ...membersOf(statement)]
    return documented
      .flatMap((node) => ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc))
      .map(({ pos, end }): Range => [pos, end])
  })
}

function isExported(node: ts.Statement): boolean {
  if (!ts.canHaveModifiers(node)) return false
  return ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true
}

function membersOf(statement: ts.Statement): ts.Node[] {
  const found: ts.Node[] = []
  walk(statement, (node) => {
    if (ts.isTypeElement(node) || ts.isClassElement(node)) found.push(node)
  })
  return found
}
