// The package has no dependencies. What develops it stands on two lists beside this file: development-dependencies.json
// (direct ones, each with its reason) and lockfile-packages.txt (all of them, with licences). `--write` renews the second
// list, for a reviewer to read in the diff.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../lib/files.mjs'
import { conclude } from '../lib/gate.mjs'

const licences = [
  '0BSD',
  'Apache-2.0',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT OR Apache-2.0',
  'Public Domain OR MIT',
]
/** Weak copyleft, or data with attribution: used as they are and never shipped. */
const unshipped = new Map([
  ['lightningcss', 'MPL-2.0'],
  ['caniuse-lite', 'CC-BY-4.0'],
])
/**
 * Runs a script at installation: esbuild replaces its launcher by the binary, protobufjs looks at the versions of those
 * that depend on it; package.json allows neither. fsevents exists on macOS only.
 */
const installers = ['esbuild', 'fsevents', 'protobufjs']

/** @param {string} path */
const read = (path) => readFileSync(join(root, path), 'utf8')
/** @type {Record<string, Record<string, string> | undefined>} */
const manifest = JSON.parse(read('package.json'))
/** @type {Record<string, string>} */
const reasons = JSON.parse(read('scripts/gates/development-dependencies.json'))
/** @typedef {{ version: string, license?: string | { type: string }[], integrity?: string, resolved?: string, hasInstallScript?: boolean, link?: boolean }} Locked */
/** @type {{ packages: Record<string, Locked> }} */
const lock = JSON.parse(read('package-lock.json'))

const listed = 'scripts/gates/lockfile-packages.txt'
const packages = Object.entries(lock.packages).flatMap(([path, locked]) =>
  path === '' ? [] : [{ name: path.replace(/^.*node_modules\//, ''), locked }],
)
const found = [...new Set(packages.map(({ name, locked }) => `${name} ${licenceOf(locked)}`))].sort()
if (process.argv.includes('--write')) writeFileSync(join(root, listed), `${found.join('\n')}\n`)
const allowed = read(listed).trimEnd().split('\n')

conclude(`no dependencies; ${packages.length} packages for development, all listed`, [
  ...['dependencies', 'optionalDependencies', 'bundleDependencies']
    .filter((field) => manifest[field] !== undefined)
    .map((field) => `package.json has ${field}: use the standard library, or bundle it into the command`),
  ...difference(Object.keys(manifest['devDependencies'] ?? {}), Object.keys(reasons)).map(
    (name) => `${name} is in only one of package.json and development-dependencies.json`,
  ),
  ...difference(found, allowed).map((line) => `${line}: is in only one of package-lock.json and ${listed}`),
  ...packages.flatMap(({ name, locked }) => breachesOf(name, locked)),
])

/**
 * An array is how npm wrote a choice before SPDX.
 * @param {Locked} locked
 */
function licenceOf({ license = 'none' }) {
  return typeof license === 'string' ? license : license.map(({ type }) => type).join(' OR ')
}

/**
 * @param {string} name
 * @param {Locked} locked
 * @returns {string[]}
 */
function breachesOf(name, locked) {
  const licence = licenceOf(locked)
  const family = [...unshipped].some(([prefix, held]) => held === licence && name.startsWith(prefix))
  return [
    ...(licences.includes(licence) || family ? [] : [`${name}: licence ${licence} is not on the list`]),
    ...(locked.resolved === undefined ? [] : [`${name}: the lockfile names a download address`]),
    ...(locked.integrity === undefined ? [`${name}: the lockfile has no integrity hash`] : []),
    ...(locked.hasInstallScript && !installers.includes(name)
      ? [`${name}: runs a script when it is installed`]
      : []),
  ]
}

/**
 * @param {readonly string[]} left
 * @param {readonly string[]} right
 */
function difference(left, right) {
  return [...left.filter((item) => !right.includes(item)), ...right.filter((item) => !left.includes(item))]
}
