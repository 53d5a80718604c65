// Builds dist/: the library file by file with tsc; layers and boundary, the emulators and the command as bundles of their own.
// With --if-needed it does nothing when dist/ is newer than every source.
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleCommand, bundleEmulators, bundleRooms } from './lib/bundle.mjs'
import { filesUnder, root } from './lib/files.mjs'
import { licencesOf } from './lib/licences.mjs'

const notices = join(root, 'dist/THIRD-PARTY-LICENSES.txt')

if (!process.argv.includes('--if-needed') || !isFresh()) await build()

async function build() {
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  compileLibrary()
  const bundles = [...(await bundleRooms()), await bundleEmulators(), await bundleCommand()]
  chmodSync(join(root, 'dist/cli/main.js'), 0o755)
  linkCommand()
  // Written last: its time says when the build ended.
  writeFileSync(notices, licencesOf(bundles))
  const modules = filesUnder('dist').filter((path) => path.endsWith('.js'))
  const bundled = bundles
    .flatMap(({ outputs }) => Object.keys(outputs))
    .filter((path) => path.endsWith('.js'))
  console.log(`dist: ${modules.length} modules, ${bundled.length} of them bundled`)
}

/** `npx strongroom` in the checkout is the command just built, as it is where the package is installed. */
function linkCommand() {
  const link = join(root, 'node_modules/.bin/strongroom')
  rmSync(link, { force: true })
  symlinkSync('../../dist/cli/main.js', link)
}

function isFresh() {
  const built = statSync(notices, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const inputs = ['src', 'providers', 'scripts', 'package.json', 'tsconfig.json', 'tsconfig.build.json']
  return inputs.flatMap(filesUnder).every((path) => statSync(join(root, path)).mtimeMs < built)
}

/** Types for everything but the command; JavaScript for what no bundle replaces. */
function compileLibrary() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) {
    console.error('tsc found errors; nothing was bundled')
    process.exit(1)
  }
  for (const path of filesUnder('dist')) {
    if (/\/(layers\/.*|boundary\/(?!redact).*|emulator\/.*|emulators)\.js(\.map)?$/.test(path))
      rmSync(join(root, path))
  }
}
