// What a user's bundler would pull in, measured on dist/ by following static imports: the root holds no provider and no
// SDK, a provider holds no emulator and no other provider, an emulator holds nothing but itself and the kit.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import * as esbuild from 'esbuild'
import { entries, isEmulator } from '../lib/entries.mjs'
import { root } from '../lib/files.mjs'
import { conclude } from '../lib/gate.mjs'

/** @type {esbuild.Plugin} */
const packagesStayNames = {
  name: 'packages-stay-names',
  setup(build) {
    build.onResolve({ filter: /^[^.]/ }, ({ path, kind }) => {
      const isOwn = kind === 'entry-point' || /^strongroom(\/|$)/.test(path)
      return isOwn ? undefined : { path, external: true }
    })
  },
}

const breaches = []
const sizes = []
for (const { subpath, source, built } of entries()) {
  const inputs = await staticInputs(built)
  const bytes = inputs.reduce(
    (sum, path) => sum + (path.startsWith('dist/') ? statSync(join(root, path)).size : 0),
    0,
  )
  sizes.push(`${subpath} ${Math.round(bytes / 1024)}`)
  for (const path of inputs) {
    const unwanted = unwantedIn(subpath, source, path)
    if (unwanted !== undefined) breaches.push(`strongroom${subpath.slice(1)} holds ${path}: ${unwanted}`)
  }
}
conclude(`no entry holds what is not its own (KiB: ${sizes.join(', ')})`, breaches)

/**
 * @param {string} subpath
 * @param {string} source
 * @param {string} path of a module, or the name of a package
 * @returns {string | undefined}
 */
function unwantedIn(subpath, source, path) {
  const provider = path.match(/^dist\/providers\/([^/]+)\//)?.[1]
  const own = subpath.split('/')[1]
  if (isEmulator(source)) {
    if (!path.startsWith('dist/providers/')) return 'an emulator is one file and the kit'
    return undefined
  }
  if (/^dist\/providers\/.*\bemulators?\b/.test(path)) return 'an emulator'
  if (provider !== undefined && provider !== own) return 'a provider'
  if (path.startsWith('dist/src/testing/') && own !== 'testing') return 'the test kit'
  if (!path.startsWith('dist/') && (provider ?? sdkOwner(path)) !== own) return 'a package'
  return undefined
}

/** @param {string} name */
function sdkOwner(name) {
  if (/^@(aws-sdk|smithy)\//.test(name)) return 'aws'
  if (name.startsWith('@azure/')) return 'azure'
  if (name.startsWith('@google-cloud/')) return 'gcp'
  if (name === 'node-vault') return 'vault'
  if (name === 'age-encryption') return 'file'
  return undefined
}

/**
 * Modules of dist/, and packages, that loading an entry loads.
 *
 * @param {string} entry
 * @returns {Promise<string[]>}
 */
async function staticInputs(entry) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    splitting: true,
    outdir: '.cache/bundles',
    ignoreAnnotations: true,
    plugins: [packagesStayNames],
  })
  const found = new Set([entry.replace(/^\.\//, '')])
  for (const path of found) {
    const imports = metafile.inputs[path]?.imports ?? []
    const loaded = imports.filter(
      ({ kind, path: to }) => kind === 'import-statement' && !to.startsWith('node:'),
    )
    for (const { path: to } of loaded) found.add(to)
  }
  return [...found]
}
