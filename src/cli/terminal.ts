import { openSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { ReadStream } from 'node:tty'

/** Everything outside that a command touches: the process in production, fakes in tests. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: Input
  /** The keyboard of whoever sits there, also when standard input is a pipe; `undefined` when nobody does. */
  readonly keyboard: () => Input | undefined
  readonly stdout: Sink
  readonly stderr: Sink
  /** Aborted by SIGINT or SIGTERM, with the signal's name as the reason. */
  readonly stop: AbortSignal
}

export type Input = Readable & {
  readonly isTTY?: boolean
  readonly setRawMode?: (raw: boolean) => unknown
}

export interface Sink {
  readonly isTTY?: boolean
  write(chunk: string | Uint8Array): unknown
}

export function processTerminal(stop: AbortSignal): Terminal {
  const { env, stdout, stderr } = process
  return {
    env,
    cwd: process.cwd(),
    stdout,
    stderr,
    stop,
    keyboard: () => controllingTerminal() ?? (process.stdin.isTTY === true ? process.stdin : undefined),
    // A getter: touching stdin opens it, which commands that read nothing need not pay for.
    get stdin() {
      return process.stdin
    },
  }
}

/** Windows has none by this name; a process without a terminal cannot open it. */
function controllingTerminal(): Input | undefined {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENXIO'].includes(String(error.code)))
      return undefined
    throw error
  }
}
