// Changes the code mechanically, one place at a time, and asks whether a test notices: the proof of the tests.
//   npm run test:mutants                        everything: the core in a few minutes on two cores, a provider in ten
//   npm run test:mutants -- --files src/names.ts   these files
//   npm run test:mutants -- --sample 40            the mutants on 40 lines drawn by chance; --seed N repeats a draw
//   npm run test:mutants -- --concurrency 1        tests in one process at a time; the default is two
// A survivor that no test can tell from the original is explained in test/mutants-explained.json.
import { createHash, randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'
import { filesUnder, root } from './lib/files.mjs'

/** @typedef {Awaited<ReturnType<Stryker['runMutationTest']>>[number]} MutantResult */
/** @typedef {{ file: string, code: string, mutant: string, why: string }} Explanation */

/** @typedef {{ name: string, paths: string[], least: number, tests: string[] }} Room */

/** Tests that need no server: a mutant in the core must fall to them, and they are run thousands of times. */
const coreTests = ['test/core/**/*.test.ts', 'test/layers/**/*.test.ts', 'test/conformance/memory.test.ts']

/**
 * What is mutated, and the share that tests must notice.
 *
 * @type {Room[]}
 */
const rooms = [
  { name: 'boundary', paths: ['src/boundary'], least: 0.95, tests: coreTests },
  { name: 'codec', paths: ['src/names.ts'], least: 0.95, tests: coreTests },
  { name: 'errors', paths: ['src/errors.ts'], least: 0.95, tests: coreTests },
  { name: 'secret', paths: ['src/secret.ts', 'src/json.ts'], least: 0.9, tests: coreTests },
  { name: 'layers', paths: ['src/layer.ts', 'src/layers'], least: 0.9, tests: coreTests },
  provider('aws', ['errors.ts', 'error-codes.ts', 'labels.ts', 'versions.ts']),
  provider('azure', ['errors.ts', 'facts.ts', 'history.ts', 'current.ts']),
  provider('gcp', ['errors.ts', 'error-codes.ts', 'facts.ts', 'history.ts', 'latest.ts']),
  provider('vault', ['network-fault.ts', 'answer.ts', 'key-state.ts']),
]

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', multiple: true },
    sample: { type: 'string' },
    seed: { type: 'string' },
    concurrency: { type: 'string', default: '2' },
  },
})
const all = rooms.flatMap((room) => room.paths.flatMap(filesUnder))
const files = options.files?.flatMap(filesUnder) ?? all
const results = await mutateAll(options.sample === undefined ? files : drawn(Number(options.sample)))
/** @type {Explanation[]} */
const explained = JSON.parse(readFileSync(join(root, 'test/mutants-explained.json'), 'utf8'))
const tested = results.filter(({ status }) =>
  ['Killed', 'Timeout', 'Survived', 'NoCoverage'].includes(status),
)
const survivors = tested.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')

for (const survivor of survivors) console.log(describe(survivor))
const faults = [...rooms.flatMap(verdict), ...stale()]
for (const fault of faults) console.log(fault)
console.log(`${tested.length - survivors.length} of ${tested.length} mutants noticed`)
if (tested.length === 0) console.log('no mutant was tried')
if (faults.length > 0 || tested.length === 0) process.exitCode = 1

/**
 * The room of a provider's error tables and version logic, which fall to the provider's own tests: the conformance suite
 * would reach every mutant a thousand times.
 *
 * @param {string} name
 * @param {string[]} names of files of the provider
 * @returns {Room}
 */
function provider(name, names) {
  const isOwn = new RegExp(`^test/${name}/(?!conformance|log)[^/]+\\.test\\.ts$`)
  return {
    name,
    paths: names.map((file) => `providers/${name}/${file}`),
    least: 0.9,
    tests: filesUnder(`test/${name}`).filter((path) => isOwn.test(path)),
  }
}

/**
 * Each room under its own tests.
 *
 * @param {string[]} mutated files, or `file:line-line`
 */
async function mutateAll(mutated) {
  /** @type {Map<string[], string[]>} */
  const byTests = new Map()
  for (const path of mutated) {
    const tests = rooms.find(({ paths }) => paths.some((each) => path.startsWith(each)))?.tests ?? coreTests
    byTests.set(tests, [...(byTests.get(tests) ?? []), path])
  }
  const found = []
  for (const [tests, paths] of byTests) found.push(...(await mutate(paths, tests)))
  return found
}

