// No tracked file may name a package registry, a download address or a place on somebody's machine.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../lib/files.mjs'
import { conclude } from '../lib/gate.mjs'

// Written in pieces, so that this file passes its own gate. Modules of Go are named after a host, with /x/ behind it, or
// Google's own host of the language.
const registries = [
  'npm' + 'js',
  'yarn' + 'pkg',
  'py' + 'pi',
  'python' + 'hosted',
  'crates',
  'golang',
  'maven',
].join('|')
const rules = [
  {
    what: 'a package registry',
    pattern: new RegExp(
      `(?<![a-z])(?!google\\.golang\\.org/)[a-z0-9-]+\\.(?:${registries})\\.(?:org|com|io|dev)|(?<!google\\.)(?:${registries})\\.(?:org|io)\\b(?!/x/)`,
      'i',
    ),
  },
  {
    what: 'a download address',
    pattern: /"resolved": *"https?:|\/artifactory\/|\/-\/[\w.-]+\.tgz|index-url|registry *= *http/i,
  },
  {
    what: "a place on somebody's machine",
    pattern: /(?:^|[\s'"`(=:])(?:\/(?:work|root|Users)\/|\/home\/(?!node\/|user\/))/,
  },
]

const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
const files = tracked.split('\0').filter((path) => path !== '' && path !== 'scripts/gates/addresses.mjs')
const breaches = files.flatMap((path) =>
  readText(path)
    .split('\n')
    .flatMap((line, index) =>
      rules
        .filter(({ pattern }) => pattern.test(line))
        .map(({ what }) => `${path}:${index + 1}: names ${what}: ${line.trim().slice(0, 100)}`),
    ),
)
conclude(`${files.length} files name no registry, download address or machine path`, breaches)

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch (error) {
    // Listed by git and deleted in the checkout.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}
