// Runs the tests, and the built package, on the other Nodes that are supported. The binaries are ordinary npm packages,
// pinned here and kept in .cache; Node 20 is what everything else runs on.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/files.mjs'

const versions = ['22.23.3', '24.21.0', '26.10.0']
const scenario = `
import { createRequire } from 'node:module'
import { openStore } from 'strongroom'
const store = await openStore('memory:')
await store.put('stripe', 'kept')
const kept = (await store.get('stripe')).value === 'kept'
await store.close()
const required = typeof createRequire(import.meta.url)('strongroom').openStore === 'function'
if (!kept || !required) throw new Error('the package does not work')
`
const program = join(root, '.cache/runtimes/scenario.mjs')
mkdirSync(join(root, '.cache/runtimes'), { recursive: true })
writeFileSync(program, scenario)

let failed = 0
for (const version of versions) {
  const node = install(version)
  const steps = [
    ['imports and requires the package', [program]],
    ['passes the tests', [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=dot']],
  ]
  for (const [what, args] of /** @type {[string, string[]][]} */ (steps)) {
    console.log(`node ${version} ${what} …`)
    const { status } = spawnSync(node, args, { cwd: root, stdio: 'inherit' })
    console.log(`node ${version} ${what}: ${status === 0 ? 'yes' : 'NO'}`)
    if (status !== 0) failed += 1
  }
}
console.log(`${versions.length * 2 - failed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1

/**
 * @param {string} version
 * @returns {string} the path of the binary
 */
function install(version) {
  const name = `node-${process.platform}-${process.arch}`
  const folder = join(root, '.cache/runtimes', version)
  const node = join(folder, 'node_modules', name, 'bin/node')
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${version}`], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }
  const told = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  if (told !== `v${version}`) throw new Error(`${node} is ${told}, not v${version}`)
  return node
}
