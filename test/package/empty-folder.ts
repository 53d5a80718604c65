import { execFile } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The checkout, where the tarball and the SDKs to put beside it are. */
export const checkout: string = fileURLToPath(new URL('../..', import.meta.url))

export interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A folder outside the checkout with nothing in it but the packed package. */
export interface EmptyFolder {
  readonly path: string
  /** Puts a package of the checkout beside the packed one. */
  readonly link: (name: string) => void
  readonly write: (file: string, text: string) => void
  /** Runs Node there; resolves whatever the exit code is. */
  readonly node: (...args: readonly string[]) => Promise<Answer>
  readonly remove: () => void
}

/** Installs the tarball as a user would, without the network: nothing else is needed, and npm must find so. */
export async function emptyFolder(): Promise<EmptyFolder> {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'strongroom-package-')))
  const write = (file: string, text: string): void => writeFileSync(join(path, file), text)
  write('package.json', '{ "private": true }')
  const tarball = join(checkout, '.cache/pack/strongroom.tgz')
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', tarball], {
    cwd: path,
  })
  return {
    path,
    write,
    link: (name) => {
      const at = join(path, 'node_modules', name)
      mkdirSync(dirname(at), { recursive: true })
      symlinkSync(join(checkout, 'node_modules', name), at)
    },
    node: (...args) => answerOf(run(process.execPath, args, { cwd: path, env: cleanEnvironment() })),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** The source of a program in examples/, or what README shows of it. */
export function textOf(path: string): string {
  return readFileSync(join(checkout, path), 'utf8')
}

/** No credentials, endpoints or Node options of the machine reach the programs under test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot']
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.includes(name)))
  // The SDK's notice about Node 20 is no word of ours.
  return { ...clean, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' }
}

async function answerOf(running: Promise<{ stdout: string; stderr: string }>): Promise<Answer> {
  try {
    return { code: 0, ...(await running) }
  } catch (error) {
    if (!isExit(error)) throw error
    return error
  }
}

function isExit(error: unknown): error is Answer {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'stderr' in error
}
