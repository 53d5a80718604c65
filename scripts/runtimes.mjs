// Runs the tarball on every supported Node, the tests on the others than this one, and the core of the package on Bun and
// Deno. The binaries are ordinary npm packages, pinned here and kept in .cache; this Node is what everything else runs on.
// `--short` runs the tests on the newest Node only, `--package-only` on none.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/files.mjs'

const host = `${process.platform}-${process.arch}`
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const scenario = `
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { isAuthError, openStore } from 'strongroom'
import { openTelemetry } from 'strongroom/opentelemetry'
const seen = []
const stop = openTelemetry({
  tracer: { startSpan: (name) => ({ setAttributes() {}, setStatus() {}, end: () => seen.push(name) }) },
})
const store = await openStore('memory:')
await store.put('stripe', 'kept')
const secret = await store.get('stripe')
assert.equal(secret.value, 'kept')
assert.equal(JSON.stringify(secret).includes('kept'), false)
assert.deepEqual(seen, ['strongroom put', 'strongroom get'])
stop()
assert.equal((await store.get('stripe')).version, secret.version)
assert.equal(store.peek('stripe')?.value, 'kept')
const changes = store.watch('stripe', { intervalMs: 10 })
const change = changes.next()
await store.put('stripe', 'newer')
assert.equal((await change).value?.change, 'changed')
const refused = Object.assign(new Error('refused'), { code: '28P01' })
const failing = store.withSecret('stripe', () => Promise.reject(refused), { isAuthError: isAuthError.pg })
await assert.rejects(failing, refused)
await assert.rejects(store.get('none'), { code: 'NOT_FOUND' })
await store.close()
await assert.rejects(store.get('stripe'), { code: 'CLOSED' })
assert.equal(typeof createRequire(import.meta.url)('strongroom').openStore, 'function')
`
const versions = ['22.23.3', '24.21.0', '26.10.0']
const testedCount = process.argv.includes('--package-only') ? 0 : process.argv.includes('--short') ? 1 : 3
const tested = versions.toReversed().slice(0, testedCount)
const tests = [vitest, 'run', '--root', root, '--reporter', 'dot']
const nodes = versions.map((version) => ({
  name: `node ${version}`,
  package: `node-${host}@${version}`,
  binary: 'bin/node',
  runs: [['scenario.mjs'], ...(tested.includes(version) ? [tests] : [])],
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

const consumer = installPackage()
let passed = 0
let failed = 0
const own = { name: `node ${process.versions.node}`, path: process.execPath, runs: [['scenario.mjs']] }
for (const runtime of [own, ...nodes, ...others]) {
  const binary = 'path' in runtime ? runtime.path : install(runtime)
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

/** A folder with nothing in it but the packed package, installed as a user would. */
function installPackage() {
  const folder = join(root, '.cache/runtimes/consumer')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }')
  const quiet = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  execFileSync('npm', ['install', ...quiet, join(root, '.cache/pack/strongroom.tgz')], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
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
