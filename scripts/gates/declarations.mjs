// The types that users see name no SDK: from the declarations of every entry, all that they import is followed.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { entries } from '../lib/entries.mjs'
import { root } from '../lib/files.mjs'
import { conclude } from '../lib/gate.mjs'

const built = new Map(
  entries().map(({ subpath, built: path }) => [`strongroom${subpath.slice(1)}`, declarationOf(path)]),
)
const seen = new Set(built.values())
/** @type {string[]} */
const breaches = []
for (const path of seen) {
  const text = readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  for (const [, specifier = ''] of text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*["']([^"']+)["']/g)) {
    const own = specifier.startsWith('.')
      ? join(dirname(path), declarationOf(specifier))
      : built.get(specifier)
    if (own !== undefined) seen.add(own)
    else if (!specifier.startsWith('node:')) breaches.push(`${path}: shows a type of ${specifier}`)
  }
}
conclude(`${seen.size} declarations name no package`, breaches)

/** @param {string} path */
function declarationOf(path) {
  return join(path.replace(/\.js$/, '.d.ts'))
}
