import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './files.mjs'

/**
 * The licence texts of every package of which a bundle holds a part.
 *
 * @param {readonly import('esbuild').Metafile[]} metafiles
 */
export function licencesOf(metafiles) {
  const packages = new Set(metafiles.flatMap(bundledPackages))
  const parts = [...packages].sort().map(noticeOf)
  const head =
    'Some files of this package hold parts of the packages below, under the licences that follow.\n'
  return [head, ...parts].join(`\n${'-'.repeat(80)}\n\n`)
}

/**
 * Folders of the packages whose code is in a bundle, as node_modules/NAME.
 *
 * @param {import('esbuild').Metafile} metafile
 */
export function bundledPackages(metafile) {
  return Object.values(metafile.outputs)
    .flatMap((output) => Object.entries(output.inputs))
    .filter(([, part]) => part.bytesInOutput > 0)
    .flatMap(([path]) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? [])
}

/** @param {string} folder */
function noticeOf(folder) {
  const full = join(root, folder)
  /** @type {{ name: string, version: string, license: string }} */
  const { name, version, license } = JSON.parse(readFileSync(join(full, 'package.json'), 'utf8'))
  const file = readdirSync(full).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new Error(`${folder} is bundled and has no licence file`)
  return `${name} ${version} (${license})\n\n${readFileSync(join(full, file), 'utf8').trim()}\n`
}
