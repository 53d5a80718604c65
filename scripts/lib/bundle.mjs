import { join, relative, resolve } from 'node:path'
import * as esbuild from 'esbuild'
import { entries, isEmulator, peers } from './entries.mjs'
import { root } from './files.mjs'

/**
 * Keeps what a room imports from the rest of the library where tsc puts it, so that nothing exists twice.
 *
 * @param {string} room
 * @returns {esbuild.Plugin}
 */
const onlyThisRoom = (room) => ({
  name: 'only-this-room',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, importer }) => {
      const target = relative(root, resolve(resolveDir, path))
      if (importer.includes('node_modules') || target.startsWith(`${room}/`)) return undefined
      const from = join(root, build.initialOptions.outdir ?? '')
      return { path: relative(from, join(root, 'dist', target)), external: true }
    })
  },
})

/** dist/cli/main.js and a chunk a command: commander is inside, the library and the SDKs are not. */
export function bundleCommand() {
  return bundle({
    entryPoints: ['src/cli/main.ts'],
    outdir: 'dist/cli',
    outbase: 'src/cli',
    external: ['strongroom', 'strongroom/*', ...peers()],
    plugins: [onlyThisRoom('src/cli')],
    // commander is CommonJS inside, and requires builtins.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'\nconst require = requireFrom(import.meta.url)",
    },
  })
}

/**
 * Rooms that every store loads through one door, each as one file: a file costs 0.2 ms at start-up.
 *
 * @returns {Promise<esbuild.Metafile[]>}
 */
export function bundleRooms() {
  return Promise.all(
    ['src/layers', 'src/boundary'].map((room) =>
      bundle({
        entryPoints: [`${room}/index.ts`],
        outdir: `dist/${room}`,
        outbase: room,
        plugins: [onlyThisRoom(room)],
      }),
    ),
  )
}

/** The emulators where `exports` names them: the kit is inside, so that starting one loads a handful of files. */
export function bundleEmulators() {
  return bundle({
    entryPoints: entries()
      .map(({ source }) => source)
      .filter(isEmulator),
    outdir: 'dist',
    outbase: '.',
    chunkNames: 'providers/emulators/[name]-[hash]',
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
