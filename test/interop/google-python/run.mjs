// Bundles the Google emulator from its sources, starts those that the rows name, and runs interop.py on them.
//   node run.mjs PYTHON
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'

const [python = 'python3'] = process.argv.slice(2)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const bundle = `${root}.cache/interop/gcp-emulator.mjs`
await esbuild.build({
  absWorkingDir: root,
  entryPoints: ['providers/gcp/emulator/index.ts'],
  outfile: bundle,
  bundle: true,
  format: 'esm',
  platform: 'node',
  conditions: ['strongroom-source'],
})
const { gcpEmulator } = await import(pathToFileURL(bundle).href)

const project = { projectId: 'interop-project', projectNumbers: { 'interop-project': '123456789012' } }
const emulators = {
  default: await gcpEmulator(project),
  strict: await gcpEmulator({ ...project, tokens: { accept: (token) => token === 'good' } }),
}
const urls = Object.fromEntries(
  Object.entries(emulators).map(([name, { url, restUrl }]) => [name, { url, restUrl }]),
)
const program = spawn(python, [fileURLToPath(new URL('interop.py', import.meta.url))], {
  stdio: 'inherit',
  env: { ...process.env, PYTHONPATH: `${root}test/interop`, STRONGROOM_EMULATORS: JSON.stringify(urls) },
})
const [code] = await once(program, 'exit')
await Promise.all(Object.values(emulators).map((emulator) => emulator.close()))
process.exitCode = code ?? 1
