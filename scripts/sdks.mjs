// Runs the providers' tests with the oldest official SDKs that the package accepts, and with the newest. They are
// installed into .cache, beside the ones of the lockfile, and vitest is told to load them instead.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/files.mjs'

const lanes = {
  floor: {
    '@aws-sdk/client-secrets-manager': '3.723.0',
    '@azure/keyvault-secrets': '4.11.2',
    '@azure/identity': '4.5.0',
    '@google-cloud/secret-manager': '6.3.0',
    'age-encryption': '0.3.1',
  },
  newest: {
    '@aws-sdk/client-secrets-manager': '3.1164.0',
    '@azure/keyvault-secrets': '4.12.0',
    '@azure/identity': '4.14.1',
    // Declares Node 22, and works on 20.
    '@google-cloud/secret-manager': '7.2.0',
    'age-encryption': '0.3.1',
  },
}

/** @type {{ peerDependencies: Record<string, string> }} */
const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
for (const [name, version] of Object.entries(lanes.floor)) {
  if (peerDependencies[name]?.split(' || ')[0] !== `^${version}`) {
    throw new Error(
      `package.json promises ${name} ${peerDependencies[name]}; the floor tried here is ${version}`,
    )
  }
}

let failed = 0
for (const [lane, packages] of Object.entries(lanes)) {
  const folder = join(root, '.cache/sdks', lane)
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ private: true, dependencies: packages })}\n`,
  )
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--omit=peer'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const shown = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  console.log(`${lane}: ${shown.join(', ')}`)
  // Not the matrix of faults: how an SDK meets a broken answer is a matter of its version, and pinned for one.
  const tests = [
    'run',
    '--reporter=dot',
    'test/aws',
    'test/azure',
    'test/gcp',
    'test/file',
    'test/conformance/aws',
    // Its plain-text credentials must be of the very package that the SDK loads.
    '--exclude',
    'test/gcp/emulator/sdk.test.ts',
  ]
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...tests], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, STRONGROOM_SDKS: folder },
  })
  console.log(`${lane} SDKs pass the tests: ${status === 0 ? 'yes' : 'NO'}`)
  if (status !== 0) failed += 1
}
console.log(`${Object.keys(lanes).length - failed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1
