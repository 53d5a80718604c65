// Bundles the Azure emulator from its sources, starts the vaults that the rows name, and runs interop.py on them.
//   node run.mjs PYTHON
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'

const [python = 'python3'] = process.argv.slice(2)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const bundle = `${root}.cache/interop/azure-emulator.mjs`
await esbuild.build({
  absWorkingDir: root,
  entryPoints: ['providers/azure/emulator/index.ts'],
  outfile: bundle,
  bundle: true,
  format: 'esm',
  platform: 'node',
  conditions: ['strongroom-source'],
})
const { azureEmulator } = await import(pathToFileURL(bundle).href)

// What is under way stays so until a row moves the clock: no row waits, and none is late.
const hour = 3_600_000
const slow = { deleteDelayMs: hour, recoverDelayMs: hour, purgeDelayMs: hour, purgedNameDelayMs: hour }
const vaults = {
  default: await azureEmulator(slow),
  protected: await azureEmulator({ ...slow, purgeProtection: true, retentionDays: 7 }),
  previous: await azureEmulator({ ...slow, facts: { namesPreviousVersion: true } }),
  strict: await azureEmulator({ tokens: { audience: 'https://vault.azure.net', checkExpiry: true } }),
}
const urls = Object.fromEntries(
  Object.entries(vaults).map(([name, { url, httpUrl, caFile }]) => [name, { url, httpUrl, caFile }]),
)
const program = spawn(python, [fileURLToPath(new URL('interop.py', import.meta.url))], {
  stdio: 'inherit',
  env: { ...process.env, ...vaults.default.env, STRONGROOM_VAULTS: JSON.stringify(urls) },
})
const [code] = await once(program, 'exit')
await Promise.all(Object.values(vaults).map((vault) => vault.close()))
process.exitCode = code ?? 1
