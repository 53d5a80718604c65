// Packs the built package into .cache/pack/strongroom.tgz; the build is the caller's, so that it happens once.
import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/files.mjs'

const folder = join(root, '.cache/pack')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const answer = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
  cwd: root,
  encoding: 'utf8',
})
/** @type {{ filename: string, size: number, entryCount: number, files: { path: string }[] }[]} */
const [packed] = JSON.parse(answer)
if (packed === undefined) throw new Error('npm pack named no file')
if (!packed.files.some((file) => file.path === 'dist/src/index.js'))
  throw new Error('not built: run npm run build')
renameSync(join(folder, packed.filename), join(folder, 'strongroom.tgz'))
console.log(`strongroom.tgz: ${packed.entryCount} files, ${Math.round(packed.size / 1024)} KiB`)
