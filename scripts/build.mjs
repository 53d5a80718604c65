// Builds dist/: the library file by file with tsc; the command and the emulators as bundles in their own files.
// With --if-needed it does nothing when dist/ is newer than every source.
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import * as esbuild from 'esbuild'
import { entries, isEmulator, peers } from './lib/entries.mjs'
import { filesUnder, root } from './lib/files.mjs'
import { licencesOf } from './lib/licences.mjs'

const notices = join(root, 'dist/THIRD-PARTY-LICENSES.txt')

if (process.argv.includes('--if-needed') && isFresh()) process.exit(0)

rmSync(join(root, 'dist'), { recursive: true, force: true })
compileLibrary()
const metafiles = [await bundleCommand(), await bundleEmulators()]
chmodSync(join(root, 'dist/cli/main.js'), 0o755)
// Written last: its time says when the build ended.
writeFileSync(notices, licencesOf(metafiles))
const bundled = metafiles
  .flatMap((metafile) => Object.keys(metafile.outputs))
  .filter((path) => path.endsWith('.js'))
console.log(
  `dist: ${filesUnder('dist').filter((path) => path.endsWith('.js')).length} modules, ${bundled.length} of them bundles`,
)

function isFresh() {
  const built = statSync(notices, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const inputs = [
    'src',
    'providers',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/build.mjs',
  ]
  return inputs.flatMap(filesUnder).every((path) => statSync(join(root, path)).mtimeMs < built)
}

/** Types for everything but the command; JavaScript for what no bundle replaces. */
function compileLibrary() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('tsc found errors; nothing was bundled')
  for (const path of filesUnder('dist/providers')) {
    if (/\/(emulator\/.*|emulators)\.js(\.map)?$/.test(path)) rmSync(join(root, path))
  }
}

/** dist/cli/main.js and a chunk a command: commander is inside, the library and the SDKs are not. */
function bundleCommand() {
  return bundle({
    entryPoints: ['src/cli/main.ts'],
    outdir: 'dist/cli',
    outbase: 'src/cli',
    external: ['strongroom', 'strongroom/*', ...peers()],
    plugins: [libraryStaysOutside],
  })
}

/** The emulators at the paths that `exports` names: the kit is inside, so that starting one loads a handful of files. */
function bundleEmulators() {
  return bundle({
    entryPoints: entries()
      .map(({ source }) => source)
      .filter(isEmulator),
    outdir: 'dist',
    outbase: '.',
    chunkNames: 'providers/emulator-kit-[hash]',
    conditions: ['strongroom-source'],
  })
}

/**
 * @param {esbuild.BuildOptions} options
 * @returns {Promise<esbuild.Metafile>}
 */
async function bundle(options) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    ...options,
  })
  if (metafile === undefined) throw new Error('esbuild gave no metafile')
  return metafile
}

/** @type {esbuild.Plugin} */
const libraryStaysOutside = {
  name: 'library-stays-outside',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
      const target = relative(root, resolve(resolveDir, path))
      if (target.startsWith('src/cli/')) return undefined
      return { path: relative(join(root, 'dist/cli'), join(root, 'dist', target)), external: true }
    })
  },
}
