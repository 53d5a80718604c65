// Runs the tests and the built package on the other supported Nodes, and the core of the package on Bun and Deno. The
// binaries are ordinary npm packages, pinned here and kept in .cache; Node 20 is what everything else runs on.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/files.mjs'

const host = `${process.platform}-${process.arch}`
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const scenario = `
import { createRequire } from 'node:module'
import { openStore } from 'strongroom'
const store = await openStore('memory:')
await store.put('stripe', 'kept')
const secret = await store.get('stripe')
await store.close()
if (secret.value !== 'kept' || JSON.stringify(secret).includes('kept')) throw new Error('a secret is not kept')
if (typeof createRequire(import.meta.url)('strongroom').openStore !== 'function') throw new Error('require() fails')
`
const nodes = ['22.23.3', '24.21.0', '26.10.0'].map((version) => ({
  name: `node ${version}`,
  package: `node-${host}@${version}`,
  binary: 'bin/node',
  runs: [['scenario.mjs'], [vitest, 'run', '--root', root, '--reporter', 'dot']],
}))
const others = [
  { name: 'bun 1.4.4', package: `@oven/bun-${host}@1.4.4`, binary: 'bin/bun', runs: [['scenario.mjs']] },
  {
    name: 'deno 2.9.6',
    package: `@deno/${host}${process.platform === 'linux' ? '-glibc' : ''}@2.9.6`,
    binary: 'deno',
    runs: [['run', '--allow-all', '--node-modules-dir=manual', 'scenario.mjs']],
  },
]

const consumer = linkPackage()
let passed = 0
let failed = 0
for (const runtime of [...nodes, ...others]) {
  const binary = install(runtime)
  for (const args of runtime.runs) {
    const what = args.includes(vitest) ? 'passes the tests' : 'runs the package'
    const { status } = spawnSync(binary, args, { cwd: consumer, stdio: 'inherit' })
    console.log(`${runtime.name} ${what}: ${status === 0 ? 'yes' : 'NO'}`)
    if (status === 0) passed += 1
    else failed += 1
  }
}
console.log(`${passed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1

/** A folder that has the built package as its one dependency. */
function linkPackage() {
  const folder = join(root, '.cache/runtimes/consumer')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules/strongroom'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "dependencies": { "strongroom": "*" } }')
  writeFileSync(join(folder, 'scenario.mjs'), scenario)
  return folder
}

/**
 * @param {{ package: string, binary: string }} runtime
 * @returns {string} the path of the binary
 */
function install({ package: specifier, binary }) {
  const folder = join(root, '.cache/runtimes', specifier.replace(/[^\w.-]+/g, '-'))
  const path = join(folder, 'node_modules', specifier.replace(/@[^@]+$/, ''), binary)
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--save-exact']
    execFileSync('npm', ['install', ...quiet, specifier], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    chmodSync(path, 0o755)
  }
  return path
}