/**
 * @param {string[]} mutated files, or `file:line-line`
 * @param {string[]} tests
 * @returns {Promise<MutantResult[]>}
 */
function mutate(mutated, tests) {
  process.chdir(root)
  process.env['STRONGROOM_MUTANT_TESTS'] = JSON.stringify(tests)
  const stryker = new Stryker({
    mutate: mutated,
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'test/mutants.vitest.config.ts', related: true },
    coverageAnalysis: 'perTest',
    concurrency: Number(options.concurrency),
    timeoutMS: 10_000,
    reporters: ['progress-append-only'],
    allowConsoleColors: false,
    tempDirName: '.cache/stryker',
    ignorePatterns: ['dist', 'bench', 'docs', 'reports', '.cache'],
    disableTypeChecks: false,
  })
  return stryker.runMutationTest()
}

/**
 * Lines of code, drawn without repeats.
 *
 * @param {number} count
 */
function drawn(count) {
  const lines = files.flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8').split('\n')
    return text.flatMap((line, index) =>
      /^\s*(\*|\/[/*]|import |\}?\)?$)/.test(line) ? [] : [`${path}:${index + 1}-${index + 1}`],
    )
  })
  const seed = Number(options.seed ?? randomInt(2 ** 31))
  console.log(`${count} of ${lines.length} lines, --seed ${seed}`)
  const rank = (/** @type {string} */ line) => createHash('sha256').update(`${seed} ${line}`).digest('hex')
  return lines.sort((left, right) => (rank(left) < rank(right) ? -1 : 1)).slice(0, count)
}

/**
 * @param {{ name: string, paths: string[], least: number }} room
 * @returns {string[]}
 */
function verdict({ name, paths, least }) {
  const here = tested.filter(({ fileName }) => paths.some((path) => pathOf(fileName).startsWith(path)))
  if (here.length === 0) return []
  const left = here.filter((mutant) => survivors.includes(mutant))
  const share = 1 - left.length / here.length
  console.log(
    `${name}: ${here.length - left.length} of ${here.length} noticed (${(share * 100).toFixed(1)} %)`,
  )
  const unexplained = left.filter((mutant) => explanationOf(mutant) === undefined)
  // A sample is too small for a share; it fails on a survivor that nobody has explained.
  const low = options.sample === undefined && share < least
  return [
    ...(low ? [`${name}: fewer than ${least * 100} % noticed`] : []),
    ...(unexplained.length > 0 ? [`${name}: ${unexplained.length} survivors without an explanation`] : []),
  ]
}

/** Explanations whose mutant is gone or is noticed by now, of the files that were tried whole. */
function stale() {
  if (options.sample !== undefined) return []
  const needed = new Set(survivors.map(explanationOf))
  return explained
    .filter((entry) => files.includes(entry.file) && !needed.has(entry))
    .map(({ file, mutant }) => `${file}: the explanation of «${mutant}» explains no survivor; remove it`)
}

/** @param {MutantResult} mutant */
function explanationOf(mutant) {
  return explained.find(
    ({ file, code, mutant: change }) =>
      file === pathOf(mutant.fileName) && code === lineOf(mutant).trim() && change === changeOf(mutant),
  )
}

/** @param {MutantResult} mutant */
function describe(mutant) {
  const { line } = mutant.location.start
  const why =
    explanationOf(mutant)?.why ?? (mutant.status === 'NoCoverage' ? 'no test gets here' : 'NOT EXPLAINED')
  return `${pathOf(mutant.fileName)}:${line} ${lineOf(mutant).trim()}\n    ${changeOf(mutant)}\n    ${why}`
}

/** @param {MutantResult} mutant */
function changeOf({ fileName, location, replacement }) {
  const { start, end } = location
  const lines = readFileSync(fileName, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line)
  const last = lines.length - 1
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1)
  lines[0] = (lines[0] ?? '').slice(start.column - 1)
  return `${oneLine(lines.join('\n'))} → ${oneLine(replacement)}`
}

/** @param {string} text */
function oneLine(text) {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length > 100 ? `${flat.slice(0, 100)}…` : flat
}

/** @param {MutantResult} mutant */
function lineOf({ fileName, location }) {
  return readFileSync(fileName, 'utf8').split('\n')[location.start.line - 1] ?? ''
}

/** @param {string} fileName */
function pathOf(fileName) {
  return relative(root, fileName)
}
