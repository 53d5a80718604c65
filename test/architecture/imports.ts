import { dirname, join } from 'node:path/posix'
import ts from 'typescript'

/** One import of a file, as the arrows see it. */
export interface Import {
  readonly from: string
  /** What is written, or `undefined` where an `import()` computes it. */
  readonly specifier: string | undefined
  readonly line: number
  readonly kind: 'type' | 'value' | 'dynamic'
}

/** Every import, re-export and `import()` of a file. */
export function importsOf(path: string, text: string): Import[] {
  const file = parse(path, text)
  const found: Import[] = []
  const add = (node: ts.Node, target: ts.Expression | undefined, kind: Import['kind']): void => {
    const specifier = target !== undefined && ts.isStringLiteralLike(target) ? target.text : undefined
    found.push({ from: path, specifier, line: lineOf(file, node), kind })
  }
  walk(file, (node) => {
    if (ts.isImportDeclaration(node)) {
      add(
        node,
        node.moduleSpecifier,
        node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type' : 'value',
      )
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      add(node, node.moduleSpecifier, node.isTypeOnly ? 'type' : 'value')
    } else if (ts.isImportTypeNode(node)) {
      add(
        node,
        ts.isLiteralTypeNode(node.argument) ? (node.argument.literal as ts.Expression) : undefined,
        'type',
      )
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], 'dynamic')
    }
  })
  return found
}

/** The rooms of the house and, for each, the rooms that its relative imports may enter. */
const rooms: Readonly<Record<string, { readonly where: RegExp; readonly mayEnter: readonly string[] }>> = {
  boundary: { where: /^src\/boundary\//, mayEnter: ['boundary', 'core'] },
  shelf: { where: /^src\/shelf\//, mayEnter: ['shelf', 'core'] },
  layers: { where: /^src\/layers\//, mayEnter: ['layers', 'core'] },
  testing: { where: /^src\/testing\//, mayEnter: ['testing', 'boundary', 'layers', 'core', 'store'] },
  workflow: { where: /^src\/(rotation|migration)\//, mayEnter: ['workflow', 'core', 'store'] },
  cli: { where: /^src\/cli\//, mayEnter: ['cli', 'core', 'store', 'open'] },
  open: { where: /^src\/(open|index)\.ts$/, mayEnter: ['open', 'store', 'layers', 'boundary', 'core'] },
  store: {
    where: /^src\/(store|store-[a-z-]+|create-store|dispatch|rollback|first-of)\.ts$/,
    mayEnter: ['store', 'layers', 'boundary', 'core'],
  },
  opentelemetry: { where: /^src\/opentelemetry\.ts$/, mayEnter: ['layers', 'core'] },
  core: { where: /^src\/[a-z-]+\.ts$/, mayEnter: ['core', 'shelf', 'store'] },
  emulator: { where: /^providers\/[a-z]+\/emulator\//, mayEnter: ['emulator'] },
  provider: { where: /^providers\/[a-z]+\//, mayEnter: ['provider'] },
  emulators: { where: /^providers\/emulators\.ts$/, mayEnter: ['emulator'] },
}

/** The official packages that each provider may import. */
const sdks: Readonly<Record<string, RegExp>> = {
  aws: /^@(aws-sdk|smithy)\//,
  azure: /^@azure\//,
  file: /^age-encryption$/,
  gcp: /^@google-cloud\//,
  vault: /^node-vault$/,
}

/** The libraries that each emulator may import: the build puts them into its file. */
const bundled: Readonly<Record<string, RegExp>> = {
  gcp: /^protobufjs\/minimal\.js$/,
}

const providerEntry = /^(strongroom|(\.\.\/)+providers)\/(aws|vault|gcp|azure|env|file|memory)(\/index\.js)?$/

/** The room of a file, or `undefined` for a file that stands in none. */
export function roomOf(path: string): string | undefined {
  return Object.keys(rooms).find((room) => rooms[room]?.where.test(path))
}

/** What rule 1 of the house, "arrows point down", has against an import; `undefined` when nothing. */
export function arrowFault(found: Import): string | undefined {
  const { from, specifier, kind } = found
  const room = roomOf(from)
  if (room === undefined) return 'stands in no room of the house'
  if (specifier === undefined) {
    // The configuration of a user is a path that only the command knows.
    return room === 'cli' ? undefined : 'computes what it imports'
  }
  if (specifier.startsWith('node:')) return undefined
  if (from.startsWith('src/') && providerEntry.test(specifier)) return openingFault(from, room, kind)
  if (specifier.startsWith('.')) return relativeFault(from, room, specifier)
  if (isAllowedPackage(from, room, specifier)) return undefined
  return `may not import ${specifier}`
}

/** Shared code opens a provider in two places, by name, and only when a store asks for it. */
function openingFault(from: string, room: string, kind: Import['kind']): string | undefined {
  if (kind !== 'dynamic') return 'imports a provider statically: only import() of a literal may'
  return room === 'cli' || from === 'src/open.ts'
    ? undefined
    : 'opens a provider: only src/open.ts and the command do'
}

function relativeFault(from: string, room: string, specifier: string): string | undefined {
  if (!specifier.endsWith('.js')) return `${specifier}: relative imports end in .js`
  const target = join(dirname(from), specifier.replace(/\.js$/, '.ts'))
  const targetRoom = roomOf(target)
  if (targetRoom === undefined || !rooms[room]?.mayEnter.includes(targetRoom)) {
    return `${room} may not import ${targetRoom ?? 'what is outside the house'} (${target})`
  }
  const own = from.split('/')[1]
  const crossesProviders =
    room !== 'emulators' && from.startsWith('providers/') && target.split('/')[1] !== own
  return crossesProviders ? `${own} may not import its neighbour (${target})` : undefined
}

function isAllowedPackage(from: string, room: string, specifier: string): boolean {
  if (room === 'provider') {
    return specifier === 'strongroom/provider' || sdks[from.split('/')[1] ?? '']?.test(specifier) === true
  }
  if (room === 'emulator' && bundled[from.split('/')[1] ?? '']?.test(specifier) === true) return true
  if (room === 'emulator' || room === 'emulators') return specifier === 'strongroom/testing'
  if (room === 'cli') return specifier === 'commander' || /^strongroom(\/|$)/.test(specifier)
  return false
}

/** Circles of imports that run code, each as the files on it. Types may be circular. */
export function circles(imports: readonly Import[]): string[][] {
  const graph = new Map<string, string[]>()
  for (const { from, specifier, kind } of imports) {
    if (kind !== 'value' || specifier?.startsWith('.') !== true) continue
    const target = join(dirname(from), specifier.replace(/\.js$/, '.ts'))
    graph.set(from, [...(graph.get(from) ?? []), target])
  }
  const found: string[][] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const since = trail.indexOf(path)
    if (since !== -1) found.push(trail.slice(since))
    if (since !== -1 || done.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}

export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
}

export function lineOf(file: ts.SourceFile, node: ts.Node): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
}

/** Calls `see` with every node below one, depth first. */
export function walk(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node)
  ts.forEachChild(node, (child) => walk(child, see))
}
