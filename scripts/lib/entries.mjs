import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './files.mjs'

/**
 * The public entry points: subpath, source and built file, as package.json exports them.
 *
 * @returns {{ subpath: string, source: string, built: string }[]}
 */
export function entries() {
  /** @type {{ exports: Record<string, string | Record<string, string>> }} */
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return Object.entries(exports).flatMap(([subpath, target]) => {
    if (typeof target === 'string') return []
    const { 'strongroom-source': source, default: built } = target
    if (source === undefined || built === undefined)
      throw new Error(`exports ${subpath}: needs strongroom-source and default`)
    return [{ subpath, source, built }]
  })
}

/** @param {string} source */
export function isEmulator(source) {
  return /\/emulators?(\/index)?\.ts$/.test(source)
}

/** Packages that users bring: the official SDKs. */
export function peers() {
  /** @type {{ peerDependencies: Record<string, string> }} */
  const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return Object.keys(peerDependencies)
}
