// Bundles the Azure emulator and a store from their sources, starts the vaults that the rows name, and runs interop.py on
// them. Then the store reads the secrets that Python left under the names of names.json.
//   node run.mjs PYTHON
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'

const names = JSON.parse(readFileSync(new URL('names.json', import.meta.url), 'utf8'))
const [python = 'python3'] = process.argv.slice(2)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const exports = ['index.ts', 'emulator/index.ts']
  .map((file) => `export * from './providers/azure/${file}'`)
  .concat(
    "export { createStore } from './src/index.ts'",
    "export { createClock } from './src/testing/clock.ts'",
  )
  .join('\n')
const bundle = `${root}.cache/interop/azure-emulator.mjs`
await esbuild.build({
  absWorkingDir: root,
  stdin: { contents: exports, resolveDir: root },
  outfile: bundle,
  bundle: true,
  format: 'esm',
  platform: 'node',
  conditions: ['strongroom-source'],
  external: ['@azure/*'],
})
const { azureEmulator, azure, createClock, createStore } = await import(pathToFileURL(bundle).href)

// What is under way stays so until a row moves the clock: no row waits, and none is late.
const hour = 3_600_000
const slow = { deleteDelayMs: hour, recoverDelayMs: hour, purgeDelayMs: hour, purgedNameDelayMs: hour }
const all = ['get', 'list', 'set', 'delete', 'recover', 'purge', 'backup', 'restore']
const vaults = {
  default: await azureEmulator(slow),
  protected: await azureEmulator({ ...slow, purgeProtection: true, retentionDays: 7 }),
  previous: await azureEmulator({ ...slow, facts: { namesPreviousVersion: true } }),
  strict: await azureEmulator({ tokens: { audience: 'https://vault.azure.net', checkExpiry: true } }),
  login: await azureEmulator({
    ...slow,
    tokens: { issued: true },
    clients: { app: { secret: 'right' }, reader: { secret: 'right' } },
    permissions: { app: all, emulator: all, reader: ['get', 'list'] },
  }),
  managed: await azureEmulator({ seed: { cert: 'pfx' } }),
  // Its time stands still: no row may fall into two of its windows.
  narrow: await azureEmulator({ clock: createClock({ frozen: true }), quota: { sets: 1 } }),
}
const certificates = structuredClone(vaults.managed.state.dump())
for (const [, version] of certificates.collections.versions) {
  version.kid = 'https://emulator.vault.azure.net/keys/cert/0123'
}
vaults.managed.state.load(certificates)
const urls = Object.fromEntries(
  Object.entries(vaults).map(([name, { url, httpUrl, caFile }]) => [name, { url, httpUrl, caFile }]),
)
const program = spawn(python, [fileURLToPath(new URL('interop.py', import.meta.url))], {
  stdio: 'inherit',
  env: {
    ...process.env,
    ...vaults.default.env,
    IDENTITY_ENDPOINT: `${vaults.login.httpUrl}/msi/token`,
    IDENTITY_HEADER: 'emulator',
    STRONGROOM_VAULTS: JSON.stringify(urls),
  },
})
const [code] = await once(program, 'exit')
const wrong = await namesThatDiffer()
for (const name of wrong) process.stdout.write(`not ok  name/${name}\n`)
process.stdout.write(
  `${names.length - wrong.length} passed, ${wrong.length} failed: names that a store reads\n`,
)
await Promise.all(Object.values(vaults).map((vault) => vault.close()))
process.exitCode = wrong.length > 0 ? 1 : (code ?? 1)

async function namesThatDiffer() {
  const vaultUrl = 'https://emulator.vault.azure.net'
  const store = createStore({ provider: azure({ vaultUrl, endpoint: vaults.default.httpUrl }) })
  try {
    const listed = new Set()
    for await (const { name } of store.list()) listed.add(name)
    const values = await Promise.all(names.map(async (name) => (await store.get(name)).value))
    return names.filter((name, index) => !listed.has(name) || values[index] !== `value of ${name}`)
  } finally {
    await store.close()
  }
}
